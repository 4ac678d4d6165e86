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

// The words of the scripts about kept sessions and the cache.
func init() {
	commands["keyring"] = startKeyring
	commands["sessions"] = setSessions
	commands["runout"] = runOut
	commands["signins"] = checkSignIns
	commands["stscalls"] = checkSTSCalls
	commands["document"] = checkDocument
	commands["append"] = appendLine
	commands["ageing"] = ageing
	commands["readonly"] = setWritable(false)
	commands["writable"] = setWritable(true)
	commands["hang"] = hang
}

// startKeyring gives the script a Secret Service of its own: keyring [locked].
func startKeyring(ts *testscript.TestScript, _ bool, args []string) {
	bus, err := keyringtest.Start(strings.Join(args, "") == "locked")
	ts.Check(err)
	sceneOf(ts).bus = bus
	ts.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
}

// setSessions says what becomes of Microsoft's sessions: sessions [STATE].
func setSessions(ts *testscript.TestScript, _ bool, args []string) {
	sceneOf(ts).cloud.SetSessions(fakecloud.SessionState(strings.Join(args, "")))
}

// runOut takes the credentials that are cached, as time would, and the
// failure that is shared for some seconds.
func runOut(ts *testscript.TestScript, _ bool, _ []string) {
	for _, kind := range []string{"credentials", "failure", "assertion"} {
		names, err := filepath.Glob(filepath.Join(sceneOf(ts).home, ".aws", "o365aws", "cache", kind+"-*"))
		ts.Check(err)
		for _, name := range names {
			ts.Check(os.Remove(name))
		}
	}
}

// checkSignIns counts the sign-ins that were begun: signins N.
func checkSignIns(ts *testscript.TestScript, _ bool, args []string) {
	if got := fmt.Sprint(sceneOf(ts).signIns()); got != strings.Join(args, " ") {
		ts.Fatalf("%s sign-ins", got)
	}
}

func (s *scene) signIns() int {
	n := 0
	for _, r := range s.cloud.Requests() {
		if r.Method == http.MethodGet && strings.HasSuffix(r.Path, "/saml2") {
			n++
		}
	}
	return n
}

// checkSTSCalls counts the roles that were assumed: stscalls N.
func checkSTSCalls(ts *testscript.TestScript, _ bool, args []string) {
	if got := fmt.Sprint(sceneOf(ts).stsCalls()); got != strings.Join(args, " ") {
		ts.Fatalf("%s calls of AssumeRoleWithSAML", got)
	}
}

func (s *scene) stsCalls() int {
	n := 0
	for _, r := range s.cloud.Requests() {
		if r.Action == "AssumeRoleWithSAML" {
			n++
		}
	}
	return n
}

// processOutput is all that credential-process may write.
var processOutput = regexp.MustCompile(
	`^\{"Version":1,"AccessKeyId":"ASIA[A-Z0-9]+","SecretAccessKey":"[^"]+","SessionToken":"[^"]+","Expiration":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"\}\n$`,
)

// checkDocument requires that the last program wrote the one document of
// credential-process, and not a word besides.
func checkDocument(ts *testscript.TestScript, _ bool, _ []string) {
	if out := ts.ReadFile("stdout"); !processOutput.MatchString(out) {
		ts.Fatalf("stdout is not the document: %d bytes", len(out))
	}
	if words := ts.ReadFile("stderr"); words != "" {
		ts.Fatalf("stderr: %s", words)
	}
}

// appendLine adds lines to a file: append FILE LINE...
func appendLine(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	ts.Check(err)
	_, err = f.WriteString(strings.Join(args[1:], "\n") + "\n")
	ts.Check(err)
	ts.Check(f.Close())
}

// ageing leaves the cached credentials of the default profile so much time:
// ageing DURATION.
func ageing(ts *testscript.TestScript, _ bool, args []string) {
	left, err := time.ParseDuration(strings.Join(args, ""))
	ts.Check(err)
	dir := cache.In(filepath.Join(sceneOf(ts).home, ".aws", "o365aws"))
	e, ok := dir.Get(ts.Getenv("CONFIG"), "default", "")
	if !ok {
		ts.Fatalf("nothing is cached")
	}
	e.Obtained, e.Expires = time.Now().Add(left-time.Hour), time.Now().Add(left)
	ts.Check(dir.Put(e))
}

// setWritable gives or takes the right to write into folders of O365AWS_HOME.
// For root, whom rights do not stop, a file takes the folder's place.
func setWritable(writable bool) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, folders []string) {
		for _, name := range folders {
			folder := filepath.Join(sceneOf(ts).home, ".aws", "o365aws", name)
			ts.Check(os.RemoveAll(folder))
			if !writable {
				ts.Check(os.WriteFile(folder, nil, 0o400))
			}
		}
	}
}

// hang stops the keyring without ending it.
func hang(ts *testscript.TestScript, _ bool, _ []string) { ts.Check(sceneOf(ts).bus.Hang()) }
