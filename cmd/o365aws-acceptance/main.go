// Command o365aws-acceptance runs a checklist of o365aws against a real tenant and a real
// AWS account. It asks for confirmation before a check that notifies a phone, opens a
// window or changes anything, and finally writes a table and a report file. It is not
// part of a release.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/o365aws/o365aws/internal/acceptance"
	"github.com/o365aws/o365aws/internal/cli"
	"github.com/o365aws/o365aws/internal/prompt"
)

// asProgram makes this program run as the o365aws of the same source.
const asProgram = "O365AWS_ACCEPTANCE_PROGRAM"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	if os.Getenv(asProgram) != "" {
		code := cli.Main(ctx, cli.System(), append([]string{"o365aws"}, os.Args[1:]...))
		stop()
		os.Exit(code)
	}
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "acceptance:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	kit := acceptance.Kit{Environ: os.Environ(), Out: os.Stdout}
	var methods, only string
	flag.StringVar(&kit.Program, "program", "", "path of the o365aws to test (default: this source)")
	flag.StringVar(&kit.Tenant, "tenant", "", "tenant: GUID or domain")
	flag.StringVar(&kit.User, "user", "", "e-mail address to sign in with")
	flag.StringVar(&kit.Role, "role", "", "ARN of the role to assume")
	flag.StringVar(&kit.Region, "region", "us-east-1", "AWS region")
	flag.StringVar(&kit.Cloud, "cloud", "", "Microsoft cloud: global, usgov or china")
	flag.StringVar(&methods, "methods", "", "methods of multifactor authentication to test, e.g. push,totp,sms")
	flag.StringVar(&kit.Account, "account", "", "AWS account for a test setup (creates and deletes resources)")
	flag.StringVar(&kit.Spec, "spec", "", "spec file to plan (writes nothing)")
	flag.StringVar(&only, "only", "", "comma-separated names of checks to run (default: all)")
	flag.StringVar(&kit.Report, "report", "o365aws-acceptance.json", "report file to write")
	flag.Parse()
	kit.Methods, kit.Only = list(methods), list(only)
	if (kit.Tenant == "" || kit.User == "" && kit.Account == "") && kit.Spec == "" {
		return errors.New("no tenant and user: use -tenant contoso.com -user ada@contoso.com, " +
			"or -spec FILE as an administrator")
	}
	if kit.Program == "" {
		kit.Environ = append(kit.Environ, asProgram+"=1")
		kit.Program, err = os.Executable()
	} else if kit.Program, err = exec.LookPath(kit.Program); err == nil {
		kit.Program, err = filepath.Abs(kit.Program)
	}
	if err != nil {
		return err
	}
	if kit.Dir, err = os.MkdirTemp("", "o365aws-acceptance-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(kit.Dir)) }()
	in, out, closeTerminal := prompt.OpenTerminal()
	defer closeTerminal()
	kit.Confirm = prompt.New(prompt.Options{In: in, Out: out, Err: os.Stderr}).Confirm
	return kit.Run(ctx)
}

func list(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ' ' })
}
