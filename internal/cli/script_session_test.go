package cli_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/fakecloud"
	"github.com/o365aws/o365aws/internal/keyringtest"
)

// startKeyring starts a Secret Service for this script.
func startKeyring(ts *testscript.TestScript, _ bool, args []string) {
	stateOf(ts).needs("gnome-keyring")
	bus, err := keyringtest.Start(strings.Join(args, "") == "locked")
	ts.Check(err)
	stateOf(ts).bus = bus
	ts.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
}

// setSessions sets how Entra treats stored sessions.
func setSessions(ts *testscript.TestScript, _ bool, args []string) {
	stateOf(ts).cloud.SetSessions(fakecloud.SessionState(strings.Join(args, "")))
}

// expireCache removes data that expires: cached credentials, and the assertion and
// failure that are shared for a short time.
func expireCache(ts *testscript.TestScript, _ bool, _ []string) {
	for _, kind := range []string{"credentials", "failure", "assertion"} {
		names, err := filepath.Glob(filepath.Join(stateOf(ts).home, ".aws", "o365aws", "cache", kind+"-*"))
		ts.Check(err)
		for _, name := range names {
			ts.Check(os.Remove(name))
		}
	}
}

func checkSignIns(ts *testscript.TestScript, _ bool, args []string) {
	if got := fmt.Sprint(stateOf(ts).signIns()); got != strings.Join(args, " ") {
		ts.Fatalf("%s sign-ins, want %s", got, strings.Join(args, " "))
	}
}

func (s *scriptState) signIns() int {
	n := 0
	for _, r := range s.cloud.Requests() {
		if r.Method == http.MethodGet && strings.HasSuffix(r.Path, "/saml2") {
			n++
		}
	}
	return n
}

func checkSTSCalls(ts *testscript.TestScript, _ bool, args []string) {
	if got := fmt.Sprint(stateOf(ts).stsCalls()); got != strings.Join(args, " ") {
		ts.Fatalf("%s calls of AssumeRoleWithSAML, want %s", got, strings.Join(args, " "))
	}
}

// checkSessionPolicies compares the policies of the last session created by STS.
func checkSessionPolicies(ts *testscript.TestScript, _ bool, args []string) {
	if got := stateOf(ts).cloud.SessionPolicies(); strings.Join(got, " ") != strings.Join(args, " ") {
		ts.Fatalf("session policies: got %q, want %q", got, args)
	}
}

func (s *scriptState) stsCalls() int {
	n := 0
	for _, r := range s.cloud.Requests() {
		if r.Action == "AssumeRoleWithSAML" {
			n++
		}
	}
	return n
}

// processOutput matches the only valid output of credential-process.
var processOutput = regexp.MustCompile(
	`^\{"Version":1,"AccessKeyId":"ASIA[A-Z0-9]+","SecretAccessKey":"[^"]+","SessionToken":"[^"]+","Expiration":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"\}\n$`,
)

func checkCredentialJSON(ts *testscript.TestScript, _ bool, _ []string) {
	if out := ts.ReadFile("stdout"); !processOutput.MatchString(out) {
		ts.Fatalf("stdout is not the document: %d bytes", len(out))
	}
	if words := ts.ReadFile("stderr"); words != "" {
		ts.Fatalf("stderr: %s", words)
	}
}

func appendLines(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	ts.Check(err)
	_, err = f.WriteString(strings.Join(args[1:], "\n") + "\n")
	ts.Check(err)
	ts.Check(f.Close())
}

func setCacheExpiry(ts *testscript.TestScript, _ bool, args []string) {
	left, err := time.ParseDuration(strings.Join(args, ""))
	ts.Check(err)
	dir := cache.In(filepath.Join(stateOf(ts).home, ".aws", "o365aws"))
	e, ok := dir.Get(ts.Getenv("CONFIG"), "default", "")
	if !ok {
		ts.Fatalf("nothing is cached")
	}
	e.Obtained, e.Expires = time.Now().Add(left-time.Hour), time.Now().Add(left)
	ts.Check(dir.Put(e))
}

// setWritable makes folders of O365AWS_HOME writable or not. Permissions do not stop
// root, so it replaces the folder with a file.
func setWritable(writable bool) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, folders []string) {
		for _, name := range folders {
			folder := filepath.Join(stateOf(ts).home, ".aws", "o365aws", name)
			ts.Check(os.RemoveAll(folder))
			if !writable {
				ts.Check(os.WriteFile(folder, nil, 0o400))
			}
		}
	}
}

// hangKeyring suspends the keyring process.
func hangKeyring(ts *testscript.TestScript, _ bool, _ []string) { ts.Check(stateOf(ts).bus.Hang()) }
