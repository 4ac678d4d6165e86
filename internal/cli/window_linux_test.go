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

// display starts an X server without a screen, and returns DISPLAY.
func display(t *testing.T) string {
	t.Helper()
	testenv.Needs(t, "Xvfb")
	path, err := exec.LookPath("Xvfb")
	if err != nil {
		t.Fatal("no Xvfb: make needs installs it") // a machine without it cannot run this test
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

// nothingLeft requires that no browser runs and no temporary profile is there.
func (p *terminal) nothingLeft() {
	p.t.Helper()
	if left := p.leftovers(); len(left) > 0 {
		p.t.Errorf("left behind:\n%s", strings.Join(left, "\n"))
	}
}

// In a window the person acts and the program waits for the answer: here the
// device signs the person in.
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

// A window that the person closes ends the sign-in, and says so.
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

// A page that only a person can answer is carried on in a window, with the
// cookies of the browser without one: the session counts there.
func TestTakeOver(t *testing.T) {
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

// The profile that is kept has a folder for each tenant and user, which stays
// and is the user's alone.
func TestKeptProfile(t *testing.T) {
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
	kept, _ := filepath.Glob(filepath.Join(home, ".aws", "o365aws", "windows", "*", "Default"))
	if len(kept) != 1 {
		t.Fatalf("kept: %v", kept)
	}
	if info, err := os.Stat(filepath.Dir(kept[0])); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// extension is one that asks Microsoft's server for something on every page,
// as those that prove a managed device do.
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

// Extensions work in the profile that is kept, where the company's prove the
// device, and in no other.
func TestExtensions(t *testing.T) {
	parallelOnCPU(t)
	screen, folder := display(t), extension(t)
	for kept, settings := range map[bool]string{true: "o365aws_browser_profile = persistent\n", false: ""} {
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
		eventually(
			t, "the page and what it is made of",
			func() bool { return asked("/ests/") && (asked("/proof-of-device") || !kept) },
		)
		if !kept && asked("/proof-of-device") {
			t.Error("an extension works in a profile that is not kept")
		}
		p.types("\x03")
		if code := p.exit(); code != 130 {
			t.Errorf("exit code %d:\n%s", code, p.screen())
		}
		p.nothingLeft()
	}
}

// Where no window can be opened, that is said, with the way that is left.
func TestNoDisplay(t *testing.T) {
	parallelOnCPU(t)
	p := onTerminal(t, startedCloud(t, ""), "linus@contoso.example", "login", "--browser", "visible")
	if code := p.exit(); code != 6 || !strings.Contains(p.screen(), "--browser system") {
		t.Errorf("exit code %d:\n%s", code, p.screen())
	}
}

var printed = regexp.MustCompile(`https://login\.microsoftonline\.com/\S+`)

// Over SSH, where no browser can be opened, the address is printed whole, and
// a browser elsewhere finishes the sign-in.
func TestAddressIsPrinted(t *testing.T) {
	testenv.Needs(t, "Chromium")
	parallelOnCPU(t)
	reply, err := replyURL()
	if err != nil {
		t.Fatal(err)
	}
	cloud, err := fakecloud.New(fakecloud.Options{ReplyURLs: []string{reply}})
	if err != nil {
		t.Fatal(err)
	}
	if err := cloud.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cloud.Close() })
	home := t.TempDir()
	p := inRoom(
		t,
		cloud,
		"linus@contoso.example",
		room{
			home: home, env: []string{"SSH_CONNECTION=192.0.2.1 1 192.0.2.2 22"},
			settings: "o365aws_reply_url = " + reply + "\n",
		},
		"login",
		"--browser",
		"system",
		"--role",
		"111122223333/azure.reader",
	)
	p.waitFor("ssh -L")
	// A terminal breaks a long line where it ends.
	address := printed.FindString(strings.ReplaceAll(p.screen(), "\r\n", "\n"))
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	defer cancel()
	last, err := signInByHand(ctx, address, t.TempDir(), cloud.ProxyURL(), home+"/ca.pem")
	if err != nil || last != "done" {
		t.Errorf("the last page is %q: %v", last, err)
	}
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, p.screen())
	}
}

// An interrupt while the person signs in elsewhere ends at once, with 130.
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
