package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/o365aws/o365aws/internal/cli"
	"github.com/o365aws/o365aws/internal/fakecloud"
)

// The user has no second factor, so no operation waits for a phone.
const (
	user       = "linus@contoso.example"
	passphrase = "correct horse battery staple"
	profiles   = 6 // p0 to p5, in addition to process
)

// world is an emulator, a proxy to it and a home.
type world struct {
	program string // "" runs the command line in this process
	cloud   *fakecloud.Cloud
	proxy   *flakyProxy
	home    string
	env     map[string]string
	ahead   atomic.Int64 // the emulator's clock minus the real one, in ns
	skew    atomic.Int64 // the local clock minus the emulator's, in ns
}

// buildProgram builds o365aws as it is released.
func buildProgram(ctx context.Context) (path string, remove func(), err error) {
	dir, err := os.MkdirTemp("", "o365aws-soak-")
	if err != nil {
		return "", nil, err
	}
	path = filepath.Join(dir, "o365aws")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", path, "github.com/o365aws/o365aws/cmd/o365aws")
	cmd.Env, cmd.Stderr = append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
	if err := cmd.Run(); err != nil {
		return "", nil, errors.Join(fmt.Errorf("go build: %w", err), os.RemoveAll(dir))
	}
	return path, func() { _ = os.RemoveAll(dir) }, nil
}

func newWorld(program string) (*world, error) {
	home, err := os.MkdirTemp("", "o365aws-soak-")
	if err != nil {
		return nil, err
	}
	w := &world{program: program, home: home}
	w.cloud, err = fakecloud.New(
		fakecloud.Options{Now: func() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }},
	)
	if err == nil {
		err = w.cloud.Start()
	}
	if err == nil {
		w.proxy, err = newFlakyProxy(strings.TrimPrefix(w.cloud.ProxyURL(), "http://"))
	}
	if err == nil {
		err = w.configure()
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *world) close() {
	if w.proxy != nil {
		w.proxy.close()
	}
	if w.cloud != nil {
		_ = w.cloud.Close()
	}
	_ = os.RemoveAll(w.home)
}

// configure writes the profiles and sets the environment, like the settings for a company
// proxy.
func (w *world) configure() error {
	aws := filepath.Join(w.home, ".aws")
	var text strings.Builder
	fmt.Fprintf(
		&text,
		"[default]\nazure_tenant_id = %s\nazure_default_username = %s\nregion = eu-central-1\no365aws_store = file\n",
		fakecloud.TenantDomain, user,
	)
	const profile = "\n[profile %s]\no365aws_base = default\nregion = eu-central-1\nazure_default_role_arn = %s\n"
	for i := range profiles {
		fmt.Fprintf(&text, profile, fmt.Sprintf("p%d", i), "arn:aws:iam::111122223333:role/azure.reader")
	}
	fmt.Fprintf(&text, profile, "process", "arn:aws:iam::444455556666:role/azure.reader")
	text.WriteString("credential_process = o365aws credential-process --profile process\n")
	ca := filepath.Join(w.home, "ca.pem")
	if err := os.MkdirAll(aws, 0o700); err != nil {
		return err
	}
	err := os.WriteFile(filepath.Join(aws, "config"), []byte(text.String()), 0o600)
	if err = errors.Join(err, w.cloud.WriteCA(ca)); err != nil {
		return err
	}
	w.env = map[string]string{
		"HOME": w.home, "USERPROFILE": w.home, "PATH": os.Getenv("PATH"), "SystemRoot": os.Getenv("SystemRoot"),
		"O365AWS_PASSWORD": fakecloud.Password, "O365AWS_STORE_PASSPHRASE": passphrase, "O365AWS_NO_INPUT": "1",
		"O365AWS_BROWSER_PATH": os.Getenv("O365AWS_BROWSER_PATH"),
		"O365AWS_BROWSER_ARGS": os.Getenv("O365AWS_BROWSER_ARGS"),
		"HTTPS_PROXY":          "http://" + w.proxy.address(), "AWS_CA_BUNDLE": ca, "AWS_EC2_METADATA_DISABLED": "true",
	}
	if os.Geteuid() == 0 && w.env["O365AWS_BROWSER_ARGS"] == "" {
		w.env["O365AWS_BROWSER_ARGS"] = "--no-sandbox"
	}
	return nil
}

func (w *world) environ() []string {
	var list []string
	for name, value := range w.env {
		if value != "" {
			list = append(list, name+"="+value)
		}
	}
	return list
}

// now returns the time of the local clock.
func (w *world) now() time.Time {
	return time.Now().Add(time.Duration(w.ahead.Load() + w.skew.Load()))
}

// result is the outcome of a command.
type result struct {
	code   int
	stdout string
	stderr string
}

// runLimit ends a hanging command; every command has its own, shorter limit.
const runLimit = 3 * time.Minute

// run runs a command, in this process or as a new one.
func (w *world) run(ctx context.Context, args ...string) result {
	ctx, cancel := context.WithTimeout(ctx, runLimit)
	defer cancel()
	if w.program != "" {
		return w.start(ctx, args...)()
	}
	var stdout, stderr bytes.Buffer
	env := cli.Env{
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
		Getenv: func(name string) string { return w.env[name] }, Environ: w.environ,
		UserHome: func() (string, error) { return w.home, nil }, Now: w.now, Random: rand.Reader,
		Terminal: func() (*os.File, *os.File, func()) { return nil, nil, func() {} },
	}
	code := cli.Main(ctx, env, append([]string{"o365aws"}, args...))
	return result{code, stdout.String(), stderr.String()}
}

// start starts a process and returns a function that waits for its result.
func (w *world) start(ctx context.Context, args ...string) func() result {
	cmd := exec.CommandContext(ctx, w.program, args...)
	var stdout, stderr bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = w.environ(), &stdout, &stderr
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		return func() result { return result{code: -1, stderr: err.Error()} }
	}
	return func() result {
		err := cmd.Wait()
		e := result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
		if err != nil && cmd.ProcessState.Success() {
			e.stderr += err.Error()
		}
		return e
	}
}

// startAndKill starts a process and kills it after a delay if it still runs.
func (w *world) startAndKill(ctx context.Context, after time.Duration, args ...string) {
	cmd := exec.CommandContext(ctx, w.program, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = w.environ(), io.Discard, io.Discard
	if cmd.Start() != nil {
		return
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	_ = cmd.Wait()
	timer.Stop()
}
