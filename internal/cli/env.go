package cli

import (
	"crypto/rand"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/o365aws/o365aws/internal/prompt"
)

// Env is every effect that a command may have on the outside.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Environ        func() []string
	UserHome       func() (string, error)
	Executable     func() (string, error) // path of this program
	Now            func() time.Time
	Random         io.Reader
	// Terminal opens the controlling terminal: nil files when there is none.
	Terminal func() (in, out *os.File, closeTerminal func())
	// Background runs o365aws with other arguments, without streams, and
	// returns what waits for its end. It outlives this process.
	Background func(args []string) (wait func(), err error)
}

// System is the real outside.
func System() Env {
	return Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Environ: os.Environ, UserHome: os.UserHomeDir, Executable: os.Executable,
		Now: time.Now, Random: rand.Reader, Terminal: prompt.OpenTerminal,
		Background: background,
	}
}

func background(args []string) (func(), error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, args...)
	cmd.Args[0] = os.Args[0]
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() { _ = cmd.Wait() }, nil // how it ended is in the cache
}
