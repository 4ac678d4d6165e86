package awsconfig

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/secret"
)

const writerEnv = "O365AWS_TEST_WRITER"

// TestMain lets this test binary be a writer of its own process.
func TestMain(m *testing.M) {
	if name := os.Getenv(writerEnv); name != "" {
		paths := ResolvePaths(os.Getenv, os.Getenv("HOME"))
		err := WriteCredentials(context.Background(), paths, name, "ASIA"+name, secret.New("s"+name), secret.New(strings.Repeat("t", 3000)), time.Now())
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func writer(t *testing.T, home, name string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = []string{"HOME=" + home, writerEnv + "=" + name}
	return cmd
}

// Twenty processes writing twenty profiles at once lose none (peers do).
func TestTwentyWriters(t *testing.T) {
	home := t.TempDir()
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if out, err := writer(t, home, fmt.Sprintf("p%d", i)).CombinedOutput(); err != nil {
				t.Errorf("writer %d: %v %s", i, err, out)
			}
		}()
	}
	wg.Wait()
	data, err := os.ReadFile(filepath.Join(home, ".aws", "credentials"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		if !strings.Contains(string(data), fmt.Sprintf("[p%d]\n", i)) {
			t.Errorf("profile p%d is lost", i)
		}
	}
	info, err := os.Stat(filepath.Join(home, ".aws", "credentials"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// A writer killed at any moment leaves the old file or the new one, and no
// lock behind.
func TestKilledWriter(t *testing.T) {
	home := t.TempDir()
	path := filepath.Join(home, ".aws", "credentials")
	if out, err := writer(t, home, "old").CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		cmd := writer(t, home, "new")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(i) * 500 * time.Microsecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		data, err := os.ReadFile(path)
		if err != nil || !strings.HasPrefix(string(data), string(old)) || check(data) != nil {
			t.Fatalf("after kill %d: %v, %d bytes", i, err, len(data))
		}
	}
	if out, err := writer(t, home, "last").CombinedOutput(); err != nil {
		t.Errorf("after the kills: %v %s", err, out)
	}
}

// A link is followed to the user's own file and stays a link; a stricter mode
// stays; a refused edit leaves the file as it was.
func TestUpdateFile(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "real"), filepath.Join(dir, "link")
	if err := os.WriteFile(target, []byte("[a]\n[a]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	edit := func(data []byte) ([]byte, error) { return EditSection(data, "dev", keys, nil) }
	if err := UpdateFile(t.Context(), link, dir, edit); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a broken file was edited: %v", err)
	}
	if data, _ := os.ReadFile(target); string(data) != "[a]\n[a]\n" {
		t.Errorf("a refused file changed: %q", data)
	}
	if err := os.WriteFile(target, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := UpdateFile(t.Context(), link, dir, edit); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v %v", info, err)
	}
	if info, _ := os.Stat(target); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if leftovers, _ := filepath.Glob(filepath.Join(dir, ".o365aws-*")); len(leftovers) > 0 {
		t.Errorf("left behind: %v", leftovers)
	}
}
