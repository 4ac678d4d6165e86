//go:build unix

package cli_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/fakecloud"
)

// outcome is the result of a sign-in.
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
			got.Error = viewOf.ReplaceAllString(strings.TrimSpace(message), "$1")
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

var everyScenario = flag.Bool(
	"every-scenario", false, "sign in over HTTP in every scenario of Microsoft's pages, which takes ten minutes",
)

// usualScenarios are those of TestSignInOverHTTP without -every-scenario.
var usualScenarios = []string{
	"access-pass", "account-recovery", "cdn-blocked", "conditional-access", "disabled", "mfa-twice", "more-info-view",
	"passkey-only", "password-twice", "phone-sign-in", "proof-up", "push-denied", "server-busy", "session-pull",
	"terms-of-use", "text-message", "tiles", "unknown-page",
}

// viewOf is the part of an error that depends on whether a view was already shown.
var viewOf = regexp.MustCompile(`, view \d+|(did not answer within 30s).*`)

// A sign-in over HTTP has the same outcome as in a browser: the same exit code and error,
// and the same number of push notifications and submitted passwords. Where HTTP cannot
// answer a page, a browser continues.
func TestSignInOverHTTP(t *testing.T) {
	t.Parallel()
	withoutScript := []string{"cdn-blocked", "stuck"} // HTTP needs no client script
	type row struct{ scenario, user string }
	rows := []row{{"", fakecloud.UserName}, {"", "linus@contoso.example"}, {"", "alan@contoso.example"}}
	for _, s := range fakecloud.SignInScenarios() {
		// Polls that hang take minutes, and their number decides about the error. Only the
		// client script asks for the digits of a phone.
		excluded := s.Name == "poll-hangs" || s.Name == "confirm-phone"
		if !excluded && (*everyScenario || slices.Contains(usualScenarios, s.Name)) {
			rows = append(rows, row{s.Name, fakecloud.UserName})
		}
	}
	for _, row := range rows {
		t.Run(row.scenario+" "+row.user, func(t *testing.T) {
			parallelOnCPU(t)
			want := outcome{Phone: 1, Passwords: 1}
			if !slices.Contains(withoutScript, row.scenario) {
				want = signInWith(t, startedCloud(t, row.scenario), row.user, "headless")
			}
			got := signInWith(t, startedCloud(t, row.scenario), row.user, "none")
			if got != want {
				t.Errorf("over HTTP: got %+v\nwant as in a browser: %+v", got, want)
			}
		})
	}
}

// Without a browser, a page that HTTP cannot answer ends the sign-in with advice.
func TestPageThatNeedsABrowser(t *testing.T) {
	parallelOnCPU(t)
	got := signInWith(
		t, startedCloud(t, "unknown-page"), fakecloud.UserName, "none", "O365AWS_BROWSER_PATH=/nowhere",
	)
	want := outcome{
		Code: 7, Error: "the sign-in needs a browser: page ConvergedSomethingNew on login.microsoftonline.com",
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
