// Package securefile locks files, replaces them atomically, and refuses files and
// folders that another user could have written or can replace. Package fastpath
// imports it, so on Linux and macOS it imports nothing that is initialised late.
package securefile

import (
	"errors"
	"os"
	"sync/atomic"
)

// MaxSize is the maximum size of a file that Read accepts, in bytes.
const MaxSize = 16 << 20

// subfolders lists the folders of an O365AWS_HOME with content that we act upon.
var subfolders = []string{"cache", "locks", "secrets", "windows", "browser"}

// use is what a folder is used for; it decides which permissions of other users
// are accepted.
type use int

const (
	// ancestor holds a folder or file of ours. Others may write there if the
	// sticky bit keeps them from replacing what belongs to the user.
	ancestor use = iota
	// destination is an ancestor that we write files into. It belongs to this
	// user or to root, also under sudo.
	destination
	// private is writable by this user only.
	private
)

// Home refuses an O365AWS_HOME that another user can write to or replace:
// credentials planted there would send the user's work to another account. A
// folder that does not exist yet is accepted. Errors are of type *UnsafeError.
func Home(home string) error {
	const separator = string(os.PathSeparator)
	folders := []string{home}
	for _, name := range subfolders {
		folders = append(folders, home+separator+name)
	}
	for _, folder := range folders {
		// A folder that cannot be examined cannot be read from either; the
		// attempt says why.
		if err := checkPath(folder, private); errors.As(err, new(*UnsafeError)) {
			return err
		}
	}
	return nil
}

// reading is the number of reads in progress.
var reading atomic.Int32

// Reading reports whether a file is being read. A read of a network drive may hang, and
// cannot be canceled.
func Reading() bool { return reading.Load() > 0 }

// Read reads a file after checking that no other user wrote it or can replace it. Files
// of root are accepted. A pipe, a device and a file of more than MaxSize bytes are
// refused immediately.
func Read(path string) ([]byte, error) {
	reading.Add(1)
	defer reading.Add(-1)
	return read(path, ancestor)
}

// ReadPrivate reads a file like Read, in a folder that only this user can write to.
func ReadPrivate(path string) ([]byte, error) {
	reading.Add(1)
	defer reading.Add(-1)
	return read(path, private)
}

// UnsafeError names the file or folder that another user controls, or that is not safe
// to read.
type UnsafeError struct {
	Problem string
	Fix     string // how to fix it; "" if that depends
}

func (e *UnsafeError) Error() string {
	if e.Fix == "" {
		return e.Problem
	}
	return e.Problem + ": " + e.Fix
}

// notRegular refuses folders, devices, pipes and sockets.
func notRegular(path string) error { return &UnsafeError{Problem: path + " is not an ordinary file"} }

// tooLarge refuses a file of more than MaxSize bytes.
func tooLarge(path string) error { return &UnsafeError{Problem: path + " is larger than 16 MB"} }

// parent returns the folder of a path without looking at the disk.
func parent(path string) string {
	path = trimmed(path)
	for end := len(path); end > 0; end-- {
		if os.IsPathSeparator(path[end-1]) {
			return trimmed(path[:end])
		}
	}
	return "."
}

// trimmed removes separators from the end of a path, except that of a root.
func trimmed(path string) string {
	for end := len(path); end > 1 && os.IsPathSeparator(path[end-1]) && path[end-2] != ':'; end-- {
		path = path[:end-1]
	}
	return path
}
