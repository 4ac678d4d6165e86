//go:build unix

package securefile

import (
	"os"
	"strconv"
	"syscall"
)

// check takes a folder of the user's own, or of root's, who may do as anybody.
// The sticky bit keeps others from replacing files in a folder that they share.
func check(dir string, as manner) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	uid := owner(info)
	if uid != os.Getuid() && uid != 0 && (as == beside || !CalledBy(uid)) {
		return anothers("folder "+dir, uid)
	}
	if info.Mode().Perm()&0o022 == 0 || as != own && info.Mode()&os.ModeSticky != 0 {
		return nil
	}
	others := Others(info, dir) & 0o022 // which may read the lists of users: not for every call
	if others == 0 {
		return nil
	}
	who := "other users"
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && others == 0o020 {
		who = "the group " + groupName(int(stat.Gid))
	}
	return &OthersError{Why: "folder " + dir + " can be written by " + who, Mend: closing(dir, uid, os.Getuid())}
}

// closing says how to keep others out of a folder. One of root's, as a volume
// of a container is, would be no place for the user if it were closed.
func closing(dir string, owner, user int) string {
	if owner == 0 && user != 0 {
		return "it is root's to close: mkdir -m 700 " + dir + "/mine, and name one in there (in a container, or mount the volume as the home folder)"
	}
	return "chmod go-w " + dir
}

// anothers refuses what belongs to a user. Root in a container often has the
// folder of an ordinary user of the machine around it.
func anothers(what string, uid int) error {
	e := &OthersError{Why: what + " belongs to another user"}
	if os.Getuid() == 0 {
		e.Mend = "run o365aws as that user (in a container: docker run --user " + strconv.Itoa(uid) + ")"
	}
	return e
}

// Others are the permissions that others have at a path: those of its group
// only if there is anybody else in it, and none that are made up.
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

// CalledBy reports whether we are root for a user, by sudo. What that user
// keeps is then as good as root's own.
// Source: git-scm.com/docs/git-config, safe.directory
func CalledBy(uid int) bool {
	return os.Getuid() == 0 && os.Getenv("SUDO_UID") == strconv.Itoa(uid)
}

// File refuses a file of another user, and one in a folder where others can
// replace it: they would read what we write.
func File(path string) error {
	if err := check(parent(path), beside); err != nil {
		return err
	}
	info, err := os.Stat(path)
	switch {
	case os.IsNotExist(err):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return &OthersError{Why: path + " is not an ordinary file"}
	case owner(info) != os.Getuid():
		return anothers(path, owner(info))
	}
	return nil
}

func owner(info os.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid)
	}
	return os.Getuid() // a system without owners
}
