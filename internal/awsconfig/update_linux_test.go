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

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/secret"
)

// An existing file that cannot be read does not count as empty, because its content would
// be lost.
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

// A full disk leaves the old file and no other files. A file size limit simulates the
// full disk. The limit applies to a whole process, so the write runs in a child process:
// this one still has to write its test log.
func TestFullDisk(t *testing.T) {
	if home := os.Getenv("O365AWS_TEST_FULL_DISK"); home != "" {
		writeOnFullDisk(t, ResolvePaths(func(string) string { return "" }, home))
		return
	}
	const old = "[dev]\naws_access_key_id = ASIAOLD\n"
	paths := pathsWith(t, old)
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFullDisk$")
	child.Env = append(os.Environ(), "O365AWS_TEST_FULL_DISK="+filepath.Dir(filepath.Dir(paths.Credentials)))
	if out, err := child.CombinedOutput(); err != nil {
		t.Errorf("child: %v\n%s", err, out)
	}
	fileIs(t, paths.Credentials, old)
	left, err := filepath.Glob(filepath.Join(filepath.Dir(paths.Credentials), ".o365aws-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func writeOnFullDisk(t *testing.T, paths Paths) {
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1000, Max: 1000}); err != nil {
		t.Fatal(err)
	}
	err := WriteCredentials(t.Context(), paths, "dev", awscreds.Credentials{
		AccessKeyID: "ASIADEV", SecretAccessKey: secret.New("s"), SessionToken: secret.New(strings.Repeat("t", 3000)),
		Expires: time.Now(),
	})
	if err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("got error %v, want one that says that the file is too large", err)
	}
}
