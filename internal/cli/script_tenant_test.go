package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/o365aws/o365aws/internal/fakecloud"
	fakegraph "github.com/o365aws/o365aws/internal/fakecloud/graph"
	"github.com/o365aws/o365aws/internal/fakecloud/graphspec"
)

// startEmptyTenant starts an empty tenant and an empty AWS account. Each argument is a
// fault of fakegraph.Faults, or KEY=VALUE:
//
//	partition   of the AWS account
//	program     permissions of the application's token, separated by commas
//	roles       IDs of the user's directory roles
//
// The admin's credentials for both are in the environment, as in CI. The device code flow
// signs in ada, who enters the code immediately.
func startEmptyTenant(ts *testscript.TestScript, _ bool, args []string) {
	s := stateOf(ts)
	o := fakecloud.Options{Empty: true, Scenario: "push-waits", OnIAM: func(action string) { s.wrote("iam:" + action) }}
	o.Graph = fakegraph.Options{
		OnCall:  graphspec.Check(checked{ts}),
		OnWrite: func(_ int, w fakegraph.Write) { s.wrote(w.Method + " " + w.Path) }, Approves: fakecloud.UserName,
	}
	for _, arg := range args {
		switch key, value, _ := strings.Cut(arg, "="); key {
		case "partition":
			o.Partition = value
		case "program":
			o.Graph.Program = strings.Split(value, ",")
		case "roles":
			o.Graph.DirectoryRoles = strings.Split(value, ",")
		default:
			o.Graph.Faults = append(o.Graph.Faults, arg)
		}
	}
	cloud, err := fakecloud.New(o)
	ts.Check(err)
	ts.Check(cloud.Start())
	if s.cloud != nil {
		ts.Check(s.cloud.Close())
	}
	s.mu.Lock()
	s.cloud, s.changes = cloud, 0
	s.mu.Unlock()
	ca := filepath.Join(s.work, "ca.pem")
	ts.Check(cloud.WriteCA(ca))
	reply, err := replyURL()
	ts.Check(err)
	for name, value := range map[string]string{
		"REPLY": reply, "HTTPS_PROXY": cloud.ProxyURL(), "AWS_CA_BUNDLE": ca, "PASSWORD": fakecloud.Password, "TENANT": fakecloud.TenantDomain, "ACCOUNT": fakecloud.AccountID,
		"AZURE_TENANT_ID": fakecloud.TenantID, "AZURE_CLIENT_ID": fakegraph.ProgramID, "AZURE_CLIENT_SECRET": fakegraph.ProgramSecret,
		"AWS_ACCESS_KEY_ID": fakecloud.AdminKeyID, "AWS_SECRET_ACCESS_KEY": fakecloud.AdminSecret, "AWS_REGION": regionOf[o.Partition], "AWS_DEFAULT_REGION": regionOf[o.Partition], "PIDFILE": s.pidFile(),
	} {
		ts.Setenv(name, value)
	}
}

var regionOf = map[string]string{"": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}

// checked adapts a script to graphspec.TB.
type checked struct{ ts *testscript.TestScript }

func (checked) Helper()                             {}
func (c checked) Logf(format string, args ...any)   { c.ts.Logf(format, args...) }
func (c checked) Fatalf(format string, args ...any) { c.ts.Fatalf(format, args...) }

// Errorf is called by a handler of the emulator, which cannot stop the script.
func (c checked) Errorf(format string, args ...any) {
	s := stateOf(c.ts)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.violations++
	c.ts.Logf(format, args...)
}

func checkCount(ts *testscript.TestScript, _ bool, args []string) {
	cloud := stateOf(ts).cloud
	applications, deleted := cloud.Graph.Applications()
	certificates, _ := cloud.Graph.ActiveCertificates()
	have := map[string]int{
		"applications": applications, "deleted": deleted, "certificates": len(certificates), "assignments": len(cloud.Graph.Assigned()),
		"keys": cloud.ImportKeys(), "owners": len(cloud.Graph.Owners()), "trusted": len(cloud.ProviderCertificates()),
	}
	for _, arg := range args {
		name, want, _ := strings.Cut(arg, "=")
		if n, known := have[name]; !known || strconv.Itoa(n) != want {
			ts.Fatalf("%s: got %d, want %s", name, n, want)
		}
	}
}

