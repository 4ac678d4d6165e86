package cli_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

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
var processOutput = regexp.MustCompile(`^\{"Version":1,"AccessKeyId":"ASIA[A-Z0-9]+","SecretAccessKey":"[^"]+","SessionToken":"[^"]+","Expiration":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"\}\n$`)

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
