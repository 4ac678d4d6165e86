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

// System is the real outside. What no other program may see is taken out of
// the environment at once: libraries start some by themselves (the Azure CLI,
// a browser, the keychain's tool), which inherit what is there.
func System() Env {
	getenv, own := withhold(private)
	return Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: getenv, Environ: os.Environ, UserHome: os.UserHomeDir, Executable: os.Executable,
		Now: time.Now, Random: rand.Reader, Terminal: prompt.OpenTerminal,
		Background: func(args []string) (func(), error) { return background(args, append(os.Environ(), own...)) },
	}
}

// withhold unsets variables, and returns what still knows their values, and
// their entries for another process of this program.
func withhold(names []string) (getenv func(string) string, entries []string) {
	values := map[string]string{}
	for _, name := range names {
		if value, ok := os.LookupEnv(name); ok {
			values[name], entries = value, append(entries, name+"="+value)
			_ = os.Unsetenv(name) // fails for malformed names alone
		}
	}
	return func(name string) string {
		if value, ok := values[name]; ok {
			return value
		}
		return os.Getenv(name)
	}, entries
}

func background(args, environ []string) (func(), error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, args...)
	cmd.Args[0], cmd.Env = os.Args[0], environ
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() { _ = cmd.Wait() }, nil // how it ended is in the cache
}
