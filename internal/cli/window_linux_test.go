package cli_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/fakecloud"
	"github.com/o365aws/o365aws/internal/testenv"
)

// display starts a virtual X server and returns DISPLAY=...
func display(t *testing.T) string {
	t.Helper()
	testenv.Needs(t, "Xvfb")
	path, err := exec.LookPath("Xvfb")
	if err != nil {
		t.Fatal("no Xvfb: make needs installs it")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "-displayfd", "3", "-screen", "0", "1000x800x24", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{w}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = r.Close()
	})
	_ = r.SetReadDeadline(time.Now().Add(longest))
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb: %v", err)
	}
	return "DISPLAY=:" + strings.TrimSpace(number)
}

// nothingLeft checks that no browser is running and no temporary profile remains.
func (p *terminal) nothingLeft() {
	p.t.Helper()
	if left := p.leftovers(); len(left) > 0 {
		p.t.Errorf("left behind:\n%s", strings.Join(left, "\n"))
	}
}

// The program waits while the user signs in in a window. In this test, the device answers
// the page.
func TestVisibleBrowser(t *testing.T) {
	parallelOnCPU(t)
	cloud := startedCloud(t, "other-account")
	p := inRoom(
		t, cloud, "grace@contoso.example", room{home: t.TempDir(), env: []string{display(t)}}, "login", "--browser",
		"visible", "--role", "111122223333/azure.reader",
	)
	p.waitFor("Complete the sign-in in the browser window")
	if code := p.exit(); code != 0 || !strings.Contains(p.screen(), "grace@contoso.example: role azure.reader") {
		t.Errorf("exit code %d:\n%s", code, p.screen())
	}
	p.nothingLeft()
}

// Closing the window ends the sign-in with an error.
func TestWindowClosed(t *testing.T) {
	parallelOnCPU(t)
	cloud := startedCloud(t, "")
	p := inRoom(
		t, cloud, "linus@contoso.example", room{home: t.TempDir(), env: []string{display(t)}}, "login", "--browser",
		"visible",
	)
	p.waitFor("Complete the sign-in in the browser window")
	eventually(t, "the window opens", func() bool { return len(processesOf(p.browsers())) > 0 })
	killUsersOf(t, p.browsers())
	if code := p.exit(); code != 4 || !strings.Contains(p.screen(), "window was closed") {
		t.Errorf("exit code %d:\n%s", code, p.screen())
	}
	p.nothingLeft()
}

// A page that only the user can answer continues in a window with the cookies of the
// headless browser.
func TestContinueInWindow(t *testing.T) {
	parallelOnCPU(t)
	cloud := startedCloud(t, "device-browser")
	p := inRoom(
		t, cloud, "linus@contoso.example", room{home: t.TempDir(), env: []string{display(t)}}, "login", "--role",
		"111122223333/azure.reader",
	)
	p.waitFor("Password for linus@contoso.example: ")
	p.types(fakecloud.Password + "\r")
	p.waitFor("AADSTS53000")
	p.waitFor("Continue in a browser window?")
	p.types("y\r")
	if code := p.exit(); code != 0 || !strings.Contains(p.screen(), "linus@contoso.example: role azure.reader") {
		t.Errorf("exit code %d:\n%s", code, p.screen())
	}
	p.nothingLeft()
}

// A persistent browser profile has one folder per tenant and user, with mode 0700.
func TestPersistentProfile(t *testing.T) {
	parallelOnCPU(t)
	cloud, home := startedCloud(t, "other-account"), t.TempDir()
	screen := display(t)
	for range 2 {
		p := inRoom(
			t, cloud, "grace@contoso.example",
			room{home: home, env: []string{screen}, settings: "o365aws_browser_profile = persistent\n"}, "login", "--force",
			"--browser", "visible", "--role", "111122223333/azure.reader",
		)
		if code := p.exit(); code != 0 {
			t.Fatalf("exit code %d:\n%s", code, p.screen())
		}
		p.nothingLeft()
	}
	profiles, _ := filepath.Glob(filepath.Join(home, ".aws", "o365aws", "windows", "*", "Default"))
	if len(profiles) != 1 {
		t.Fatalf("got profiles %v, want one", profiles)
	}
	info, err := os.Stat(filepath.Dir(profiles[0]))
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o700 {
		t.Errorf("got mode %o, want 700", got)
	}
}

