package awsconfig

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/secret"
)

const writerEnv = "O365AWS_TEST_WRITER"

var (
	writerToken   = strings.Repeat("t", 3000)
	writerExpires = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
)

// TestMain can run this test binary as a writer in a separate process.
func TestMain(m *testing.M) {
	if name := os.Getenv(writerEnv); name != "" {
		paths := ResolvePaths(os.Getenv, os.Getenv("HOME"))
		err := WriteCredentials(context.Background(), paths, name, awscreds.Credentials{
			AccessKeyID: "ASIA" + name, SecretAccessKey: secret.New("s" + name), SessionToken: secret.New(writerToken),
			Expires: writerExpires,
		})
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
	// The race detector delays the exit of a program by default.
	cmd.Env = []string{"HOME=" + home, writerEnv + "=" + name, "GORACE=atexit_sleep_ms=0"}
	return cmd
}

// Twenty processes write twenty profiles in parallel without losing any.
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
		name := fmt.Sprintf("p%d", i)
		got, err := loadBySDK(t, t.TempDir(), data, name)
		if err != nil || got.Credentials.AccessKeyID != "ASIA"+name || got.Credentials.SecretAccessKey != "s"+name ||
			got.Credentials.SessionToken != writerToken {
			t.Errorf("profile %s is lost or torn: %v", name, err)
		}
	}
	info, err := os.Stat(filepath.Join(home, ".aws", "credentials"))
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 { // Windows has access lists instead
		t.Errorf("mode %v, %v", info, err)
	}
}

// A writer that is killed at any time leaves the complete old or new file. The next
// writer finds no lock and leaves no temporary file.
func TestKilledWriter(t *testing.T) {
	home := t.TempDir()
	path := filepath.Join(home, ".aws", "credentials")
	write := func(name string) []byte {
		t.Helper()
		if out, err := writer(t, home, name).CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	before := write("old")
	began := time.Now()
	after := write("new")
	whole := time.Since(began)
	left := map[string]int{string(before): 0, string(after): 0}
	for i := range 40 {
		if err := os.WriteFile(path, before, 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := writer(t, home, "new")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(whole * time.Duration(i) / 35) // the time of the kill varies
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		data, err := os.ReadFile(path)
		if _, whole := left[string(data)]; err != nil || !whole {
			t.Fatalf("kill %d left %d bytes, neither the old file nor the new one: %v", i, len(data), err)
		}
		left[string(data)]++
	}
	t.Logf(
		"killed early enough for the old file %d times, for the new one %d times", left[string(before)],
		left[string(after)],
	)
	write("last")
	if files, _ := filepath.Glob(filepath.Join(home, ".aws", ".o365aws-*")); len(files) > 0 {
		t.Errorf("left behind: %v", files)
	}
}

// The temporary file of a killed writer is removed by the next writer of the same file,
// but not by that of another file.
func TestTemporaryFilesAreSwept(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".o365aws-credentials-1", ".o365aws-config-1", ".o365aws-mine"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("secret"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	edit := func([]byte) ([]byte, error) { return []byte("x"), nil }
	if err := UpdateFile(t.Context(), filepath.Join(dir, "credentials"), filepath.Join(dir, "locks"), edit); err != nil {
		t.Fatal(err)
	}
	var names []string
	files, err := filepath.Glob(filepath.Join(dir, ".o365aws-*"))
	for _, file := range files {
		names = append(names, filepath.Base(file))
	}
	if err != nil || !slices.Equal(names, []string{".o365aws-config-1", ".o365aws-mine"}) {
		t.Errorf("there are %v, %v", names, err)
	}
}

// A link to the user's own file is followed and preserved. The new file has mode 0600,
// regardless of the old mode. A refused edit leaves the file unchanged.
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
	if info, _ := os.Stat(target); runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if leftovers, _ := filepath.Glob(filepath.Join(dir, ".o365aws-*")); len(leftovers) > 0 {
		t.Errorf("left behind: %v", leftovers)
	}
}
