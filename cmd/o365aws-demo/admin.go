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

// runAdmin tells an admin's story: an empty tenant and an empty AWS account,
// one file, and at the end a person who signs in with a role from it.
func runAdmin(ctx context.Context) error {
	d, err := newDemo(fakecloud.Options{Scenario: "push-waits", Empty: true})
	if err != nil {
		return err
	}
	defer d.close()
	began := time.Now()
	if err := d.beAdmin(); err != nil {
		return err
	}
	defer d.beNobody()
	fmt.Print(
		"A tenant (contoso.example) and an AWS account (" + fakecloud.AccountID + "), both empty. As in CI, the admin's\n" +
			"credentials for both are in AZURE_... and AWS_... variables; on your own machine a browser opens instead.\n",
	)
	if err := d.setUp(ctx); err != nil {
		return err
	}
	d.beNobody()
	fmt.Print("\nThe admin is done. Now Ada, who was assigned two roles, signs in with one of them:\n")
	if err := d.login(ctx, fakecloud.AccountID+"/azure.reader"); err != nil {
		return err
	}
	if err := d.proveBySDK(ctx); err != nil {
		return err
	}
	if err := d.checkAWS(); err != nil {
		return err
	}
	fmt.Printf("\nFrom two empty clouds to a sign-in: %.0f s.\n", time.Since(began).Seconds())
	return nil
}

// assignments is what the admin adds to the file that init writes.
const assignments = `
assignments:
  - user: ada@contoso.example
    roles: [azure.admin, azure.reader]
`

// setUp is the admin's part.
func (d *demo) setUp(ctx context.Context) error {
	if err := d.admin(ctx, 0, "init", "--tenant", fakecloud.TenantDomain, "--account", fakecloud.AccountID); err != nil {
		return err
	}
	fmt.Print("\nThe admin writes who may use which role into the file:\n" + assignments)
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
		"\n%d changes were made in the tenant, %d in the AWS account. A second apply has nothing to do:\n",
		len(d.cloud.Graph.Writes()), len(d.cloud.AWSWrites()),
	)
	return d.admin(ctx, 0, "apply", "--yes")
}

// addAssignments puts the assignments into the file, in place of the example
// that stands there in a comment.
func (d *demo) addAssignments() error {
	path := filepath.Join(d.home, "o365aws.yaml")
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if strings.Contains(string(data), "\nassignments:") {
		return errors.New("the draft of the spec has assignments already")
	}
	return os.WriteFile(path, append(data, assignments...), 0o600)
}

// admin runs an admin command and wants it to end with code.
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
		return fmt.Errorf("%s ended with exit code %d, not %d", strings.Join(args, " "), got, code)
	}
	return nil
}

// adminVariables are the admin's credentials. The AWS SDK reads them, and the
// way to AWS, from the process's own environment.
var adminVariables = map[string]string{
	"AZURE_TENANT_ID": fakecloud.TenantID, "AZURE_CLIENT_ID": fakegraph.ProgramID, "AZURE_CLIENT_SECRET": fakegraph.ProgramSecret,
	"AWS_ACCESS_KEY_ID": fakecloud.AdminKeyID, "AWS_SECRET_ACCESS_KEY": fakecloud.AdminSecret,
}

// beAdmin makes the environment the admin's, and works in the temporary home.
func (d *demo) beAdmin() error {
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

// beNobody forgets the admin's credentials.
func (d *demo) beNobody() {
	for name := range adminVariables {
		delete(d.env, name)
		_ = os.Unsetenv(name)
	}
}
