// Command o365aws-demo shows a whole login without a tenant: it starts a
// double of Microsoft's and AWS's servers on this machine and runs the real
// command line against it, in a temporary home. With the word admin it shows
// what comes before: setting up a tenant and an AWS account. With the word try
// it gives a shell in which everything can be tried. It is never released.
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
	story := run
	if len(os.Args) > 1 && os.Args[1] == "admin" {
		story = runAdmin
	}
	if len(os.Args) > 1 && os.Args[1] == "try" {
		story = runTry
	}
	err := story(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run tells the story: a login, the file it wrote, two proofs.
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
	fmt.Printf("\nThat took %.1f s. The credentials file now holds:\n", time.Since(began).Seconds())
	if err := d.showFile(); err != nil {
		return err
	}
	if err := d.proveBySDK(ctx); err != nil {
		return err
	}
	if err := d.proveByCLI(ctx); err != nil {
		return err
	}
	if err := d.checkAWS(); err != nil {
		return err
	}
	fmt.Print("\nOn your own tenant, three lines in ~/.aws/config and one command:\n\n" +
		"  printf '[default]\\nazure_tenant_id = YOUR-DOMAIN\\nazure_default_username = YOU@YOUR-DOMAIN\\nregion = eu-central-1\\n' >> ~/.aws/config\n" +
		"  o365aws login\n" +
		"  aws sts get-caller-identity\n")
	return nil
}
