// Package securefile locks files, replaces them atomically, and refuses files and folders
// that another user could have written or can replace. Package fastpath imports it, so on
// Linux and macOS it must not import packages with slow initialization.
package securefile

import (
	"errors"
	"os"
	"sync/atomic"
)

// MaxSize is the maximum size of a file that Read accepts, in bytes.
const MaxSize = 16 << 20

// subfolders lists the folders of an O365AWS_HOME whose content affects this program.
var subfolders = []string{"cache", "locks", "secrets", "windows", "browser"}

// use is the purpose of a folder. It determines which permissions of other users are
// accepted.
type use int

const (
	// ancestor contains a folder or file of o365aws. Others may write there if the sticky
	// bit prevents them from replacing files of the user.
	ancestor use = iota
	// destination is an ancestor in which we create files. It belongs to this user or
	// root, even under sudo.
	destination
	// private is writable only by this user.
	private
)

// Home returns an error for an O365AWS_HOME that another user can write to or replace,
// because planted credentials would redirect the user's work to another account. It
// accepts a folder that does not exist yet. Errors are of type *UnsafeError.
func Home(home string) error {
	const separator = string(os.PathSeparator)
	folders := []string{home}
	for _, name := range subfolders {
		folders = append(folders, home+separator+name)
	}
	for _, folder := range folders {
		// A folder that cannot be examined cannot be read either; reading it reports the
		// reason.
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

// Read reads a file after checking that no other user wrote it or can replace it. It
// accepts files of root. For a pipe, a device, or a file of more than MaxSize bytes, it
// returns an error immediately.
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

// notRegular returns the error for folders, devices, pipes and sockets.
func notRegular(path string) error { return &UnsafeError{Problem: path + " is not an ordinary file"} }

// tooLarge returns the error for a file of more than MaxSize bytes.
func tooLarge(path string) error { return &UnsafeError{Problem: path + " is larger than 16 MB"} }

// parent returns the folder of a path without accessing the file system.
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
