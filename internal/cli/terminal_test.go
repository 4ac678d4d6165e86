//go:build unix

package cli_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/o365aws/o365aws/internal/fakecloud"
	"github.com/o365aws/o365aws/internal/testenv"
)

// terminal is a program running on a pseudo-terminal.
type terminal struct {
	t    *testing.T
	home string
	cmd  *exec.Cmd
	tty  *os.File
	done chan struct{}

	mu   sync.Mutex
	seen bytes.Buffer
}

// onTerminal starts a command line on a new terminal, with a new home folder and a
// profile for the user.
func onTerminal(t *testing.T, cloud *fakecloud.Cloud, user string, args ...string) *terminal {
	t.Helper()
	return at(t, t.TempDir(), cloud, user, args...)
}

// at starts a command line on a new terminal with the given home folder.
func at(t *testing.T, home string, cloud *fakecloud.Cloud, user string, args ...string) *terminal {
	t.Helper()
	return inRoom(t, cloud, user, room{home: home}, args...)
}

// room is the environment of a terminal: home folder, profile settings, and variables.
// With shell, the first argument is a shell script.
type room struct {
	home, settings string
	env            []string
	shell          bool
}

// inRoom starts a command line on a new terminal in the given room.
func inRoom(t *testing.T, cloud *fakecloud.Cloud, user string, r room, args ...string) *terminal {
	t.Helper()
	home := r.home
	write := func(name, text string) string {
		path := filepath.Join(home, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	config := write(
		"config",
		"[default]\nregion = eu-central-1\nazure_tenant_id = "+fakecloud.TenantDomain+"\nazure_default_username = "+user+"\n"+r.settings,
	)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Args = append([]string{"o365aws"}, args...) // TestMain runs the program of that name
	path := os.Getenv("PATH")
	if r.shell {
		bin := t.TempDir()
		if err := os.Symlink(self, filepath.Join(bin, "o365aws")); err != nil {
			t.Fatal(err)
		}
		cmd, path = exec.Command("sh", "-c", args[0]), bin+string(os.PathListSeparator)+path
		cmd.Dir = home
	}
	cmd.Env = []string{
		"PATH=" + path, "HOME=" + home, "XDG_RUNTIME_DIR=" + home, "TERM=xterm", "AWS_CONFIG_FILE=" + config,
		"AWS_SHARED_CREDENTIALS_FILE=" + home + "/credentials", "HTTPS_PROXY=" + cloud.ProxyURL(),
		"AWS_CA_BUNDLE=" + write("ca.pem", string(cloud.CAPEM())),
		"O365AWS_BROWSER_PATH=" + os.Getenv("O365AWS_BROWSER_PATH"), "O365AWS_BROWSER_ARGS=" + browserArgs(),
		"GOCOVERDIR=" + os.Getenv("GOCOVERDIR"), // so that make coverage includes this process
		"GORACE=" + detector(home),
	}
	if !strings.Contains(r.settings+user, "o365aws_store") {
		cmd.Env = append(cmd.Env, "O365AWS_STORE=keychain") // not this machine's kernel keyring
	}
	cmd.Env = append(cmd.Env, r.env...)
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 120})
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{t: t, home: home, cmd: cmd, tty: tty, done: make(chan struct{})}
	go func() {
		defer close(term.done)
		_, _ = io.Copy(term, tty) // fails when the program exits
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // fails if the program has exited
		_ = tty.Close()
		for _, problem := range append((&scriptState{}).strayed(cloud), races(home)...) {
			t.Error(problem)
		}
	})
	return term
}

// Write implements io.Writer for the program's output.
func (p *terminal) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen.Write(b)
}

func (p *terminal) screen() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen.String()
}

// patience is the time limit of every wait in these tests.
const patience = 90 * time.Second

// waitFor waits until the program has printed text.
func (p *terminal) waitFor(text string) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); !strings.Contains(p.screen(), text); {
		select {
		case <-p.done:
			if !strings.Contains(p.screen(), text) {
				p.t.Fatalf("the program exited without %q:\n%s", text, p.screen())
			}
			return
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("no %q:\n%s", text, p.screen())
		}
	}
}

// types sends keystrokes.
func (p *terminal) types(keys string) {
	p.t.Helper()
	if _, err := io.WriteString(p.tty, keys); err != nil {
		p.t.Fatal(err)
	}
}

// enterPassword answers the first prompt of a login.
func (p *terminal) enterPassword() {
	p.t.Helper()
	p.waitFor("Password for ")
	p.types(fakecloud.Password + "\r")
}

// exit waits for the program to exit and returns the exit code.
func (p *terminal) exit() int {
	p.t.Helper()
	timer := time.AfterFunc(patience, func() { _ = p.cmd.Process.Kill() })
	defer timer.Stop()
	<-p.done
	_ = p.cmd.Wait() // the exit code is the result
	return p.cmd.ProcessState.ExitCode()
}

func startedCloud(t testing.TB, scenario string) *fakecloud.Cloud {
	t.Helper()
	return startedWith(t, fakecloud.Options{Scenario: scenario})
}

func startedWith(t testing.TB, o fakecloud.Options) *fakecloud.Cloud {
	t.Helper()
	testenv.Needs(t, "Chromium")
	cloud, err := fakecloud.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := cloud.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cloud.Close() })
	return cloud
}

// The password is entered on the terminal without echo; typing part of a role's name
// selects the role.
func TestPasswordIsNotShown(t *testing.T) {
	parallelOnCPU(t)
	cloud := startedCloud(t, "")
	p := onTerminal(t, cloud, "linus@contoso.example", "login")
	p.enterPassword()
	p.waitFor("azure.reader")
	p.types("4444 reader\r")
	if code := p.exit(); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, p.screen())
	}
	if name := secretIn(p.screen()); name != "" {
		t.Errorf("the terminal shows %s", name)
	}
	if !strings.Contains(p.screen(), "azure.reader in account 444455556666") {
		t.Errorf("want azure.reader in account 444455556666:\n%s", p.screen())
	}
}

// Ctrl-C at a prompt exits with 130 and restores the terminal.
func TestInterruptAtPrompt(t *testing.T) {
	t.Parallel()
	for question, prompt := range map[string]string{"the password": "Password for", "the role": "type to filter"} {
		t.Run(question, func(t *testing.T) {
			parallelOnCPU(t)
			cloud := startedCloud(t, "")
			p := onTerminal(t, cloud, "linus@contoso.example", "login")
			if question == "the role" {
				p.enterPassword()
			}
			p.waitFor(prompt)
			p.types("\x03")
			if code := p.exit(); code != 130 {
				t.Errorf("exit code %d:\n%s", code, p.screen())
			}
			if shown := p.screen(); strings.LastIndex(shown, "\x1b[?25l") > strings.LastIndex(shown, "\x1b[?25h") {
				t.Error("the cursor stays hidden")
			}
		})
	}
}
