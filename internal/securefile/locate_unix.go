//go:build unix

package securefile

import (
	"os"
	"strings"
	"syscall"
)

// maxLinks is the maximum number of symbolic links in a path, as in Linux.
const maxLinks = 40

// place is a file or folder that no other user can replace.
type place struct {
	path   string      // absolute, without links
	name   string      // the last component
	info   os.FileInfo // as returned by os.Lstat
	folder os.FileInfo // of the containing folder; nil for the root and after ".."
}

// locate follows a path from the root, one component at a time, and returns an error if
// another user could replace it: every folder on the way must belong to this user or root
// and must not be writable by others (unless it has the sticky bit), and no link may
// belong to another user. It checks the containing folder before each component, so that
// no other user can replace the component between this check and its use. It does not
// check the last component itself.
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
		if name == ".." { // here contains no links, so this is the containing folder
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

// Canonical returns an absolute path without links, so that a file has one name. It
// returns a path unchanged if it does not exist or another user could replace it.
func Canonical(path string) string {
	if at, err := locate(path); err == nil {
		return at.path
	}
	return path
}

// examine returns the place of a path without links.
func examine(path string) (place, error) {
	if strings.HasPrefix(path, "//") {
		path = path[1:]
	}
	info, err := os.Lstat(path)
	return place{path: path, info: info}, err
}

// follow returns the target of a link of a trusted user.
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

// checkFolder returns an error unless a folder belongs to this user or root and, if its
// use requires that, others cannot write to it.
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

// writableByOthers returns an error if others may write to a place. It may have to read
// the lists of users and groups, which is too slow for every call.
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
