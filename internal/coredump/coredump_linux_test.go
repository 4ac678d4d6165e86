package coredump

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestDisable checks that children cannot write a core file, except a command of the
// user, which has the user's limit.
func TestDisable(t *testing.T) {
	defer func() { _ = unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0) }()
	limit := unix.Rlimit{}
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err != nil {
		t.Fatal(err)
	}
	if limit.Cur = min(1<<20, limit.Max); unix.Setrlimit(unix.RLIMIT_CORE, &limit) != nil || limit.Cur <= noCore {
		t.Skip("core dumps are disabled on this machine")
	}
	own := fmt.Sprint(limit.Cur)
	if got := limitOf(t, (*exec.Cmd).Start); got != own {
		t.Fatalf("before: got limit %s, want %s", got, own)
	}
	Disable()
	Disable()
	for range 2 {
		if got := limitOf(t, (*exec.Cmd).Start); got != fmt.Sprint(noCore) {
			t.Errorf("a browser: got limit %s, want %d", got, noCore)
		}
		if got := limitOf(t, Start); got != own {
			t.Errorf("a command of the user: got limit %s, want %s", got, own)
		}
	}
	if got, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); got != 0 || err != nil {
		t.Errorf("this process: got dumpable %d, %v, want 0", got, err)
	}
}

// limitOf returns the soft limit of a process started by start.
func limitOf(t *testing.T, start func(*exec.Cmd) error) string {
	t.Helper()
	cmd := exec.Command("cat", "/proc/self/limits")
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := start(cmd); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(out.String(), "Max core file size")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		t.Fatalf("got limits %q", out.String())
	}
	return fields[0]
}

// TestCrashLeavesNoCore checks that a process that crashes after Disable leaves no
// core file, even with GOTRACEBACK=crash.
func TestCrashLeavesNoCore(t *testing.T) {
	const crashVar = "O365AWS_TEST_CRASH"
	if how := os.Getenv(crashVar); how != "" {
		if how == "disabled" {
			Disable()
		}
		_ = unix.Kill(os.Getpid(), unix.SIGABRT)
		select {}
	}
	pattern, err := os.ReadFile("/proc/sys/kernel/core_pattern")
	if err != nil || bytes.ContainsAny(pattern, "|/") {
		t.Skip("core files are not written to the current folder")
	}
	for how, want := range map[string]bool{"enabled": true, "disabled": false} {
		dir := t.TempDir()
		const script = `ulimit -c unlimited; exec "$0" -test.run='^TestCrashLeavesNoCore$'`
		cmd := exec.Command("sh", "-c", script, os.Args[0])
		cmd.Dir, cmd.Stderr = dir, io.Discard
		cmd.Env = []string{crashVar + "=" + how, "GOTRACEBACK=crash"}
		if err := cmd.Run(); err == nil {
			t.Fatal("the process did not crash")
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(entries) > 0; got != want && how == "disabled" {
			t.Errorf("%s: got core file %v, want %v", how, got, want)
		} else if got != want {
			t.Skip("no core file was written")
		}
	}
}
