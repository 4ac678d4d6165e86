package acceptance_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/o365aws/o365aws/internal/browser"
)

// userBrowserPin is the variable with the public key that userBrowser trusts.
const userBrowserPin = "ACCEPTANCE_TEST_PIN"

// userBrowser acts as the user's own browser, in which the device signs in: it opens an
// address and runs until o365aws has the assertion.
func userBrowser(ctx context.Context, address string) (err error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	path, err := browser.Find(os.Getenv("O365AWS_BROWSER_PATH"), false, os.Getenv)
	if err != nil {
		return err
	}
	b, err := browser.Launch(ctx, browser.Options{
		Path: path, Args: strings.Fields(os.Getenv("O365AWS_BROWSER_ARGS")), ProxyURL: os.Getenv("HTTPS_PROXY"),
		TrustedSPKI: []string{os.Getenv(userBrowserPin)}, StateDir: os.Getenv("HOME") + "/user", Environ: os.Environ(),
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	if err := b.Page().Navigate(ctx, address); err != nil {
		return err
	}
	reply, err := url.Parse(os.Getenv("O365AWS_REPLY_URL"))
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		conn, err := net.Dial("tcp", reply.Host)
		if err != nil {
			return nil // o365aws has stopped listening
		}
		_ = conn.Close()
		time.Sleep(200 * time.Millisecond)
	}
	return ctx.Err()
}

// onTerminal is the variable of a test that runs on a terminal.
const onTerminal = "ACCEPTANCE_TEST_TERMINAL"

// runOnTerminal runs the test in a process with a terminal, which sign-ins in a window
// need.
func runOnTerminal(t *testing.T) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", fmt.Sprintf("-update=%v", *update))
	cmd.Env = append(os.Environ(), onTerminal+"=1")
	tty, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tty.Close() }()
	out, _ := io.ReadAll(tty) // returns an error when the process exits
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}

// display starts a virtual X server and returns DISPLAY.
func display(t *testing.T) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1000x800x24", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{w}
	if err := cmd.Start(); err != nil {
		t.Fatalf("make needs installs Xvfb: %v", err)
	}
	_ = w.Close()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = r.Close()
	})
	_ = r.SetReadDeadline(time.Now().Add(90 * time.Second))
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb: %v", err)
	}
	return ":" + strings.TrimSpace(number)
}
