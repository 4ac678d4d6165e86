package awsconfig

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/secret"
)

// A file that is there and cannot be read is not taken for an empty one: what
// it holds would be lost.
func TestUnreadableFileIsNotReplaced(t *testing.T) {
	asked := false
	err := UpdateFile(t.Context(), "/proc/self/mem", t.TempDir(), func(data []byte) ([]byte, error) {
		asked = true
		return data, os.ErrInvalid
	})
	if err == nil || asked {
		t.Errorf("edited without having been read: %v", err)
	}
}

// A disk that is full in the middle of a write, as which a limit on files
// stands in, leaves the old file and nothing beside it.
func TestFullDisk(t *testing.T) {
	const here = "O365AWS_TEST_FULL_DISK"
	if home := os.Getenv(here); home != "" {
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1000, Max: 1000}); err != nil {
			t.Fatal(err)
		}
		paths := ResolvePaths(func(string) string { return "" }, home)
		err := WriteCredentials(t.Context(), paths, "dev", "ASIADEV", secret.New("s"), secret.New(strings.Repeat("t", 3000)), time.Now())
		if err == nil || !strings.Contains(err.Error(), "too large") {
			t.Errorf("written: %v", err)
		}
		return
	}
	const old = "[dev]\naws_access_key_id = ASIAOLD\n"
	paths := pathsWith(t, old)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFullDisk$")
	cmd.Env = append(os.Environ(), here+"="+filepath.Dir(filepath.Dir(paths.Credentials)))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	fileIs(t, paths.Credentials, old)
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(paths.Credentials), ".o365aws-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
