//go:build linux

package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// eventually waits until check is true.
func eventually(t *testing.T, what string, check func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !check(); {
		if time.Now().After(deadline) {
			t.Fatalf("timed out waiting for: %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (p *terminal) browsers() string { return filepath.Join(p.home, ".aws", "o365aws", "browser") }

// leftovers returns the processes and folders of the browser.
func (p *terminal) leftovers() []string {
	folders, _ := filepath.Glob(filepath.Join(p.browsers(), "*"))
	return append(folders, processesOf(p.browsers())...)
}

// seesTheBrowser checks that leftovers detects a running browser.
func (p *terminal) seesTheBrowser() {
	p.t.Helper()
	folders, _ := filepath.Glob(filepath.Join(p.browsers(), "*"))
	if processes := processesOf(p.browsers()); len(folders) == 0 || len(processes) == 0 {
		p.t.Fatalf("running browser: got folders %q and %d processes, want both", folders, len(processes))
	}
}

// A login interrupted by a signal during a push ends its browser and removes the
// browser's profile.
func TestSignalCleansUp(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(signal.String(), func(t *testing.T) {
			parallelOnCPU(t)
			p := onTerminal(t, startedCloud(t, "push-waits"), "ada@contoso.example", "login")
			p.enterPassword()
			p.waitFor("Tap this number")
			p.seesTheBrowser()
			if err := p.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if code := p.exit(); code != 130 {
				t.Errorf("exit code %d:\n%s", code, p.screen())
			}
			if left := p.leftovers(); len(left) > 0 {
				t.Errorf("left behind:\n%s", strings.Join(left, "\n"))
			}
		})
	}
}

// A killed login leaves no running browser, and the next login removes its folder.
func TestNextLoginCleansUp(t *testing.T) {
	parallelOnCPU(t)
	cloud := startedCloud(t, "push-waits")
	p := onTerminal(t, cloud, "ada@contoso.example", "login")
	p.enterPassword()
	p.waitFor("Tap this number")
	p.seesTheBrowser()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.exit()
	eventually(t, "the browser of the killed login ends", func() bool { return len(processesOf(p.browsers())) == 0 })
	if folders, _ := filepath.Glob(filepath.Join(p.browsers(), "*")); len(folders) == 0 {
		t.Fatal("the killed login left no folder, so the test proves nothing")
	}
	next := at(t, p.home, cloud, "linus@contoso.example", "login", "--role", "111122223333/azure.reader")
	next.enterPassword()
	if code := next.exit(); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, next.screen())
	}
	if left := next.leftovers(); len(left) > 0 {
		t.Errorf("left behind:\n%s", strings.Join(left, "\n"))
	}
}

// A browser crash has its own exit status.
func TestBrowserCrash(t *testing.T) {
	parallelOnCPU(t)
	p := onTerminal(t, startedCloud(t, "push-waits"), "ada@contoso.example", "login")
	p.enterPassword()
	p.waitFor("Tap this number")
	p.waitFor("\x1b[7m  \x1b[0m") // the large digits
	killUsersOf(t, p.browsers())
	if code := p.exit(); code != 6 {
		t.Errorf("exit code %d:\n%s", code, p.screen())
	}
	if left := p.leftovers(); len(left) > 0 {
		t.Errorf("left behind:\n%s", strings.Join(left, "\n"))
	}
}

// killUsersOf kills the browser's main process rather than its zygotes.
func killUsersOf(t *testing.T, folder string) {
	t.Helper()
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	killed := false
	for _, name := range lines {
		line, err := os.ReadFile(name)
		if err != nil || !bytes.Contains(line, []byte("--user-data-dir="+folder)) ||
			bytes.Contains(line, []byte("--type=")) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name))); err == nil &&
			syscall.Kill(pid, syscall.SIGKILL) == nil {
			killed = true
		}
	}
	if !killed {
		t.Fatal("no browser to kill")
	}
}
