package awsconfig

import (
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awscreds"
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
	const old = "[dev]\naws_access_key_id = ASIAOLD\n"
	paths := pathsWith(t, old)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1000, Max: limit.Max}); err != nil {
		t.Fatal(err)
	}
	err := WriteCredentials(t.Context(), paths, "dev", awscreds.Credentials{
		AccessKeyID: "ASIADEV", SecretAccessKey: secret.New("s"), SessionToken: secret.New(strings.Repeat("t", 3000)),
		Expires: time.Now(),
	})
	if restore := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); restore != nil {
		t.Fatal(restore)
	}
	if err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("written: %v", err)
	}
	fileIs(t, paths.Credentials, old)
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(paths.Credentials), ".o365aws-*")); err != nil ||
		len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
