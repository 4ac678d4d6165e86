//go:build linux

package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/configure"
	"github.com/o365aws/o365aws/internal/fakecloud"
	"github.com/o365aws/o365aws/internal/keyringtest"
	"github.com/o365aws/o365aws/internal/securefile"
	"github.com/o365aws/o365aws/internal/testenv"
)

// program builds the released program once and returns its path.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "o365aws-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "o365aws")
	cmd := exec.Command(
		"go", "build", "-trimpath", "-tags", "urfave_cli_no_docs", "-o", path,
		"github.com/o365aws/o365aws/cmd/o365aws",
	)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// signedIn is a home with five profiles of a signed-in user.
type signedIn struct {
	t       testing.TB
	state   *scriptState
	program string
	env     []string
}

const profilesOfOne = 5

func newSignedIn(t testing.TB, scenario string) *signedIn {
	t.Helper()
	testenv.Needs(t, "Chromium", "gnome-keyring")
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	bus, err := keyringtest.Start(false)
	if err != nil {
		t.Fatal(err)
	}
	cloud := startedCloud(t, scenario)
	s := &signedIn{t: t, program: path, state: &scriptState{home: t.TempDir(), work: t.TempDir(), cloud: cloud, bus: bus}}
	t.Cleanup(bus.Stop)
	command := configure.ProcessCommand(spacedLink(t, path), runtime.GOOS)
	var config strings.Builder
	fmt.Fprintf(
		&config, "[default]\nazure_tenant_id = %s\nazure_default_username = %s\nregion = eu-central-1\n",
		fakecloud.TenantDomain, fakecloud.UserName,
	)
	for i := range profilesOfOne {
		name := fmt.Sprintf("p%d", i)
		line, err := command(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(
			&config,
			"[profile %s]\no365aws_base = default\nregion = eu-central-1\nazure_default_role_arn = arn:aws:iam::%012d:role/azure.admin\ncredential_process = %s\n",
			name, 100000000000+i*1111, line,
		)
		fmt.Fprintf(
			&config,
			"[profile plain-%s]\nregion = eu-central-1\ncredential_process = %s credential-process --profile %[1]s\n",
			name, path,
		)
	}
	if err := os.MkdirAll(filepath.Join(s.state.home, ".aws"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.state.home, ".aws", "config"), []byte(config.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	ca := filepath.Join(s.state.work, "ca.pem")
	if err := cloud.WriteCA(ca); err != nil {
		t.Fatal(err)
	}
	s.env = []string{
		"HOME=" + s.state.home, "PATH=" + os.Getenv("PATH"), "HTTPS_PROXY=" + cloud.ProxyURL(), "AWS_CA_BUNDLE=" + ca,
		"DBUS_SESSION_BUS_ADDRESS=" + bus.Address, "O365AWS_BROWSER_ARGS=" + browserArgs(), "AWS_EC2_METADATA_DISABLED=true", "TZ=UTC",
	}
	login := exec.Command(path, "login", "--profile", "p0")
	login.Env = append(s.env, "O365AWS_PASSWORD="+fakecloud.Password)
	if out, err := login.CombinedOutput(); err != nil {
		t.Fatalf("login: %v\n%s", err, out)
	}
	return s
}

// spacedLink returns a path to the program that contains a space.
func spacedLink(t testing.TB, program string) string {
	t.Helper()
	link := filepath.Join(t.TempDir(), "my programs (new)", "o365aws")
	if err := errors.Join(os.Mkdir(filepath.Dir(link), 0o700), os.Symlink(program, link)); err != nil {
		t.Fatal(err)
	}
	return link
}

// expireCache removes cached data.
func (s *signedIn) expireCache() {
	s.t.Helper()
	names, err := filepath.Glob(filepath.Join(s.state.home, ".aws", "o365aws", "cache", "*-*"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, name := range names {
		if err := os.Remove(name); err != nil {
			s.t.Fatal(err)
		}
	}
}

// call is a credential-process call and its result.
type call struct {
	profile        string
	cmd            *exec.Cmd
	stdout, stderr bytes.Buffer
	killed         bool
	code           int
}

// callAll runs n concurrent calls and kills the processes selected by kill.
func (s *signedIn) callAll(n int, kill func(calls []*call)) []*call {
	s.t.Helper()
	calls := make([]*call, n)
	for i := range calls {
		c := &call{profile: fmt.Sprintf("p%d", i%profilesOfOne)}
		c.cmd = exec.Command(s.program, "credential-process", "--profile", c.profile)
		c.cmd.Env, c.cmd.Stdout, c.cmd.Stderr = s.env, &c.stdout, &c.stderr
		if err := c.cmd.Start(); err != nil {
			s.t.Fatal(err)
		}
		calls[i] = c
	}
	if kill != nil {
		kill(calls)
	}
	for _, c := range calls {
		_ = c.cmd.Wait() // the exit code is checked
		c.code = c.cmd.ProcessState.ExitCode()
	}
	return calls
}

// right checks that all calls that were not killed returned the same credentials of their
// profile.
func right(t *testing.T, calls []*call) {
	t.Helper()
	keys := map[string]string{}
	for _, c := range calls {
		if c.killed {
			if out := c.stdout.String(); out != "" && !processOutput.MatchString(out) {
				t.Errorf("killed call: got %d bytes of output, want none or a document", len(out))
			}
			continue
		}
		if c.code != 0 || c.stderr.Len() > 0 || !processOutput.MatchString(c.stdout.String()) {
			t.Fatalf("%s: code %d, %d bytes, stderr %q", c.profile, c.code, c.stdout.Len(), c.stderr.String())
		}
		var document struct {
			AccessKeyID string `json:"AccessKeyId"`
		}
		if err := json.Unmarshal(c.stdout.Bytes(), &document); err != nil {
			t.Fatal(err)
		}
		if old := keys[c.profile]; old != "" && old != document.AccessKeyID {
			t.Errorf("%s: got two different results, want one", c.profile)
		}
		keys[c.profile] = document.AccessKeyID
	}
	if len(keys) != profilesOfOne {
		t.Errorf("got credentials of %d profiles", len(keys))
	}
}

const manyCalls = 200

// Two hundred calls without cached credentials cause one sign-in with the stored session
// and one STS call per role.
func TestManyCallsOneSignIn(t *testing.T) {
	s := newSignedIn(t, "many-roles")
	s.state.cloud.Slow(300 * time.Millisecond)
	s.expireCache()
	signIns, calls := s.state.signIns(), s.state.stsCalls()
	right(t, s.callAll(manyCalls, nil))
	if n := s.state.signIns() - signIns; n != 1 {
		t.Errorf("%d sign-ins", n)
	}
	if n := s.state.stsCalls() - calls; n != profilesOfOne {
		t.Errorf("got %d calls to STS", n)
	}
	if n := s.state.cloud.PhonePrompts(); n != 1 {
		t.Errorf("got %d push notifications, want none", n-1)
	}

	s.warmNeedsNothing()

	// Processes that sign in are killed repeatedly, and others take over.
	s.expireCache()
	signIns, calls = s.state.signIns(), s.state.stsCalls()
	kills := 0
	right(t, s.callAll(manyCalls, func(calls []*call) {
		for range 12 {
			time.Sleep(time.Duration(rand.IntN(120)) * time.Millisecond) // at a random moment
			for _, c := range s.workers(calls) {
				if c.cmd.Process.Kill() == nil {
					c.killed = true
					kills++
				}
			}
		}
	}))
	signIns, calls = s.state.signIns()-signIns, s.state.stsCalls()-calls
	t.Logf("%d killed, %d sign-ins, %d calls to STS", kills, signIns, calls)
	if kills == 0 {
		t.Error("no process was killed")
	}
	if signIns > 1+kills || calls > profilesOfOne+kills {
		t.Errorf("more calls than kills explain: %d killed, %d sign-ins, %d calls to STS", kills, signIns, calls)
	}
	if n := s.state.cloud.PhonePrompts(); n != 1 {
		t.Errorf("got %d push notifications, want none", n-1)
	}

	// After the session expires, all calls fail quickly without push notifications.
	s.state.cloud.SetSessions(fakecloud.SessionRevoked)
	s.expireCache()
	signIns = s.state.signIns()
	for _, c := range s.callAll(manyCalls, nil) {
		if c.code != 3 || c.stdout.Len() > 0 || strings.Count(c.stderr.String(), "\n") != 1 ||
			!strings.Contains(c.stderr.String(), "run o365aws login --profile "+c.profile) {
			t.Fatalf("code %d, stdout %d bytes, stderr %q", c.code, c.stdout.Len(), c.stderr.String())
		}
	}
	if n := s.state.signIns() - signIns; n != 1 {
		t.Errorf("expired session: got %d sign-ins", n)
	}
	if n := s.state.cloud.PhonePrompts(); n != 1 {
		t.Errorf("got %d push notifications, want none", n-1)
	}
}

// A call that looks up the tenant's GUID waits for calls that already have it: two
// concurrent renewals of a session would invalidate it.
func TestResolvedTenantWaits(t *testing.T) {
	s := newSignedIn(t, "many-roles")
	state := filepath.Join(s.state.home, ".aws", "o365aws")
	if err := os.RemoveAll(filepath.Join(state, "cache")); err != nil {
		t.Fatal(err)
	}
	identity := cache.Key("global", fakecloud.TenantID, fakecloud.UserName)
	unlock, err := securefile.Lock(t.Context(), filepath.Join(state, "locks", "identity-"+identity+".lock"))
	if err != nil {
		t.Fatal(err)
	}
	signIns := s.state.signIns()
	call := func(timeout string) (int, string) {
		cmd := exec.Command(s.program, "credential-process", "--profile", "p0", "--timeout", timeout)
		var said bytes.Buffer
		cmd.Env, cmd.Stderr = s.env, &said
		if err := cmd.Run(); cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return cmd.ProcessState.ExitCode(), said.String()
	}
	if code, said := call("3s"); code != 3 || !strings.Contains(said, "another o365aws process has not finished signing in") {
		t.Errorf("with the lock held: code %d, %s", code, said)
	}
	if n := s.state.signIns() - signIns; n != 0 {
		t.Errorf("got %d sign-ins while another process held the lock", n)
	}
	unlock()
	if err := os.RemoveAll(filepath.Join(state, "cache")); err != nil { // with the shared failure and the GUID
		t.Fatal(err)
	}
	if code, _ := call("50s"); code != 0 || s.state.signIns()-signIns != 1 {
		t.Errorf("afterwards: code %d, %d sign-ins", code, s.state.signIns()-signIns)
	}
}

// workers returns one or two calls that hold a lock, from the kernel's list of locks.
func (s *signedIn) workers(calls []*call) []*call {
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		return nil
	}
	for _, line := range strings.Split(string(locks), "\n") {
		fields := strings.Fields(line)
		if len(fields) < 5 || fields[1] != "FLOCK" {
			continue
		}
		for _, c := range calls {
			if !c.killed && fields[4] == fmt.Sprint(c.cmd.Process.Pid) {
				return []*call{c}
			}
		}
	}
	live := calls[rand.IntN(len(calls))] // the kernel does not list locks
	if live.killed {
		return nil
	}
	return []*call{live}
}
