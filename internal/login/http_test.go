package login

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fakecloud"
	"github.com/o365aws/o365aws/internal/network"
	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/testenv"
)

// phonePrompter is a user with a password and a phone.
type phonePrompter struct{ nonInteractive }

// Phone implements identity.Prompter.
func (phonePrompter) Phone() bool { return true }

// Password implements identity.Prompter.
func (p phonePrompter) Password(ctx context.Context, user string, again bool) (secret.Text, error) {
	if again {
		return p.nonInteractive.Password(ctx, user, again)
	}
	return secret.New(fakecloud.Password), nil
}

// obscuring makes one response unreadable for a sign-in over HTTP, but not for a
// browser.
type obscuring struct {
	next      http.RoundTripper
	at, count int
}

func (o *obscuring) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := o.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if o.count++; o.count != o.at {
		return response, nil
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	_ = response.Body.Close()
	body = bytes.Replace(body, []byte("$Config="), []byte("$Config\t="), 1)
	response.Body = io.NopCloser(io.MultiReader(strings.NewReader("\ufeff"), bytes.NewReader(body)))
	return response, nil
}

// A browser continues wherever a sign-in over HTTP stops: the password is sent
// once, and one request goes to the phone.
func TestBrowserContinues(t *testing.T) {
	testenv.Needs(t, "Chromium")
	for at := 1; at <= 8; at++ {
		t.Run("response "+strconv.Itoa(at), func(t *testing.T) {
			t.Parallel()
			cloud, err := fakecloud.New(fakecloud.Options{})
			if err == nil {
				err = cloud.Start()
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = cloud.Close() })
			run := runAgainst(t, cloud)
			client := *run.network.Client
			client.Transport = &obscuring{next: client.Transport, at: at}
			run.network.Client = &client

			outcome, err := run.signIn(t.Context())
			if err != nil || outcome.assertion.IsZero() {
				t.Errorf("got no assertion: %v", err)
			}
			passwords := 0
			for _, r := range cloud.Requests() {
				if slices.Contains(r.Form, "passwd") {
					passwords++
				}
			}
			if passwords != 1 || cloud.PhonePrompts() != 1 {
				t.Errorf(
					"got %d passwords and %d requests to the phone, want 1 of each",
					passwords,
					cloud.PhonePrompts(),
				)
			}
		})
	}
}

// runAgainst returns a sign-in over HTTP at the emulator.
func runAgainst(t *testing.T, cloud *fakecloud.Cloud) browserRun {
	t.Helper()
	now := time.Now()
	env := envAt(t, &now)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := cloud.WriteCA(ca); err != nil {
		t.Fatal(err)
	}
	env.Now, env.Environ, env.Prompter = time.Now, os.Environ(), phonePrompter{}
	env.Getenv = func(name string) string {
		return map[string]string{"HTTPS_PROXY": cloud.ProxyURL()}[name]
	}
	p := awsconfig.Profile{
		Name: "default", Browser: "none", BrowserPath: os.Getenv("O365AWS_BROWSER_PATH"), Cloud: "global",
		AppIDURI: "https://signin.aws.amazon.com/saml", TenantID: fakecloud.TenantID,
		Username: fakecloud.UserName, Store: "none",
	}
	if os.Geteuid() == 0 {
		p.BrowserArgs = []string{"--no-sandbox"}
	}
	net, err := network.New(env.Getenv, ca, "login.microsoftonline.com")
	if err != nil {
		t.Fatal(err)
	}
	global, _ := entra.CloudByName("global")
	r := resolvedAt(env, p)
	r.cloud = global
	_, address, err := r.samlRequest("https://signin.aws.amazon.com/saml")
	if err != nil {
		t.Fatal(err)
	}
	return browserRun{
		Env: env, profile: p, identity: env.Identity(p), cloud: global, network: net, address: address,
	}
}
