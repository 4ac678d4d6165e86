//go:build unix

package securefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// says checks the text of an error; "" means no error.
func says(t *testing.T, what string, err error, want string) {
	t.Helper()
	if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %v, want %q", what, err, want)
	}
}

func change(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// private700 creates a folder of mode 0700 with any umask.
func private700(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	change(t, os.Chmod(dir, 0o700))
	return dir
}

// needRoot skips a test that must change owners.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can make files of other users")
	}
}

// A file or folder that another user controls is not written to.
func TestFile(t *testing.T) {
	dir := private700(t)
	path := filepath.Join(dir, "f")
	says(t, "a file that does not exist", File(path), "")
	says(t, "in a folder that does not exist", File(filepath.Join(path, "new", "f")), "")
	change(t, os.WriteFile(path, nil, 0o600))
	says(t, "an own file", File(path), "")
	says(t, "a folder", File(dir), "not an ordinary file")
	change(t, os.Chmod(dir, 0o777))
	says(t, "in a folder that all can write", File(path), "chmod go-w "+dir)
	change(t, os.Chmod(dir, 0o777|os.ModeSticky))
	says(t, "in one with the sticky bit", File(path), "")
	if os.Getuid() != 0 {
		says(t, "a file of root", File("/etc/passwd"), "another user")
		return
	}
	change(t, os.Chown(path, 12345, 12345))
	says(t, "a file of another user", File(path), path+" belongs to another user: run o365aws as that user "+
		"(in a container: docker run --user 12345)")
	t.Setenv("SUDO_UID", "12345")
	says(t, "a file of the user who called sudo, who would lose it", File(path), "another user")
	change(t, os.Remove(path), os.Chown(dir, 12345, 12345), os.Chmod(dir, 0o700))
	says(t, "a new file in their folder", File(path), "another user")
}

// A link is followed only to a folder that is equally safe.
func TestFileThroughLink(t *testing.T) {
	near, far := private700(t), private700(t)
	link, path := filepath.Join(near, "f"), filepath.Join(far, "f")
	change(t, os.WriteFile(path, nil, 0o600), os.Symlink(path, link))
	says(t, "an own file", File(link), "")
	change(t, os.Chmod(far, 0o777))
	says(t, "in a folder that all can write", File(link), "can be written")
}

// Only the user can write to O365AWS_HOME and its content, and no other user can replace
// it or a folder above it.
func TestHome(t *testing.T) {
	top := private700(t)
	above := filepath.Join(top, "above")
	home := filepath.Join(above, "o365aws")
	change(t, os.Mkdir(above, 0o700))
	says(t, "nothing there", Home(home), "")
	says(t, "below a device", Home("/dev/null/.aws/o365aws"), "")
	cache := filepath.Join(home, "cache")
	change(t, os.MkdirAll(cache, 0o700))
	says(t, "an own folder", Home(home), "")
	says(t, "with a separator at its end", Home(home+"/"), "")
	for _, dir := range []string{top, above, home, cache} {
		for mode, want := range map[os.FileMode]string{0o777: "can be written", 0o702: "can be written", 0o755: ""} {
			change(t, os.Chmod(dir, mode))
			says(t, dir+" "+mode.String(), Home(home), want)
		}
		want := "can be written"
		if dir == above || dir == top {
			want = "" // as /tmp is
		}
		change(t, os.Chmod(dir, 0o777|os.ModeSticky))
		says(t, dir+" with the sticky bit", Home(home), want)
		change(t, os.Chmod(dir, 0o700))
	}
	t.Chdir(home)
	change(t, os.Chmod(home, 0o777))
	says(t, "a relative name in a folder of others", Home("state"), "can be written")
	change(t, os.Chmod(home, 0o700))
	says(t, "in an own folder", Home("state"), "")
}

// The suggested fix depends on the owner of the folder.
func TestClosing(t *testing.T) {
	for _, c := range []struct {
		owner, user int
		want        string
	}{
		{1000, 1000, "chmod go-w /v"},
		{0, 0, "chmod go-w /v"},
		{1000, 0, "chmod go-w /v"},
		{0, 1000, "mkdir -m 700 /v/mine"},
	} {
		if got := closing("/v", c.owner, c.user); !strings.Contains(got, c.want) {
			t.Errorf("of %d, for %d: got %q, want %q", c.owner, c.user, got, c.want)
		}
	}
}

