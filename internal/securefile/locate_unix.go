//go:build unix

package securefile

import (
	"os"
	"strings"
	"syscall"
)

// maxLinks is how many symbolic links a path may lead through, as in Linux.
const maxLinks = 40

// place is a file or folder that no other user can replace.
type place struct {
	path   string      // absolute, without links
	name   string      // the last component
	info   os.FileInfo // as os.Lstat returns it
	folder os.FileInfo // of the folder that holds it, nil for the root and after ".."
}

// locate follows a path from the root, one component at a time, and refuses it
// when another user could put something else in its place: every folder on the
// way belongs to this user or root, is not writable by others (or has the
// sticky bit), and no link belongs to another user. A component is examined
// after the folder that holds it was found safe, so that no other user can replace it
// between this check and its use. The last component itself is not checked.
func locate(path string) (place, error) {
	if !strings.HasPrefix(path, "/") {
		working, err := os.Getwd()
		if err != nil {
			return place{}, err
		}
		path = working + "/" + path
	}
	root, err := examine("/")
	if err != nil {
		return place{}, err
	}
	here, names := root, strings.Split(path, "/")
	for links := 0; len(names) > 0; {
		name := names[0]
		names = names[1:]
		if name == "" || name == "." {
			continue
		}
		if err := checkFolder(here, ancestor); err != nil {
			return place{}, err
		}
		if name == ".." { // here has no links, so this is the folder that holds it
			if here, err = examine(parent(here.path)); err != nil {
				return place{}, err
			}
			continue
		}
		next, err := examine(here.path + "/" + name)
		if err != nil {
			return place{}, err
		}
		if next.info.Mode()&os.ModeSymlink == 0 {
			next.name, next.folder = name, here.info
			here = next
			continue
		}
		target, err := follow(next)
		if err != nil {
			return place{}, err
		}
		if links++; links > maxLinks {
			return place{}, &os.PathError{Op: "open", Path: path, Err: syscall.ELOOP}
		}
		if strings.HasPrefix(target, "/") {
			here = root
		}
		names = append(strings.Split(target, "/"), names...)
	}
	return here, nil
}

// Canonical returns an absolute path without links, so that a file has one name. A path
// that does not exist or that another user could replace stays unchanged.
func Canonical(path string) string {
	if at, err := locate(path); err == nil {
		return at.path
	}
	return path
}

// examine looks at what a path without links names.
func examine(path string) (place, error) {
	if strings.HasPrefix(path, "//") {
		path = path[1:]
	}
	info, err := os.Lstat(path)
	return place{path: path, info: info}, err
}

// follow returns where a link of a trusted user leads.
func follow(link place) (string, error) {
	if uid := owner(link.info); !trusted(uid) && !unmapped(uid) {
		return "", foreign("link "+link.path, uid)
	}
	return os.Readlink(link.path)
}

// checkPath checks a folder and every component of the path that leads to it.
func checkPath(path string, as use) error {
	at, err := locate(path)
	if err != nil {
		return err
	}
	return checkFolder(at, as)
}

// checkFolder accepts a folder of this user or root that others cannot write
// to, as far as its use demands that.
func checkFolder(at place, as use) error {
	if !at.info.IsDir() {
		return &os.PathError{Op: "open", Path: at.path, Err: syscall.ENOTDIR}
	}
	uid := owner(at.info)
	switch {
	case uid == os.Getuid() || uid == 0:
	case as == ancestor && unmapped(uid):
	case as == destination || !trusted(uid):
		return foreign("folder "+at.path, uid)
	}
	if at.info.Mode().Perm()&0o022 == 0 || as != private && at.info.Mode()&os.ModeSticky != 0 {
		return nil
	}
	return writableByOthers("folder "+at.path, at, closing(at.path, uid, os.Getuid()))
}

// writableByOthers refuses what others may write. It may have to read the lists
// of users and groups, which is too slow for every call.
func writableByOthers(what string, at place, fix string) error {
	others := Others(at.info, at.path) & 0o022
	if others == 0 {
		return nil
	}
	who := "other users"
	if stat, ok := at.info.Sys().(*syscall.Stat_t); ok && others == 0o020 {
		who = "the group " + groupName(int(stat.Gid))
	}
	return &UnsafeError{Problem: what + " can be written by " + who, Fix: fix}
}