// extension returns the folder of a browser extension that sends a request to Microsoft
// from every page, like extensions that authenticate a managed device.
func extension(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for name, text := range map[string]string{
		"manifest.json": `{"manifest_version": 3, "name": "Proof of device", "version": "1",
			"content_scripts": [{"matches": ["https://login.microsoftonline.com/*"], "js": ["proof.js"], "run_at": "document_start"}]}`,
		"proof.js": `fetch("/proof-of-device")`,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// Extensions, such as a company's for device authentication, work only in the persistent
// profile.
func TestExtensions(t *testing.T) {
	parallelOnCPU(t)
	screen, folder := display(t), extension(t)
	for persistent, settings := range map[bool]string{true: "o365aws_browser_profile = persistent\n", false: ""} {
		cloud := startedCloud(t, "")
		args := "O365AWS_BROWSER_ARGS=" + browserArgs() + " --load-extension=" + folder + " --disable-features=DisableLoadExtensionCommandLineSwitch"
		p := inRoom(
			t, cloud, "linus@contoso.example",
			room{home: t.TempDir(), env: []string{screen, args}, settings: settings}, "login", "--browser", "visible",
		)
		p.waitFor("Complete the sign-in in the browser window")
		asked := func(path string) bool {
			return slices.ContainsFunc(
				cloud.Requests(), func(r fakecloud.Request) bool { return strings.HasPrefix(r.Path, path) },
			)
		}
		eventually(t, "the page and its requests", func() bool {
			return asked("/ests/") && (asked("/proof-of-device") || !persistent)
		})
		if !persistent && asked("/proof-of-device") {
			t.Error("the extension ran in a temporary profile")
		}
		p.types("\x03")
		if code := p.exit(); code != 130 {
			t.Errorf("exit code %d:\n%s", code, p.screen())
		}
		p.nothingLeft()
	}
}

// Without a display, the error names the alternative.
func TestNoDisplay(t *testing.T) {
	parallelOnCPU(t)
	p := onTerminal(t, startedCloud(t, ""), "linus@contoso.example", "login", "--browser", "visible")
	if code := p.exit(); code != 6 || !strings.Contains(p.screen(), "--browser system") {
		t.Errorf("exit code %d:\n%s", code, p.screen())
	}
}

var printed = regexp.MustCompile(`https://login\.microsoftonline\.com/\S+`)

// Over SSH the full address is printed, and a browser elsewhere completes the sign-in.
func TestAddressIsPrinted(t *testing.T) {
	parallelOnCPU(t)
	reply, err := replyURL()
	if err != nil {
		t.Fatal(err)
	}
	cloud, home := startedWith(t, fakecloud.Options{ReplyURLs: []string{reply}}), t.TempDir()
	p := inRoom(t, cloud, "linus@contoso.example", room{
		home: home, env: []string{"SSH_CONNECTION=192.0.2.1 1 192.0.2.2 22"},
		settings: "o365aws_reply_url = " + reply + "\n",
	}, "login", "--browser", "system", "--role", "111122223333/azure.reader")
	p.waitFor("ssh -L")
	address := printed.FindString(strings.ReplaceAll(p.screen(), "\r\n", "\n"))
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	defer cancel()
	last, err := signInByHand(ctx, address, t.TempDir(), cloud.ProxyURL(), home+"/ca.pem")
	if err != nil || last != "done" {
		t.Errorf("last page: got %q, want done: %v", last, err)
	}
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, p.screen())
	}
}

// An interrupt while waiting for another browser exits with 130 immediately.
func TestInterruptWhileWaiting(t *testing.T) {
	parallelOnCPU(t)
	reply, err := replyURL()
	if err != nil {
		t.Fatal(err)
	}
	p := inRoom(
		t, startedCloud(t, ""), "linus@contoso.example",
		room{home: t.TempDir(), settings: fmt.Sprintf("o365aws_reply_url = %s\n", reply)}, "login", "--browser",
		"system",
	)
	p.waitFor("ssh -L")
	p.types("\x03")
	if code := p.exit(); code != 130 {
		t.Errorf("exit code %d:\n%s", code, p.screen())
	}
}
