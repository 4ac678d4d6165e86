//go:build unix

package securefile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// says checks an error's words; "" is none.
func says(t *testing.T, what string, err error, want string) {
	t.Helper()
	if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}

func change(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// private700 is a folder of ours alone, whatever the umask.
func private700(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	change(t, os.Chmod(dir, 0o700))
	return dir
}

// A file or folder that another user controls is not written to.
func TestFile(t *testing.T) {
	dir := private700(t)
	path := filepath.Join(dir, "f")
	says(t, "a file that is yet to be made", File(path), "")
	change(t, os.WriteFile(path, nil, 0o600))
	says(t, "one's own", File(path), "")
	says(t, "a folder", File(dir), "not an ordinary file")
	change(t, os.Chmod(dir, 0o777))
	says(t, "in a folder that all can write", File(path), "chmod go-w "+dir)
	change(t, os.Chmod(dir, 0o777|os.ModeSticky))
	says(t, "in one with the sticky bit", File(path), "")
	if os.Getuid() != 0 {
		says(t, "root's", File("/etc/passwd"), "another user")
		return
	}
	change(t, os.Chown(path, 12345, 12345))
	says(
		t, "another's", File(path),
		path+" belongs to another user: run o365aws as that user (in a container: docker run --user 12345)",
	)
	t.Setenv("SUDO_UID", "12345")
	says(t, "that of who called sudo, which would be theirs no more", File(path), "another user")
	change(t, os.Remove(path), os.Chown(dir, 12345, 12345), os.Chmod(dir, 0o700))
	says(t, "a new one in their folder", File(path), "another user")
}

// A folder of o365aws is the user's alone, with all that is in it, and nobody
// can put another one in its place.
func TestHome(t *testing.T) {
	above := private700(t)
	home := filepath.Join(above, "o365aws")
	says(t, "nothing there", Home(home), "")
	says(t, "where nothing can be", Home("/dev/null/.aws/o365aws"), "")
	cache := filepath.Join(home, "cache")
	change(t, os.MkdirAll(cache, 0o700))
	says(t, "one's own", Home(home), "")
	says(t, "with a separator at its end", Home(home+"/"), "")
	for _, dir := range []string{above, home, cache} {
		for mode, want := range map[os.FileMode]string{0o777: "can be written", 0o702: "can be written", 0o755: ""} {
			change(t, os.Chmod(dir, mode))
			says(t, dir+" "+mode.String(), Home(home), want)
		}
		want := "can be written"
		if dir == above {
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
	says(t, "in one's own", Home("state"), "")
}

// Who cannot close a folder is told what they can do.
func TestClosing(t *testing.T) {
	for _, c := range []struct {
		owner, user int
		want        string
	}{{1000, 1000, "chmod go-w /v"}, {0, 0, "chmod go-w /v"}, {1000, 0, "chmod go-w /v"}, {0, 1000, "mkdir -m 700 /v/mine"}} {
		if got := closing("/v", c.owner, c.user); !strings.Contains(got, c.want) {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// A link is looked at from both ends.
func TestHomeByALink(t *testing.T) {
	near, far := private700(t), private700(t)
	link, home := filepath.Join(near, "o365aws"), filepath.Join(far, "o365aws")
	change(t, os.Mkdir(home, 0o700), os.Symlink(home, link))
	says(t, "one's own", Home(link), "")
	for _, dir := range []string{near, far, home} {
		change(t, os.Chmod(dir, 0o777))
		says(t, dir+" that all can write", Home(link), "can be written")
		change(t, os.Chmod(dir, 0o700))
	}
}

// Another user's folder is refused, also one that they made while they could.
func TestHomeOfAnother(t *testing.T) {
	if os.Getuid() != 0 {
		home := filepath.Join("/proc", "1") // root's; a folder of nobody else is at hand
		says(t, "root's", Home(home), "")
		return
	}
	above := private700(t)
	home := filepath.Join(above, "o365aws")
	locks := filepath.Join(home, "locks")
	change(t, os.MkdirAll(locks, 0o700))
	for _, dir := range []string{above, home, locks} {
		change(t, os.Chown(dir, 12345, 12345))
		says(t, dir, Home(home), "belongs to another user")
		t.Setenv("SUDO_UID", "12345")
		says(t, dir+" of who called sudo", Home(home), "")
		t.Setenv("SUDO_UID", "")
		change(t, os.Chown(dir, 0, 0))
	}
}

func TestParent(t *testing.T) {
	for path, want := range map[string]string{"/a/b": "/a", "/a/b/": "/a", "/a//b": "/a", "/a": "/", "/": "/", "//": "/", "a": ".", "a/b": "a", "./a": ".", "a/": ".", "": "."} {
		if got := parent(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}
