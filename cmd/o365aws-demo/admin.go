package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/cli"
	"github.com/o365aws/o365aws/internal/fakecloud"
	fakegraph "github.com/o365aws/o365aws/internal/fakecloud/graph"
)

// runAdmin sets up an empty tenant and an empty AWS account from one spec file,
// and signs a user in with a role from it.
func runAdmin(ctx context.Context) error {
	d, err := newDemo(fakecloud.Options{Scenario: "push-waits", Empty: true})
	if err != nil {
		return err
	}
	defer d.close()
	began := time.Now()
	if err := d.setAdminEnvironment(); err != nil {
		return err
	}
	defer d.clearAdminEnvironment()
	fmt.Print(
		"Start: an empty tenant (contoso.example) and an empty AWS account (" + fakecloud.AccountID + ").\n" +
			"As in CI, the admin's credentials are in AZURE_... and AWS_... variables. On your own machine a browser opens.\n",
	)
	if err := d.setUp(ctx); err != nil {
		return err
	}
	d.clearAdminEnvironment()
	fmt.Print("\nThe setup is complete. Ada, who was assigned two roles, now signs in with one of them:\n")
	if err := d.login(ctx, fakecloud.AccountID+"/azure.reader"); err != nil {
		return err
	}
	if err := d.callWithSDK(ctx); err != nil {
		return err
	}
	if err := d.checkAssertions(); err != nil {
		return err
	}
	fmt.Printf("\nFrom empty tenant and account to the first sign-in: %.0f s.\n", time.Since(began).Seconds())
	return nil
}

// assignments is appended to the file that init writes.
const assignments = `
assignments:
  - user: ada@contoso.example
    roles: [azure.admin, azure.reader]
`

// setUp runs the commands of the admin.
func (d *demo) setUp(ctx context.Context) error {
	if err := d.admin(ctx, 0, "init", "--tenant", fakecloud.TenantDomain, "--account", fakecloud.AccountID); err != nil {
		return err
	}
	fmt.Print("\nThe admin adds the role assignments to the file:\n" + assignments)
	if err := d.addAssignments(); err != nil {
		return err
	}
	for _, step := range []struct {
		code int
		args []string
	}{
		{9, []string{"plan"}},
		{0, []string{"apply", "--yes"}},
		{0, []string{"verify", "--verbose"}},
	} {
		if err := d.admin(ctx, step.code, step.args...); err != nil {
			return err
		}
	}
	fmt.Printf(
		"\nMade %d changes in the tenant and %d in the AWS account. A second apply changes nothing:\n",
		len(d.cloud.Graph.Writes()), len(d.cloud.AWSWrites()),
	)
	return d.admin(ctx, 0, "apply", "--yes")
}

// addAssignments appends assignments to the file, in which they are commented out.
func (d *demo) addAssignments() error {
	path := filepath.Join(d.home, "o365aws.yaml")
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if strings.Contains(string(data), "\nassignments:") {
		return errors.New("the drafted spec already has assignments")
	}
	return os.WriteFile(path, append(data, assignments...), 0o600)
}

// admin runs an admin command and checks its exit code.
func (d *demo) admin(ctx context.Context, code int, args ...string) error {
	args = append([]string{"o365aws", "admin"}, args...)
	fmt.Printf("\n$ %s\n", strings.Join(args, " "))
	got := cli.Main(ctx, cli.Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: d.getenv, Environ: d.environ,
		UserHome: func() (string, error) { return d.home, nil }, Executable: os.Executable, Now: time.Now, Random: rand.Reader,
		Terminal: func() (*os.File, *os.File, func()) { return nil, nil, func() {} },
	}, args)
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	if got != code {
		return fmt.Errorf("%s: exit code %d, want %d", strings.Join(args, " "), got, code)
	}
	return nil
}

// adminVariables holds the admin's credentials. The AWS SDK reads them, and the proxy,
// from the environment of this process.
var adminVariables = map[string]string{
	"AZURE_TENANT_ID": fakecloud.TenantID, "AZURE_CLIENT_ID": fakegraph.ProgramID, "AZURE_CLIENT_SECRET": fakegraph.ProgramSecret,
	"AWS_ACCESS_KEY_ID": fakecloud.AdminKeyID, "AWS_SECRET_ACCESS_KEY": fakecloud.AdminSecret,
}

// setAdminEnvironment sets the admin's credentials and changes to the temporary
// home folder.
func (d *demo) setAdminEnvironment() error {
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "AZURE_") {
			if err := os.Unsetenv(name); err != nil {
				return err
			}
		}
	}
	for name, value := range adminVariables {
		d.env[name] = value
	}
	for name, value := range d.env {
		if strings.HasPrefix(name, "AWS_") || name == "HTTPS_PROXY" {
			if err := os.Setenv(name, value); err != nil {
				return err
			}
		}
	}
	folder, err := os.Getwd()
	if err != nil {
		return err
	}
	d.back = func() { _ = os.Chdir(folder) }
	return os.Chdir(d.home)
}

// clearAdminEnvironment removes the admin's credentials.
func (d *demo) clearAdminEnvironment() {
	for name := range adminVariables {
		delete(d.env, name)
		_ = os.Unsetenv(name)
	}
}
