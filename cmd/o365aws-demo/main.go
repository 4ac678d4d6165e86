// Command o365aws-demo shows a complete login without a tenant. It starts an
// emulator of the Microsoft and AWS servers on this machine and runs the real
// command line against it, with a temporary home folder. The argument admin
// shows the setup of a tenant and an AWS account instead; try opens a shell for
// experiments. The command is not part of a release.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/o365aws/o365aws/internal/fakecloud"
)

func main() {
	if isTool() {
		os.Exit(runTool())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	demonstration := run
	if len(os.Args) > 1 && os.Args[1] == "admin" {
		demonstration = runAdmin
	}
	if len(os.Args) > 1 && os.Args[1] == "try" {
		demonstration = runTry
	}
	err := demonstration(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run logs in, shows the resulting file, and calls AWS STS in two ways.
func run(ctx context.Context) error {
	d, err := newDemo(fakecloud.Options{Scenario: "push-waits"})
	if err != nil {
		return err
	}
	defer d.close()
	began := time.Now()
	if err := d.login(ctx, ""); err != nil {
		return err
	}
	fmt.Printf("\nDone in %.1f s. The credentials file now contains:\n", time.Since(began).Seconds())
	if err := d.showFile(); err != nil {
		return err
	}
	if err := d.callWithSDK(ctx); err != nil {
		return err
	}
	if err := d.callWithCLI(ctx); err != nil {
		return err
	}
	if err := d.checkAssertions(); err != nil {
		return err
	}
	fmt.Print("\nFor your own tenant, add three lines to ~/.aws/config and run one command:\n\n" +
		"  printf '[default]\\nazure_tenant_id = YOUR-DOMAIN\\nazure_default_username = YOU@YOUR-DOMAIN\\nregion = eu-central-1\\n' >> ~/.aws/config\n" +
		"  o365aws login\n" +
		"  aws sts get-caller-identity\n")
	return nil
}
