package main

import (
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

// isTool reports whether this program was called by the link that runTry
// makes, and so is the tool itself.
func isTool() bool {
	return strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") == "o365aws"
}

func runTool() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	return cli.Main(ctx, cli.System(), os.Args)
}

// runTry gives a shell with an empty home, in which o365aws and the AWS CLI
// reach the double: try [SCENARIO] [-- COMMAND...].
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
	if err := d.empty(); err != nil {
		return err
	}
	if len(command) == 0 {
		fmt.Printf(
			"You are linus@contoso.example, whose password O365AWS_PASSWORD has; %s has a phone, which answers by itself.\n"+
				"Begin with: o365aws configure\nexit leaves.\n",
			fakecloud.UserName,
		)
		command = []string{first(os.Getenv("SHELL"), "/bin/sh")}
	}
	done := make(chan struct{})
	defer close(done)
	go d.beThePhone(done)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir, cmd.Env = d.home, d.environ()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	// An interrupt is the shell's; ctx only keeps this process from ending.
	err = cmd.Run()
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// empty makes the home one of a person who has nothing yet, with the tool in
// PATH.
func (d *demo) empty() error {
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

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
