// Package subprocess runs the command of exec as if o365aws were not there: its
// streams, its terminal, its signals and its exit status are the command's.
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

// Command is what to run.
type Command struct {
	Args           []string // Args[0] is the program, looked for in PATH
	Env            []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Status is how a command ended, for a process that ends the same way. It is
// not a failure of o365aws.
type Status int

// Error implements error.
func (s Status) Error() string { return fmt.Sprintf("the command ended with status %d", int(s)) }

// What shells say when a program could not be started.
// Source: pubs.opengroup.org/onlinepubs/9799919799/utilities/env.html
const (
	notRunnable Status = 126
	notFound    Status = 127
)

// NotStarted says why a command could not be started.
type NotStarted struct {
	Status Status // what shells end with then
	Err    error
}

// Error implements error.
func (e *NotStarted) Error() string { return "the command was not started: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *NotStarted) Unwrap() error { return e.Err }

func notStarted(err error) error {
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		return &NotStarted{notFound, err}
	}
	return &NotStarted{notRunnable, err}
}

// signalled is what is added to a signal's number, as shells do.
const signalled = 128

// find looks the program up in PATH.
func find(c Command) (string, error) {
	path, err := exec.LookPath(c.Args[0])
	if errors.Is(err, exec.ErrDot) {
		err = fmt.Errorf(
			"%s is in the current folder only: write .%c%s", c.Args[0], filepath.Separator, filepath.Base(c.Args[0]),
		)
	}
	if err != nil {
		return "", notStarted(err)
	}
	return path, nil
}

// Environ returns environ with the variables of set, which are NAME=VALUE, and
// without those of unset.
func Environ(environ, set, unset []string) []string {
	replaced := slices.Clone(unset)
	for _, entry := range set {
		name, _, _ := strings.Cut(entry, "=")
		replaced = append(replaced, name)
	}
	kept := slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.ContainsFunc(replaced, func(r string) bool { return same(r, name) })
	})
	return append(kept, set...)
}

// same compares names of variables, whose case means nothing on Windows.
func same(a, b string) bool {
	if runtime.GOOS == "windows" {
		return strings.EqualFold(a, b)
	}
	return a == b
}
