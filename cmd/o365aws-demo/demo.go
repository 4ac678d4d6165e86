package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"golang.org/x/term"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/cli"
	"github.com/o365aws/o365aws/internal/fakecloud"
	"github.com/o365aws/o365aws/internal/prompt"
	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/sts"
)

// demo holds the emulator and the temporary home folder.
type demo struct {
	cloud *fakecloud.Cloud
	home  string
	env   map[string]string // the complete environment of the programs that the demo runs
	back  func()            // restores the working folder; nil when it was not changed
}

const region = "eu-central-1"

func newDemo(o fakecloud.Options) (*demo, error) {
	home, err := os.MkdirTemp("", "o365aws-demo-")
	if err != nil {
		return nil, err
	}
	d := &demo{home: home}
	if d.cloud, err = fakecloud.New(o); err == nil {
		err = d.cloud.Start()
	}
	if err == nil {
		err = d.prepare()
	}
	if err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *demo) close() {
	if d.cloud != nil {
		_ = d.cloud.Close()
	}
	if d.back != nil {
		d.back()
	}
	if err := os.RemoveAll(d.home); err != nil {
		fmt.Fprintln(os.Stderr, "demo: could not remove the temporary home folder:", err)
	}
}

// prepare writes the profile and sets the environment.
func (d *demo) prepare() error {
	aws := filepath.Join(d.home, ".aws")
	if err := os.MkdirAll(aws, 0o700); err != nil {
		return err
	}
	profile := fmt.Sprintf(
		"[default]\nazure_tenant_id = %s\nazure_default_username = %s\nregion = %s\n", fakecloud.TenantDomain,
		fakecloud.UserName, region,
	)
	if err := os.WriteFile(filepath.Join(aws, "config"), []byte(profile), 0o600); err != nil {
		return err
	}
	ca := filepath.Join(d.home, "ca.pem")
	if err := d.cloud.WriteCA(ca); err != nil {
		return err
	}
	d.env = map[string]string{
		"HOME": d.home, "PATH": os.Getenv("PATH"), "TERM": os.Getenv("TERM"), "LANG": os.Getenv("LANG"),
		"SystemRoot": os.Getenv("SystemRoot"), "O365AWS_BROWSER_PATH": os.Getenv("O365AWS_BROWSER_PATH"),
		"O365AWS_BROWSER_ARGS": os.Getenv("O365AWS_BROWSER_ARGS"),
		"AWS_CONFIG_FILE": filepath.Join(
			aws, "config",
		), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(aws, "credentials"),
		"AWS_CA_BUNDLE": ca, "HTTPS_PROXY": d.cloud.ProxyURL(), "AWS_EC2_METADATA_DISABLED": "true",
	}
	if os.Geteuid() == 0 && d.env["O365AWS_BROWSER_ARGS"] == "" {
		fmt.Println("Running as root, so the demo sets O365AWS_BROWSER_ARGS=--no-sandbox: Chromium has no sandbox for root.")
		d.env["O365AWS_BROWSER_ARGS"] = "--no-sandbox"
	}
	return nil
}

func (d *demo) getenv(name string) string { return d.env[name] }

func (d *demo) environ() []string {
	var list []string
	for name, value := range d.env {
		if value != "" {
			list = append(list, name+"="+value)
		}
	}
	return list
}

// login runs the real command line with the password in the environment, as in
// unattended use. On a terminal the user picks the role, unless one is given.
func (d *demo) login(ctx context.Context, role string) error {
	args := []string{"o365aws", "login"}
	hasTerminal := term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stderr.Fd()))
	if role == "" && !hasTerminal {
		role = "111122223333/azure.reader"
	}
	if role != "" {
		args = append(args, "--role", role)
	}
	fmt.Printf("\nAn emulated phone approves the sign-in.\n\n$ %s\n", strings.Join(args, " "))
	env := cli.Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: func(name string) string {
			if name == "O365AWS_PASSWORD" {
				return fakecloud.Password
			}
			return d.getenv(name)
		},
		Environ: d.environ, UserHome: func() (string, error) { return d.home, nil }, Executable: os.Executable,
		Now: time.Now, Random: rand.Reader, Terminal: prompt.OpenTerminal,
	}
	if !hasTerminal {
		env.Terminal = func() (*os.File, *os.File, func()) { return nil, nil, func() {} }
	}
	done := make(chan struct{})
	go d.approvePushes(done)
	code := cli.Main(ctx, env, args)
	close(done)
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	if code != 0 {
		return fmt.Errorf("login exited with code %d", code)
	}
	return nil
}

// approvePushes enters the number that the sign-in shows, as the user does on the
// phone. It prints nothing, because the sign-in uses the terminal.
func (d *demo) approvePushes(done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case <-time.After(3 * time.Second):
		}
		if number, waiting := d.cloud.Phone(); waiting {
			d.cloud.Answer(number)
		}
	}
}

var secretValue = regexp.MustCompile(`(?m)^(aws_(?:secret_access_key|session_token)\s*=\s*).*$`)

func (d *demo) showFile() error {
	data, err := os.ReadFile(d.env["AWS_SHARED_CREDENTIALS_FILE"])
	if err != nil {
		return err
	}
	for _, line := range bytes.Split(bytes.TrimSpace(secretValue.ReplaceAll(data, []byte("${1}(not shown)"))), []byte("\n")) {
		fmt.Printf("  %s\n", line)
	}
	return nil
}

// callWithSDK calls GetCallerIdentity with the credentials as the AWS SDK reads them.
func (d *demo) callWithSDK(ctx context.Context) error {
	loaded, err := config.LoadDefaultConfig(ctx,
		config.WithSharedConfigFiles([]string{d.env["AWS_CONFIG_FILE"]}),
		config.WithSharedCredentialsFiles([]string{d.env["AWS_SHARED_CREDENTIALS_FILE"]}),
		config.WithSharedConfigProfile("default"))
	if err != nil {
		return err
	}
	found, err := loaded.Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	client := sts.New(sts.Options{Region: region, HTTP: d.cloud.Client()})
	_, arn, err := client.Identity(ctx, awscreds.Credentials{
		AccessKeyID: found.AccessKeyID, SecretAccessKey: secret.New(found.SecretAccessKey), SessionToken: secret.New(found.SessionToken),
	})
	if err != nil {
		return err
	}
	fmt.Printf("\nGetCallerIdentity with the AWS SDK:\n  %s\n", arn)
	return nil
}

// callWithCLI calls GetCallerIdentity with the AWS CLI, if it is installed.
func (d *demo) callWithCLI(ctx context.Context) error {
	path, err := exec.LookPath("aws")
	if err != nil {
		fmt.Println("\nThe AWS CLI is not installed, so the same call with aws is left out.")
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "sts", "get-caller-identity", "--query", "Arn", "--output", "text")
	cmd.Env, cmd.Stderr = d.environ(), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("aws sts get-caller-identity: %w", err)
	}
	fmt.Printf("\n$ aws sts get-caller-identity --query Arn\n  %s\n", bytes.TrimSpace(out))
	return nil
}

// checkAssertions checks that no assertion reached AWS's sign-in site.
func (d *demo) checkAssertions() error {
	if n := d.cloud.LeakedAssertions(); n > 0 {
		return fmt.Errorf("%d assertions reached the AWS sign-in site", n)
	}
	return nil
}
