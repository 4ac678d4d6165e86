//go:build unix

package awsconfig

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A file is written only in a folder that no other user can write to, even through a
// link.
func TestFilesOfOtherUsersAreRefused(t *testing.T) {
	shared := t.TempDir()
	if err := os.Chmod(shared, 0o777); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(shared, "f")
	if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, link} {
		err := UpdateFile(
			t.Context(), path, filepath.Join(t.TempDir(), "locks"),
			func([]byte) ([]byte, error) { return []byte("new"), nil },
		)
		if err == nil || !strings.Contains(err.Error(), "chmod") {
			t.Errorf("%s in a folder that all can write: %v", path, err)
		}
	}
	if data, err := os.ReadFile(file); string(data) != "old" {
		t.Errorf("%q, %v", data, err)
	}
}

// A hard link to the file, which another user may have created, keeps the old content.
func TestHardLinkKeepsOldContent(t *testing.T) {
	dir := t.TempDir()
	path, second := filepath.Join(dir, "credentials"), filepath.Join(dir, "second")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(path, second); err != nil {
		t.Fatal(err)
	}
	if err := UpdateFile(t.Context(), path, filepath.Join(dir, "locks"), func([]byte) ([]byte, error) { return []byte("new"), nil }); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{path: "new", second: "old"} {
		t.Run(name, func(t *testing.T) {
			if got, err := os.ReadFile(name); err != nil || string(got) != want {
				t.Errorf("%s: %q, %v, want %q", filepath.Base(name), got, err, want)
			}
		})
	}
}

// With any umask, only the user can read files and folders.
func TestUmask(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	home := t.TempDir()
	if err := os.Chmod(home, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(home, ".aws", "credentials")
	err := UpdateFile(
		t.Context(), path, filepath.Join(home, "locks"), func([]byte) ([]byte, error) { return []byte("x"), nil },
	)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700, filepath.Join(home, "locks"): 0o700} {
		t.Run(name, func(t *testing.T) {
			if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: %v, %v, want %v", name, info.Mode(), err, want)
			}
		})
	}
}
