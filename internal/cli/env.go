package cli

import (
	"crypto/rand"
	"io"
	"os"
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
	Now            func() time.Time
	Random         io.Reader
	// Terminal opens the controlling terminal: nil files when there is none.
	Terminal func() (in, out *os.File, closeTerminal func())
}

// System is the real outside.
func System() Env {
	return Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Environ: os.Environ, UserHome: os.UserHomeDir,
		Now: time.Now, Random: rand.Reader, Terminal: prompt.OpenTerminal,
	}
}
