//go:build unix

package securefile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
	"syscall"
)

// trusted reports whether files of a user are as trusted as our own. Root is trusted
// because it can do everything anyway.
func trusted(uid int) bool { return uid == os.Getuid() || uid == 0 || CalledBy(uid) }

// CalledBy reports whether this process runs as root on behalf of a user, through sudo.
// Source: git-scm.com/docs/git-config, safe.directory
func CalledBy(uid int) bool {
	return os.Getuid() == 0 && os.Getenv("SUDO_UID") == strconv.Itoa(uid)
}

// closing returns how to revoke the access of others to a folder. A folder that belongs
// to root, such as a container volume, must remain accessible to the user.
func closing(dir string, owner, user int) string {
	if owner == 0 && user != 0 {
		return "run mkdir -m 700 " + dir + "/mine and use a folder in there, or ask root to close it " +
			"(in a container, mount the volume as the home folder)"
	}
	return "chmod go-w " + dir
}

// foreign returns the error for a place that belongs to another user. Root in a container
// often sees folders of an ordinary user of the host.
func foreign(what string, uid int) error {
	e := &UnsafeError{Problem: what + " belongs to another user"}
	if os.Getuid() == 0 {
		e.Fix = "run o365aws as that user (in a container: docker run --user " + strconv.Itoa(uid) + ")"
	}
	return e
}

// Others returns the permissions that other users have at a path. The permissions of the
// group count only if it has another member. On file systems without real permissions,
// none count.
func Others(info os.FileInfo, path string) os.FileMode {
	others := info.Mode().Perm() & 0o077
	if others != 0 && ofWindows(path) {
		return 0
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && others&0o070 != 0 && alone(path, stat) {
		others &^= 0o070
	}
	return others
}

// File checks that a file may be written: it belongs to this user, or does not
// exist yet, and no other user can replace it or its folder.
func File(path string) error {
	switch err := checkPath(parent(path), destination); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	at, err := locate(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !at.info.Mode().IsRegular():
		return notRegular(path)
	case owner(at.info) != os.Getuid():
		return foreign(path, owner(at.info))
	}
	return checkPath(parent(at.path), destination) // a link may lead to another folder
}

// read checks a file before it reads it. It opens the folder once and compares it with
// the checked one, opens the file relative to it, and checks the file by its descriptor.
func read(path string, as use) ([]byte, error) {
	at, err := locate(path)
	switch {
	case err != nil:
		return nil, err
	case at.path == os.DevNull:
		return nil, nil
	case at.folder == nil || !at.info.Mode().IsRegular():
		return nil, notRegular(path)
	}
	folder := place{path: parent(at.path), info: at.folder}
	if err := checkFolder(folder, as); err != nil {
		return nil, err
	}
	dir, err := os.OpenRoot(folder.path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = dir.Close() }() // nothing was written
	if info, err := dir.Stat("."); err != nil || !os.SameFile(info, folder.info) {
		return nil, &UnsafeError{Problem: "folder " + folder.path + " was exchanged while it was being read"}
	}
	f, err := dir.OpenFile(at.name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // as above
	if at.info, err = f.Stat(); err != nil {
		return nil, err
	}
	if err := checkFile(path, at); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if len(data) > MaxSize {
		return nil, tooLarge(path)
	}
	return data, err
}

// checkFile returns an error unless a file is an ordinary file that only trusted users
// can write.
func checkFile(path string, at place) error {
	if !at.info.Mode().IsRegular() {
		return notRegular(path)
	}
	if uid := owner(at.info); !trusted(uid) {
		return foreign(path, uid)
	}
	if at.info.Mode().Perm()&0o022 == 0 {
		return nil
	}
	return writableByOthers(path, at, "chmod go-w "+path)
}

func owner(info os.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid)
	}
	return os.Getuid() // a system without owners
}
