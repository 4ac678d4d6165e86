package cli_test

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/browser"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fakecloud"
	"github.com/o365aws/o365aws/internal/secret"
)

// userBrowser is the program user-browser of scripts: a user's own browser, in which the
// user signs in. Each start appends a line to the file OPENED; the sign-in starts when
// the file PERSON_WAITS exists; the file LAST_PAGE receives the name of the last page.
func userBrowser() {
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	noteOpened(os.Getenv("OPENED"))
	for name := os.Getenv("PERSON_WAITS"); name != "" && ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(name); err == nil {
			break
		}
	}
	address, err := followed(os.Args[len(os.Args)-1])
	if err != nil {
		cancel()
		return
	}
	last, err := signInByHand(
		ctx, address, os.Getenv("HOME")+"/person", os.Getenv("HTTPS_PROXY"), os.Getenv("AWS_CA_BUNDLE"),
	)
	cancel()
	if err != nil {
		last = err.Error()
	}
	for _, name := range []string{"O365AWS_PASSWORD", "O365AWS_TOTP_SECRET", "O365AWS_STORE_PASSPHRASE"} {
		if os.Getenv(name) != "" {
			last = "the browser's environment contains " + name
		}
	}
	if name := os.Getenv("LAST_PAGE"); name != "" {
		_ = os.WriteFile(name, []byte(last+"\n"), 0o600)
	}
}

func noteOpened(name string) {
	if f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err == nil {
		_, _ = f.WriteString("opened\n") // otherwise the script notices that it is missing
		_ = f.Close()
	}
}

// followed returns the target of a local address. The process list may show only the
// local address.
func followed(address string) (string, error) {
	if !strings.HasPrefix(address, "http://localhost:") {
		return "", fmt.Errorf("the browser was started at %s", address)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Get(address)
	if err != nil {
		return "", err
	}
	return response.Header.Get("Location"), response.Body.Close()
}

// signInByHand signs in linus at an address and returns the final page of the local
// listener: done, failed or refused.
func signInByHand(ctx context.Context, address, profiles, proxy, ca string) (last string, err error) {
	path, err := browser.Find(os.Getenv("O365AWS_BROWSER_PATH"), false, os.Getenv)
	if err != nil {
		return "", err
	}
	spki, err := pinOf(ca)
	if err != nil {
		return "", err
	}
	b, err := browser.Launch(ctx, browser.Options{
		Path: path, Args: strings.Fields(browserArgs()), ProxyURL: proxy, TrustedSPKI: []string{spki},
		StateDir: profiles, Environ: os.Environ(), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	cloud, _ := entra.CloudByName("")
	driver := entra.Driver{
		Cloud: cloud, Username: "linus@contoso.example", Ask: byHand{},
		Log: slog.New(slog.DiscardHandler), Now: time.Now,
	}
	// The driver stops when the sign-in redirects to this machine.
	if _, err := driver.Run(ctx, b.Page(), address); err == nil || !strings.Contains(err.Error(), "localhost") {
		return "", fmt.Errorf("the sign-in went elsewhere: %w", err)
	}
	for {
		snap, err := b.Page().Snapshot(ctx)
		if err != nil {
			return "", err
		}
		for _, id := range []string{"done", "failed", "refused"} {
			if snap.Shows(id) {
				return id, nil
			}
		}
		select {
		case <-b.Page().Changed():
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

func pinOf(file string) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return "", errors.New("no certificate")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:]), nil
}

// byHand is the Prompter of a user in their own browser.
type byHand struct{}

func (byHand) Username(context.Context) (string, error) { return "linus@contoso.example", nil }
func (byHand) Password(context.Context, string, bool) (secret.Text, error) {
	return secret.New(fakecloud.Password), nil
}
func (byHand) Code(context.Context, string, bool) (secret.Text, error) { return secret.Text{}, nil }
func (byHand) Pass(context.Context, bool) (secret.Text, error)         { return secret.Text{}, nil }
func (byHand) Choose(context.Context, string, []entra.Choice) (int, error) {
	return 0, errors.New("a choice")
}
func (byHand) Confirm(context.Context, string) (bool, error)       { return false, nil }
func (byHand) Key(context.Context, byte) (<-chan struct{}, func()) { return nil, func() {} }
func (byHand) Phone() bool                                         { return true }
func (byHand) Number(string)                                       {}
func (byHand) Notice(string)                                       {}
