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

// startTenant starts an empty tenant and an empty AWS account: tenant [ARG...],
// each a fault of fakegraph.Faults, or KEY=VALUE:
//
//	partition   of the AWS account
//	program     what the token of the program allows, by commas
//	roles       ids of the directory roles of the person
//
// The admin's credentials for both are in the environment, as in CI; a person
// who signs in by the code of a device is ada, who enters it at once.
func startTenant(ts *testscript.TestScript, _ bool, args []string) {
	s := sceneOf(ts)
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
	s.cloud, s.changes = cloud, 0
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

// checked is a script as graphspec wants a test.
type checked struct{ ts *testscript.TestScript }

func (checked) Helper()                             {}
func (c checked) Logf(format string, args ...any)   { c.ts.Logf(format, args...) }
func (c checked) Fatalf(format string, args ...any) { c.ts.Fatalf(format, args...) }

// Errorf is called by a handler of the double, which cannot end the script.
func (c checked) Errorf(format string, args ...any) {
	s := sceneOf(c.ts)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.violations++
	c.ts.Logf(format, args...)
}

// checkThere counts what is there: there THING=N...
func checkThere(ts *testscript.TestScript, _ bool, args []string) {
	cloud := sceneOf(ts).cloud
	applications, deleted := cloud.Graph.Applications()
	certificates, _ := cloud.Graph.ActiveCertificates()
	have := map[string]int{
		"applications": applications, "deleted": deleted, "certificates": len(certificates), "assignments": len(cloud.Graph.Assigned()),
		"keys": cloud.ImportKeys(), "owners": len(cloud.Graph.Owners()), "trusted": len(cloud.ProviderCertificates()),
	}
	for _, arg := range args {
		name, want, _ := strings.Cut(arg, "=")
		if n, known := have[name]; !known || strconv.Itoa(n) != want {
			ts.Fatalf("there are %d %s, not %s", n, name, want)
		}
	}
}

// checkChanged counts the changes in both clouds since the last look: changed
// N. It also wants every call of Graph so far to be as Microsoft describes it.
func checkChanged(ts *testscript.TestScript, neg bool, args []string) {
	s := sceneOf(ts)
	all := len(s.cloud.Graph.Writes()) + len(s.cloud.AWSWrites())
	now := all - s.changes
	s.changes = all
	s.mu.Lock()
	violations := s.violations
	s.mu.Unlock()
	if violations > 0 {
		ts.Fatalf("%d calls of Graph are not as Microsoft describes them", violations)
	}
	if len(args) == 1 && (args[0] == strconv.Itoa(now)) == neg || len(args) == 0 && (now > 0) == neg {
		ts.Fatalf("%d changes, want %v", now, args)
	}
}

func (s *scene) pidFile() string { return filepath.Join(s.work, "pid") }

// wrote springs the trap, when there is one, before the answer goes out.
func (s *scene) wrote(write string) {
	s.mu.Lock()
	trap := s.trap
	s.mu.Unlock()
	if trap != nil {
		trap(write)
	}
}

var trapSignals = map[string]os.Signal{"kill": os.Kill, "interrupt": os.Interrupt}

// setTrap signals the program at its first write that matches, before the
// program hears that it went through: trap kill|interrupt REGEXP.
func setTrap(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 || trapSignals[args[0]] == nil {
		ts.Fatalf("usage: trap kill|interrupt REGEXP")
	}
	sceneOf(ts).arm(trapSignals[args[0]], regexp.MustCompile(args[1]).MatchString)
}

// arm sets the trap and returns what tells whether it sprang.
func (s *scene) arm(signal os.Signal, wanted func(write string) bool) (sprung func() string) {
	var at string
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trap = func(now string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if at != "" || !wanted(now) {
			return
		}
		// A write may be the last one of a program that is dead already.
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

// killsEach is how often a program is killed at a kind of write: what two runs
// leave behind is more than what one does, as with two roles or two keys.
const killsEach = 2

// resumeAfterEachWrite kills a program at each kind of write, in the order in
// which they come, runs it again each time, and wants it to get to its end:
// resumes PROGRAM ARGS...
func resumeAfterEachWrite(ts *testscript.TestScript, _ bool, args []string) {
	s := sceneOf(ts)
	var writes []string
	for {
		sprung := s.arm(os.Kill, func(write string) bool {
			return len(slices.DeleteFunc(slices.Clone(writes), func(w string) bool { return w != write })) < killsEach
		})
		err := ts.Exec(args[0], args[1:]...)
		write := sprung()
		if write == "" {
			ts.Check(err)
			break
		}
		if err == nil || len(writes) > 100 {
			ts.Fatalf("killed at %s, but it ended well (or will never end: %q)", write, writes)
		}
		writes = append(writes, write)
	}
	s.mu.Lock()
	s.trap = nil
	s.mu.Unlock()
	ts.Logf("killed %d times: %s", len(writes), strings.Join(writes, ", "))
	// Which kinds come first is chance: a request that is on its way when the
	// program dies is carried out all the same.
	aws := func(write string) bool { return strings.HasPrefix(write, "iam:") }
	kinds := slices.Compact(slices.Sorted(slices.Values(writes)))
	if others := len(slices.DeleteFunc(slices.Clone(kinds), aws)); others < 5 || len(kinds)-others < 3 {
		ts.Fatalf("it was killed at %q only", writes)
	}
}