// checkCloudChanges counts the changes in both clouds since the last check. It also fails
// if a Graph call violated Microsoft's specification.
func checkCloudChanges(ts *testscript.TestScript, neg bool, args []string) {
	s := stateOf(ts)
	all := len(s.cloud.Graph.Writes()) + len(s.cloud.AWSWrites())
	now := all - s.changes
	s.changes = all
	s.mu.Lock()
	violations := s.violations
	s.mu.Unlock()
	if violations > 0 {
		ts.Fatalf("%d calls of Graph differ from Microsoft's description", violations)
	}
	if len(args) == 1 && (args[0] == strconv.Itoa(now)) == neg || len(args) == 0 && (now > 0) == neg {
		ts.Fatalf("%d changes, want %v", now, args)
	}
}

func (s *scriptState) pidFile() string { return filepath.Join(s.work, "pid") }

// wrote is called for each write before the response is sent.
func (s *scriptState) wrote(write string) {
	s.mu.Lock()
	onWrite := s.onWrite
	s.mu.Unlock()
	if onWrite != nil {
		onWrite(write)
	}
}

var signalNames = map[string]os.Signal{"kill": os.Kill, "interrupt": os.Interrupt}

// signalAtWrite sends the program a signal at its first matching write, before it
// receives the response.
func signalAtWrite(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 || signalNames[args[0]] == nil {
		ts.Fatalf("usage: signal-at kill|interrupt REGEXP")
	}
	stateOf(ts).arm(signalNames[args[0]], regexp.MustCompile(args[1]).MatchString)
}

// arm signals the program at the next matching write. sent returns that write, or "" if
// there was none yet.
func (s *scriptState) arm(signal os.Signal, matches func(write string) bool) (sent func() string) {
	var at string
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onWrite = func(now string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if at != "" || !matches(now) {
			return
		}
		// The write may be the last one of a program that has already exited.
		data, err := os.ReadFile(s.pidFile())
		if err != nil {
			return
		}
		pid, err := strconv.Atoi(string(data))
		if err != nil {
			return
		}
		if program, err := os.FindProcess(pid); err == nil && program.Signal(signal) == nil {
			at = now
		}
	}
	return func() string {
		s.mu.Lock()
		defer s.mu.Unlock()
		return at
	}
}

// killsEach is how often a program is killed at each kind of write: two aborted runs may
// leave behind two roles or two keys.
const killsEach = 2

// killAtEachWrite kills a program at each kind of write, in the order in which they
// occur, and runs it again each time until it completes.
func killAtEachWrite(ts *testscript.TestScript, _ bool, args []string) {
	s := stateOf(ts)
	var writes []string
	for {
		sent := s.arm(os.Kill, func(write string) bool {
			return len(slices.DeleteFunc(slices.Clone(writes), func(w string) bool { return w != write })) < killsEach
		})
		err := ts.Exec(args[0], args[1:]...)
		write := sent()
		if write == "" {
			ts.Check(err)
			break
		}
		if err == nil || len(writes) > 100 {
			ts.Fatalf("killed at %s, but it exited with 0 (or does not terminate: %q)", write, writes)
		}
		writes = append(writes, write)
	}
	s.mu.Lock()
	s.onWrite = nil
	s.mu.Unlock()
	ts.Logf("killed %d times: %s", len(writes), strings.Join(writes, ", "))
	// Which kinds occur first is random: a request that was sent before the program was
	// killed is still executed.
	aws := func(write string) bool { return strings.HasPrefix(write, "iam:") }
	kinds := slices.Compact(slices.Sorted(slices.Values(writes)))
	if others := len(slices.DeleteFunc(slices.Clone(kinds), aws)); others < 5 || len(kinds)-others < 3 {
		ts.Fatalf("killed only at %q", writes)
	}
}