// Both ends of a link are checked.
func TestHomeThroughLink(t *testing.T) {
	near, far := private700(t), private700(t)
	link, home := filepath.Join(near, "o365aws"), filepath.Join(far, "o365aws")
	change(t, os.Mkdir(home, 0o700), os.Symlink("../"+filepath.Base(far)+"/./o365aws", link))
	if filepath.Dir(near) != filepath.Dir(far) {
		change(t, os.Remove(link), os.Symlink(home, link))
	}
	says(t, "an own folder", Home(link), "")
	for _, dir := range []string{near, far, home} {
		change(t, os.Chmod(dir, 0o777))
		says(t, dir+" that all can write", Home(link), "can be written")
		change(t, os.Chmod(dir, 0o700))
	}
	loop := filepath.Join(near, "loop")
	change(t, os.Symlink(loop, loop))
	if _, err := Read(loop); !errors.Is(err, syscall.ELOOP) {
		t.Errorf("a link to itself: got %v, want %v", err, syscall.ELOOP)
	}
}

// A folder of another user is refused anywhere in the path.
func TestHomeOfAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		says(t, "a folder of root", Home("/proc/1"), "")
	}
	needRoot(t)
	top := private700(t)
	above := filepath.Join(top, "above")
	home := filepath.Join(above, "o365aws")
	locks := filepath.Join(home, "locks")
	change(t, os.MkdirAll(locks, 0o700))
	for _, dir := range []string{top, above, home, locks} {
		change(t, os.Chown(dir, 12345, 12345))
		says(t, dir, Home(home), "belongs to another user")
		t.Setenv("SUDO_UID", "12345")
		says(t, dir+" of the user who called sudo", Home(home), "")
		t.Setenv("SUDO_UID", "")
		change(t, os.Chown(dir, 0, 0))
	}
	link := filepath.Join(top, "link")
	change(t, os.Symlink(above, link), os.Lchown(link, 12345, 12345))
	says(t, "by a link of another user", Home(link+"/o365aws"), "link "+link+" belongs to another user")
}

// A file that another user wrote or can replace is not read.
func TestRead(t *testing.T) {
	dir := private700(t)
	path := filepath.Join(dir, "f")
	reads := func(what, want string) {
		t.Helper()
		data, err := Read(path)
		says(t, what, err, want)
		if err == nil && string(data) != "text" {
			t.Errorf("%s: got %q, want %q", what, data, "text")
		}
	}
	if _, err := Read(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that does not exist: got %v", err)
	}
	change(t, os.WriteFile(path, []byte("text"), 0o600))
	reads("an own file", "")
	change(t, os.Chmod(path, 0o644))
	reads("that others may read", "")
	change(t, os.Chmod(path, 0o666))
	reads("that others may write", path+" can be written by other users: chmod go-w "+path)
	change(t, os.Chmod(path, 0o600), os.Chmod(dir, 0o777))
	reads("in a folder that all can write", "chmod go-w "+dir)
	change(t, os.Chmod(dir, 0o777|os.ModeSticky))
	reads("in one with the sticky bit", "")
	_, err := ReadPrivate(path)
	says(t, "in one with the sticky bit, privately", err, "chmod go-w "+dir)
	change(t, os.Chmod(dir, 0o700))
	needRoot(t)
	change(t, os.Chown(path, 12345, 12345))
	reads("of another user", path+" belongs to another user")
	t.Setenv("SUDO_UID", "12345")
	reads("of the user who called sudo", "")
}

// Pipes, devices and endless files are refused immediately.
func TestReadSpecialFiles(t *testing.T) {
	dir := private700(t)
	pipe, link, huge := filepath.Join(dir, "pipe"), filepath.Join(dir, "zero"), filepath.Join(dir, "huge")
	change(t, syscall.Mkfifo(pipe, 0o600), os.Symlink("/dev/zero", link), os.WriteFile(huge, nil, 0o600))
	change(t, os.Truncate(huge, MaxSize+1))
	for path, want := range map[string]string{
		pipe: "not an ordinary file", link: "not an ordinary file", dir: "not an ordinary file",
		huge: "larger than 16 MB", "/": "not an ordinary file", dir + "/..": "not an ordinary file",
	} {
		_, err := Read(path)
		says(t, path, err, want)
	}
	if data, err := Read(os.DevNull); err != nil || len(data) > 0 {
		t.Errorf("%s: got %q, %v, want nothing", os.DevNull, data, err)
	}
}

func TestParent(t *testing.T) {
	for path, want := range map[string]string{
		"/a/b": "/a", "/a/b/": "/a", "/a//b": "/a", "/a": "/", "/": "/", "//": "/", "a": ".", "a/b": "a", "./a": ".",
		"a/": ".", "": ".",
	} {
		t.Run(path, func(t *testing.T) {
			if got := parent(path); got != want {
				t.Errorf("%q: got %q, want %q", path, got, want)
			}
		})
	}
}
