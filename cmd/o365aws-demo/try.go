package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
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

// runTry starts a shell with an empty home folder in which o365aws and the AWS
// CLI reach the emulator: try [SCENARIO] [-- COMMAND...].
func runTry(ctx context.Context) error {
	args, command := os.Args[2:], []string{}
	if i := slices.Index(args, "--"); i >= 0 {
		args, command = args[:i], args[i+1:]
	}
	if len(args) > 1 {
		return errors.New("usage: o365aws-demo try [SCENARIO] [-- COMMAND...]")
	}
	d, err := newDemo(fakecloud.Options{Scenario: strings.Join(args, "")})
	if err != nil {
		return err
	}
	defer d.close()
	if err := d.emptyHome(); err != nil {
		return err
	}
	if len(command) == 0 {
		fmt.Printf(
			"You are linus@contoso.example; O365AWS_PASSWORD is set. %s also works, with an emulated phone\n"+
				"that approves every push. Start with: o365aws configure\nLeave with: exit\n",
			fakecloud.UserName,
		)
		command = []string{cmp.Or(os.Getenv("SHELL"), "/bin/sh")}
	}
	done := make(chan struct{})
	defer close(done)
	go d.approvePushes(done)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir, cmd.Env = d.home, d.environ()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	// The shell handles interrupts; ctx only keeps this process running.
	err = cmd.Run()
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// emptyHome removes the profile, and puts o365aws into PATH.
func (d *demo) emptyHome() error {
	if err := os.Remove(d.env["AWS_CONFIG_FILE"]); err != nil {
		return err
	}
	delete(d.env, "AWS_CONFIG_FILE")
	delete(d.env, "AWS_SHARED_CREDENTIALS_FILE")
	self, err := os.Executable()
	if err != nil {
		return err
	}
	bin := filepath.Join(d.home, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		return err
	}
	if err := os.Symlink(self, filepath.Join(bin, "o365aws")); err != nil {
		return err
	}
	d.env["PATH"] = bin + string(os.PathListSeparator) + d.env["PATH"]
	d.env["O365AWS_PASSWORD"] = fakecloud.Password
	return nil
}
