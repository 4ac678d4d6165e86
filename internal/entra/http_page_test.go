package entra_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fakecloud"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// user enters the password and approves requests.
type user struct{ numbers []string }

func (*user) Username(context.Context) (string, error) { return fakecloud.UserName, nil }

func (*user) Password(_ context.Context, _ string, again bool) (secret.Text, error) {
	if again {
		return secret.Text{}, fault.New(fault.NeedsInput, "no other password")
	}
	return secret.New(fakecloud.Password), nil
}

func (*user) Code(context.Context, string, bool) (secret.Text, error) {
	return secret.Text{}, fault.New(fault.NeedsInput, "no code")
}

func (*user) Pass(context.Context, bool) (secret.Text, error) {
	return secret.Text{}, fault.New(fault.NeedsInput, "no pass")
}

func (*user) Choose(context.Context, string, []entra.Choice) (int, error) { return 0, nil }
func (*user) Confirm(context.Context, string) (bool, error)               { return false, nil }
func (*user) Phone() bool                                                 { return true }
func (u *user) Number(n string)                                           { u.numbers = append(u.numbers, n) }
func (*user) Key(context.Context, byte) (<-chan struct{}, func())         { return nil, func() {} }
func (*user) Notice(string)                                               {}

// failing makes one request of a sign-in fail.
type failing struct {
	next    http.RoundTripper
	at, how int
	count   int
}

const ways = 5 // number of ways in which a request fails

func (f *failing) RoundTrip(r *http.Request) (*http.Response, error) {
	f.count++
	if f.count != f.at {
		return f.next.RoundTrip(r)
	}
	if f.how == 1 {
		return nil, errors.New("connection refused")
	}
	response, err := f.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body := ""
	switch f.how {
	case 2:
		_ = response.Body.Close()
		return nil, errors.New("connection reset")
	case 3:
		response.StatusCode = http.StatusServiceUnavailable
		return response, nil
	case 4:
		body = `<script>$Config={"pgid":"ConvergedNew"};</script>`
	}
	_ = response.Body.Close()
	response.StatusCode, response.Header = http.StatusOK, http.Header{"Content-Type": {"text/html"}}
	response.Body = io.NopCloser(bytes.NewBufferString(body))
	return response, nil
}

// If any request fails in any way, the password is posted at most once and at most one
// request is sent to the phone. The sign-in ends with an assertion or an error.
func TestHTTPPageRepeatsNothing(t *testing.T) {
	t.Parallel()
	for at := 1; at <= 12; at++ {
		for how := range ways {
			t.Run(fmt.Sprintf("request %d, way %d", at, how), func(t *testing.T) {
				t.Parallel()
				failOnce(t, &failing{at: at, how: how})
			})
		}
	}
}

func failOnce(t *testing.T, broken *failing) {
	t.Helper()
	cloud, renewal, _ := cloudOf(t, "")
	broken.next = renewal.Client.Transport
	client := *renewal.Client
	client.Transport = broken
	renewal.Client = &client
	page := entra.NewHTTPPage(renewal, entra.Session{})
	driver := entra.Driver{
		Cloud: renewal.Cloud, Username: fakecloud.UserName, Ask: &user{}, Log: renewal.Log, Now: time.Now,
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	assertion, err := driver.Run(ctx, page, startURL(t))
	if assertion.IsZero() == (err == nil) {
		t.Errorf("got assertion %v and error %v, want one of them", !assertion.IsZero(), err)
	}
	if ctx.Err() != nil {
		t.Errorf("the sign-in did not end: %+v", broken)
	}
	passwords := 0
	for _, r := range cloud.Requests() {
		if slices.Contains(r.Form, "passwd") {
			passwords++
		}
	}
	if passwords > 1 || cloud.PhonePrompts() > 1 {
		t.Errorf("got %d passwords and %d requests to the phone, want at most 1 (request %d failed by way %d: %v)",
			passwords, cloud.PhonePrompts(), broken.at, broken.how, err)
	}
}

// A secret is accepted only on an allowed host.
func TestHTTPPageRefusesForeignHosts(t *testing.T) {
	_, renewal, _ := cloudOf(t, "")
	page := entra.NewHTTPPage(renewal, entra.Session{})
	if err := page.Navigate(t.Context(), "https://login.microsoftonline.com.evil.example/"); err != nil {
		t.Fatal(err)
	}
	snap, err := page.Snapshot(t.Context())
	if err != nil || snap.Host != "login.microsoftonline.com.evil.example" {
		t.Fatalf("got host %q and error %v", snap.Host, err)
	}
	var wrong *entra.WrongHostError
	if _, err := page.Fill(t.Context(), "#i0118", secret.New("x"), renewal.Cloud.SecretHosts); !errors.As(err, &wrong) {
		t.Errorf("got error %v, want a WrongHostError", err)
	}
}
