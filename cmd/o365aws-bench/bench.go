package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/browser"
	"github.com/o365aws/o365aws/internal/fakecloud"
)

// The user has no second factor, so no measurement waits for a phone.
const (
	user = "linus@contoso.example"
	role = "111122223333/azure.reader"
)

// bench is the environment of a measurement: the emulator, a home, and the programs.
type bench struct {
	programs
	cloud   *fakecloud.Cloud
	home    string
	browser string
	env     []string // complete environment of the programs
	peaks   bool     // whether to measure peak memory, which costs a little time
	closers []func() // in reverse order
}

// programs holds the paths of the measured programs.
type programs struct {
	dir            string
	program, hello string
}

func (p programs) remove() { _ = os.RemoveAll(p.dir) }

// helloSource is a minimal Go program, the lower bound for a start.
const helloSource = "package main\n\nimport \"os\"\n\nfunc main() { _, _ = os.Stdout.WriteString(\"{}\\n\") }\n"

// build builds o365aws as in a release, and the program to compare it with.
func build(ctx context.Context) (programs, error) {
	dir, err := os.MkdirTemp("", "o365aws-bench-")
	if err != nil {
		return programs{}, err
	}
	p := programs{dir: dir, program: filepath.Join(dir, "o365aws"), hello: filepath.Join(dir, "hello")}
	if runtime.GOOS == "windows" {
		p.program, p.hello = p.program+".exe", p.hello+".exe"
	}
	source := filepath.Join(dir, "hello.go")
	err = os.WriteFile(source, []byte(helloSource), 0o600)
	if err == nil {
		err = goBuild(ctx, p.hello, source)
	}
	if err == nil {
		err = goBuild(ctx, p.program, "github.com/o365aws/o365aws/cmd/o365aws")
	}
	if err != nil {
		p.remove()
	}
	return p, err
}

func goBuild(ctx context.Context, to, what string) error {
	cmd := exec.CommandContext(
		ctx, "go", "build", "-trimpath", "-tags", "urfave_cli_no_docs", "-ldflags",
		"-s -w -X github.com/o365aws/o365aws/internal/cli.version=0.0.0", "-o", to, what,
	)
	cmd.Env, cmd.Stderr = append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go build: %w", err)
	}
	return nil
}

func newBench(built programs, emulator fakecloud.Options) (*bench, error) {
	home, err := os.MkdirTemp("", "o365aws-bench-")
	if err != nil {
		return nil, err
	}
	b := &bench{programs: built, home: home}
	if b.browser, err = browser.Find(os.Getenv("O365AWS_BROWSER_PATH"), false, os.Getenv); err == nil {
		b.cloud, err = fakecloud.New(emulator)
	}
	if err == nil {
		err = b.cloud.Start()
	}
	if err == nil {
		err = b.writeConfig()
	}
	if err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *bench) close() {
	for _, stop := range slices.Backward(b.closers) {
		stop()
	}
	if b.cloud != nil {
		_ = b.cloud.Close()
	}
	_ = os.RemoveAll(b.home)
}

// writeConfig writes a profile and sets the environment for the emulator, like the
// settings for a company proxy.
func (b *bench) writeConfig() error {
	ca, config := filepath.Join(b.home, "ca.pem"), filepath.Join(b.home, "config")
	profile := fmt.Sprintf(
		"[default]\nazure_tenant_id = %s\nazure_default_username = %s\nazure_default_role_arn = %s\nregion = eu-central-1\n",
		fakecloud.TenantID, user, role,
	)
	if err := errors.Join(b.cloud.WriteCA(ca), os.WriteFile(config, []byte(profile), 0o600)); err != nil {
		return err
	}
	b.env = []string{
		"HOME=" + b.home, "USERPROFILE=" + b.home, "PATH=" + os.Getenv("PATH"), "SystemRoot=" + os.Getenv("SystemRoot"),
		"AWS_CONFIG_FILE=" + config, "AWS_SHARED_CREDENTIALS_FILE=" + filepath.Join(b.home, "credentials"),
		"O365AWS_HOME=" + filepath.Join(b.home, "o365aws"), "O365AWS_PASSWORD=" + fakecloud.Password,
		"O365AWS_BROWSER_PATH=" + b.browser, "O365AWS_BROWSER_ARGS=" + strings.Join(browserArgs(), " "),
		"HTTPS_PROXY=" + b.cloud.ProxyURL(), "AWS_CA_BUNDLE=" + ca, "AWS_EC2_METADATA_DISABLED=true",
	}
	return nil
}

// browserArgs returns the user's browser arguments, or --no-sandbox for root.
func browserArgs() []string {
	if args := strings.Fields(os.Getenv("O365AWS_BROWSER_ARGS")); len(args) > 0 || os.Geteuid() != 0 {
		return args
	}
	return []string{"--no-sandbox"}
}

// command runs a program in the environment of the bench.
func (b *bench) command(ctx context.Context, program string, args ...string) (sample, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	var output bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = b.env, &output, &output
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return sample{}, err
	}
	peak := func() int64 { return 0 }
	if b.peaks {
		peak = watchPeak(cmd.Process.Pid)
	}
	err := cmd.Wait()
	s := sample{took: time.Since(began), peak: peak()}
	if err != nil {
		return s, fmt.Errorf("%w: %s", err, bytes.TrimSpace(output.Bytes()))
	}
	return s, nil
}
