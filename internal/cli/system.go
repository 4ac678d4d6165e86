package cli

import (
	"crypto/rand"
	"io"
	"os"
	"os/exec"
	"os/user"
	"time"

	"github.com/o365aws/o365aws/internal/prompt"
	"github.com/o365aws/o365aws/internal/subprocess"
)

// Env holds the dependencies of a command on its environment.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Environ        func() []string
	UserHome       func() (string, error)
	Executable     func() (string, error) // path of this program
	Now            func() time.Time
	Random         io.Reader
	// Terminal opens the controlling terminal. The files are nil if there is none.
	Terminal func() (in, out *os.File, closeTerminal func())
	// Background starts o365aws with other arguments, detached from the standard streams.
	// The process outlives this one; wait waits for its end.
	Background func(args []string) (wait func(), err error)
}

// System returns the Env of the process. It removes secrets from the environment
// immediately, because libraries start other programs that inherit it, such as the Azure
// CLI, a browser and the keychain tool.
func System() Env {
	getenv, own := withhold(subprocess.Private)
	return Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: getenv, Environ: os.Environ, UserHome: userHome, Executable: os.Executable,
		Now: time.Now, Random: rand.Reader, Terminal: prompt.OpenTerminal,
		Background: func(args []string) (func(), error) { return background(args, append(os.Environ(), own...)) },
	}
}

// userHome returns the user's home folder. Without HOME, as in a systemd service, it uses
// the user database, like the AWS CLI and the AWS SDK for Go.
func userHome() (string, error) {
	home, err := os.UserHomeDir()
	if err == nil {
		return home, nil
	}
	if account, unknown := user.Current(); unknown == nil && account.HomeDir != "" {
		return account.HomeDir, nil
	}
	return "", err
}

// withhold unsets variables. It returns a Getenv that still returns their values, and
// their entries for another o365aws process.
func withhold(names []string) (getenv func(string) string, entries []string) {
	values := map[string]string{}
	for _, name := range names {
		if value, ok := os.LookupEnv(name); ok {
			values[name], entries = value, append(entries, name+"="+value)
			_ = os.Unsetenv(name) // fails only for malformed names
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
	return func() { _ = cmd.Wait() }, nil // its result is in the cache
}
