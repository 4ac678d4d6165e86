package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/o365aws/o365aws/internal/cli"
	"github.com/o365aws/o365aws/internal/fakecloud"
)

// isTool reports whether this program was started by the link that runTry
// creates, and must run as o365aws.
func isTool() bool {
	return strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") == "o365aws"
}

func runTool() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	return cli.Main(ctx, cli.System(), os.Args)
}

// password is easy to type, unlike fakecloud.Password.
const password = "correct-horse"

const introduction = `In this shell, your home folder is empty, and Microsoft and AWS are emulated on this machine.

  E-mail address  ` + fakecloud.UserName + `
  Password        ` + password + `
  Phone           emulated: approves a sign-in within a few seconds

Start with "o365aws configure". To leave, type "exit".

`

// runTry starts a shell, or the command in the arguments, with an empty home
// folder; o365aws and the AWS CLI reach the emulator.
func runTry(ctx context.Context) error {
	flags := flag.NewFlagSet("try", flag.ExitOnError)
	scenario := flags.String("scenario", "push-waits", "how the emulator behaves")
	latency := flags.Duration("latency", 0, "delay of every response of the emulator")
	_ = flags.Parse(os.Args[2:]) // exits on errors
	command := flags.Args()
	d, err := newDemo(fakecloud.Options{Scenario: *scenario, Latency: *latency, Password: password})
	if err != nil {
		return err
	}
	defer d.close()
	if err := d.emptyHome(); err != nil {
		return err
	}
	if len(command) == 0 {
		fmt.Print(introduction)
		command = []string{cmp.Or(os.Getenv("SHELL"), "/bin/sh")}
	}
	done := make(chan struct{})
	defer close(done)
	go d.approvePushes(done)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir, cmd.Env = d.env["HOME"], d.environ()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	// The shell handles interrupts; ctx only keeps this process running.
	err = cmd.Run()
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// emptyHome creates an empty home folder and adds o365aws to PATH.
func (d *demo) emptyHome() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	home, bin := filepath.Join(d.home, "home"), filepath.Join(d.home, "bin")
	for _, folder := range []string{home, bin} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			return err
		}
	}
	if err := os.Symlink(self, filepath.Join(bin, "o365aws")); err != nil {
		return err
	}
	delete(d.env, "AWS_CONFIG_FILE")
	delete(d.env, "AWS_SHARED_CREDENTIALS_FILE")
	d.env["HOME"], d.env["PATH"] = home, bin+string(os.PathListSeparator)+d.env["PATH"]
	return os.WriteFile(filepath.Join(home, ".zshrc"), nil, 0o600) // otherwise zsh starts its new-user setup
}
