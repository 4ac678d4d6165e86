package cli_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/o365aws/o365aws/internal/fakecloud"
)

// outcome is how a sign-in ended.
type outcome struct {
	Code      int
	Error     string // first line of the error
	Phone     int    // requests sent to the phone
	Passwords int    // forms posted with a password
}

// signInWith signs in once without a terminal.
func signInWith(t *testing.T, cloud *fakecloud.Cloud, user, browser string, env ...string) outcome {
	t.Helper()
	home := t.TempDir()
	config, ca := filepath.Join(home, "config"), filepath.Join(home, "ca.pem")
	text := "[default]\nregion = eu-central-1\nazure_tenant_id = " + fakecloud.TenantDomain +
		"\nazure_default_username = " + user + "\no365aws_login_hosts = " + fakecloud.ADFSHost + "\n"
	for path, data := range map[string]string{config: text, ca: string(cloud.CAPEM())} {
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Args = []string{"o365aws", "login", "--browser", browser, "--role", "111122223333/azure.reader"} // see TestMain
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_RUNTIME_DIR=" + home, "AWS_CONFIG_FILE=" + config,
		"AWS_SHARED_CREDENTIALS_FILE=" + filepath.Join(home, "credentials"), "HTTPS_PROXY=" + cloud.ProxyURL(),
		"AWS_CA_BUNDLE=" + ca, "O365AWS_PASSWORD=" + fakecloud.Password, "O365AWS_REMEMBER=none",
		"O365AWS_BROWSER_PATH=" + os.Getenv("O365AWS_BROWSER_PATH"), "O365AWS_BROWSER_ARGS=" + browserArgs(),
		"GORACE=" + detector(home),
	}, env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	_ = cmd.Run() // the exit code is the result
	got := outcome{Code: cmd.ProcessState.ExitCode(), Phone: cloud.PhonePrompts()}
	for line := range strings.Lines(stderr.String()) {
		if _, message, found := strings.Cut(line, "error: "); found && got.Error == "" {
			got.Error = strings.TrimSpace(message)
		}
	}
	for _, r := range cloud.Requests() {
		if r.Method == "POST" && (slices.Contains(r.Form, "passwd") || slices.Contains(r.Form, "Password")) {
			got.Passwords++
		}
	}
	for _, problem := range append((&scriptState{hosts: []string{fakecloud.ADFSHost}}).strayed(cloud), races(home)...) {
		t.Error(problem)
	}
	t.Logf("%s", stderr.String())
	return got
}

// notOverHTTP lists scenarios that end in another way over HTTP, with the reason.
var notOverHTTP = map[string]string{
	"certificate-only": "asks for a certificate", "certificate": "asks for a certificate",
	"external-mfa": "is answered by another provider", "unknown-page": "is unknown",
	"passkey-only":   "asks for a passkey, which the page hides from a browser without passkeys",
	"device-browser": "is refused by a policy that looks at the browser",
	"cdn-blocked":    "has no script", "stuck": "is empty because of a script", "slow-script": "waits for a script",
	"pull-loop": "reloads itself", "framed": "is in a frame",
	"hangs": "times out with the text of the HTTP client", "hangs-midway": "times out with the text of the HTTP client",
	"server-busy": "reports the HTTP status", "confirm-phone": "confirms the phone in a script of the emulator",
}

// alsoInBrowser lists scenarios that run with both kinds of page. For the others,
// testdata/outcomes.txt has the outcome, which was the same in a browser.
var alsoInBrowser = []string{
	"", "push-denied", "phone-sign-in", "tiles", "throttled", "proof-up", "disabled", "mfa-twice", "session-pull",
	"conditional-access",
}

var updateOutcomes = flag.Bool("outcomes", false, "write testdata/outcomes.txt, from sign-ins in a browser")

// A sign-in over HTTP has the same outcome as in a browser: the same exit code
// and error, the same number of requests to the phone and of passwords sent.
func TestSignInOverHTTP(t *testing.T) {
	t.Parallel()
	const file = "testdata/outcomes.txt"
	data, err := os.ReadFile(file)
	if err != nil && !*updateOutcomes {
		t.Fatal(err)
	}
	stored := map[string]string{}
	for line := range strings.Lines(string(data)) {
		name, result, _ := strings.Cut(strings.TrimSpace(line), ": ")
		stored[name] = result
	}
	var mu sync.Mutex
	check := func(t *testing.T, scenario, user string) {
		t.Helper()
		name := strings.TrimSpace(scenario + " " + user)
		t.Run(name, func(t *testing.T) {
			parallelOnCPU(t)
			if *updateOutcomes || slices.Contains(alsoInBrowser, scenario) {
				inBrowser := fmt.Sprintf("%+v", signInWith(t, startedCloud(t, scenario), user, "headless"))
				if *updateOutcomes {
					mu.Lock()
					stored[name] = inBrowser
					mu.Unlock()
				}
				if inBrowser != stored[name] {
					t.Errorf("in a browser: got %s\nwant %s", inBrowser, stored[name])
				}
			}
			if got := fmt.Sprintf("%+v", signInWith(t, startedCloud(t, scenario), user, "none")); got != stored[name] {
				t.Errorf("over HTTP: got %s\nwant %s", got, stored[name])
			}
		})
	}
	t.Run("scenarios", func(t *testing.T) { // returns when its parallel subtests have finished
		for _, user := range []string{fakecloud.UserName, "linus@contoso.example", "alan@contoso.example"} {
			check(t, "", user)
		}
		for _, s := range fakecloud.Scenarios() {
			aws := strings.HasPrefix(s.Name, "sts-") || strings.HasPrefix(s.Name, "response-")
			if _, other := notOverHTTP[s.Name]; !other && !aws {
				check(t, s.Name, fakecloud.UserName)
			}
		}
	})
	if *updateOutcomes {
		var text strings.Builder
		for _, name := range slices.Sorted(maps.Keys(stored)) {
			fmt.Fprintf(&text, "%s: %s\n", name, stored[name])
		}
		if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A page that HTTP cannot answer ends the sign-in with advice.
func TestPageThatNeedsABrowser(t *testing.T) {
	parallelOnCPU(t)
	got := signInWith(t, startedCloud(t, "unknown-page"), fakecloud.UserName, "none")
	want := outcome{
		Code: 7, Error: "the sign-in needs a browser: page ConvergedSomethingNew on login.microsoftonline.com",
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
