package network_test

import (
	"context"
	"crypto/rand"
	"encoding/pem"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/testenv"
)

// user types a password at a prompt.
type user struct {
	login.Prompter
	asked *int
}

func (u user) Password(context.Context, string, bool) (secret.Text, error) {
	*u.asked++
	return secret.New("password"), nil
}
func (user) HasPassword() bool { return false }
func (user) Notice(string)     {}
func (user) Window() bool      { return false }
func (user) Phone() bool       { return false }

// During a login with a company's certificate authority, an attacker who presents its
// certificate with a forged one receives neither a request nor a password.
func TestLoginRefusesForgedCertificate(t *testing.T) {
	testenv.Needs(t, "Chromium")
	authority := issued(t, "Company CA", nil)
	to, reached := server(t, forged(t, authority))
	home := t.TempDir()
	bundle := filepath.Join(home, "ca.pem")
	if err := os.WriteFile(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Certificate[0]}), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"HTTPS_PROXY": proxyTo(t, to), "PATH": os.Getenv("PATH"), "HOME": home}
	getenv := func(name string) string { return env[name] }
	args := strings.Fields(os.Getenv("O365AWS_BROWSER_ARGS"))
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox")
	}
	asked := 0
	_, err := login.Run(t.Context(), login.Env{
		Paths: awsconfig.ResolvePaths(
			getenv, home,
		), Getenv: getenv, Environ: []string{"PATH=" + env["PATH"], "HOME=" + home},
		Prompter: user{asked: &asked}, Log: slog.New(slog.DiscardHandler), Now: time.Now, Random: rand.Reader,
	}, login.Request{Profile: awsconfig.Profile{
		Name: "default", TenantID: "3f2b6c1e-8d4a-4e57-9a61-0c5d7e9b1a24", AppIDURI: "https://signin.aws.amazon.com/saml", Username: "ada@contoso.example",
		Region: "eu-central-1", CABundle: bundle, Browser: "headless", BrowserPath: os.Getenv("O365AWS_BROWSER_PATH"), BrowserArgs: args, Store: "none",
	}})
	if fault.KindOf(err) != fault.Network ||
		!strings.Contains(err.Error(), "a server with an untrusted certificate: the certificate of "+host) {
		t.Errorf("got error %v", err)
	}
	if reached.Load() != 0 || asked != 0 {
		t.Errorf("the attacker received %d requests; the password was prompted for %d times", reached.Load(), asked)
	}
}
