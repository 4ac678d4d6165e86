// Package securefile locks files, replaces them atomically, and checks that files
// and folders can be written only by the current user. Package fastpath imports
// it, so on Linux and macOS it imports nothing that is initialised late.
package securefile

import (
	"errors"
	"os"
)

// folders are those of an O365AWS_HOME that hold what is acted upon.
var folders = []string{"cache", "locks", "secrets", "windows", "browser"}

// Home refuses a folder of o365aws to which others may write: they could put
// credentials of theirs there, under names that are no secret, and the user's
// work would go to their account. What does not exist yet is made for the
// user alone. Errors are of type *OthersError.
func Home(home string) error {
	const separator = string(os.PathSeparator)
	if err := reached(parent(home), above); err != nil {
		return err
	}
	if info, err := os.Lstat(home); err == nil && !info.IsDir() { // a link, whose other end is in a folder too
		if err := reached(home+separator+"..", above); err != nil {
			return err
		}
	}
	if err := reached(home, own); err != nil {
		return err
	}
	for _, name := range folders {
		if err := reached(home+separator+name, own); err != nil {
			return err
		}
	}
	return nil
}

// manner is what a folder is to its user.
type manner int

const (
	// beside is a folder that we write files into. Others may write there too
	// if they can replace no file of the user's.
	beside manner = iota
	// above is such a folder around one of our own.
	above
	// own is for the user alone.
	own
)

// reached is check for what need not be there: what cannot be looked at cannot
// be read from either, and who tries says why.
func reached(dir string, as manner) error {
	if err := check(dir, as); errors.As(err, new(*OthersError)) {
		return err
	}
	return nil
}

// OthersError says what others have that should be the user's.
type OthersError struct {
	Why  string
	Mend string // what to do, "" when there is no one thing
}

func (e *OthersError) Error() string {
	if e.Mend == "" {
		return e.Why
	}
	return e.Why + ": " + e.Mend
}

// parent is the folder of a path, without a look at the disk.
func parent(path string) string {
	path = trimmed(path)
	for end := len(path); end > 0; end-- {
		if os.IsPathSeparator(path[end-1]) {
			return trimmed(path[:end])
		}
	}
	return "."
}

// trimmed is a path without separators at its end, but for that of a root.
func trimmed(path string) string {
	for end := len(path); end > 1 && os.IsPathSeparator(path[end-1]) && path[end-2] != ':'; end-- {
		path = path[:end-1]
	}
	return path
}
