// Package subprocess runs the command of exec. The command inherits the streams and the
// terminal of o365aws and receives its signals, and o365aws exits with its status.
package subprocess

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Command is a command to run.
type Command struct {
	Args           []string // Args[0] is the program, looked up in PATH
	Env            []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Status is the exit status of a command. o365aws exits with it; it is not a failure of
// o365aws.
type Status int

// Error implements error.
func (s Status) Error() string { return fmt.Sprintf("the command exited with status %d", int(s)) }

// Exit statuses that shells use for a program that cannot be started.
// Source: pubs.opengroup.org/onlinepubs/9799919799/utilities/env.html
const (
	notRunnable Status = 126
	notFound    Status = 127
)

// NotStarted reports a command that could not be started.
type NotStarted struct {
	Status Status // exit status that shells use
	Err    error
}

// Error implements error.
func (e *NotStarted) Error() string { return "cannot start the command: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *NotStarted) Unwrap() error { return e.Err }

func notStarted(err error) error {
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		return &NotStarted{notFound, err}
	}
	return &NotStarted{notRunnable, err}
}

// signaled is added to the number of a signal, as shells do.
const signaled = 128

// find returns the path of the program.
func find(c Command) (string, error) {
	path, err := exec.LookPath(c.Args[0])
	if errors.Is(err, exec.ErrDot) {
		err = fmt.Errorf(
			"%s is only in the current folder: use .%c%s", c.Args[0], filepath.Separator, filepath.Base(c.Args[0]),
		)
	}
	if err != nil {
		return "", notStarted(err)
	}
	return path, nil
}

// Environ returns environ with the NAME=VALUE variables in set added or replaced, and
// those in unset removed.
func Environ(environ, set, unset []string) []string {
	replaced := slices.Clone(unset)
	for _, entry := range set {
		name, _, _ := strings.Cut(entry, "=")
		replaced = append(replaced, name)
	}
	rest := slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.ContainsFunc(replaced, func(r string) bool { return same(r, name) })
	})
	return append(rest, set...)
}

// same compares variable names, ignoring case on Windows.
func same(a, b string) bool {
	if runtime.GOOS == "windows" {
		return strings.EqualFold(a, b)
	}
	return a == b
}
