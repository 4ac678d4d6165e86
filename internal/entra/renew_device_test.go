package entra_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fakecloud"
	"github.com/o365aws/o365aws/internal/secret"
)

// deviceOf returns a DeviceCredential for Ada's device that counts its calls.
func deviceOf(cloud *fakecloud.Cloud, asked *int) entra.DeviceCredential {
	return func(_ context.Context, address string) (secret.Text, error) {
		*asked++
		return secret.New(cloud.IssueDeviceCredential(fakecloud.UserName, address)), nil
	}
}

// A device signs in without cookies, and the resulting session can be renewed. A
// credential that Microsoft ignores is not an error of the device.
func TestDeviceSignIn(t *testing.T) {
	for scenario, want := range map[string]struct {
		outcome string
		asked   int
	}{
		"":                   {"", 1},
		"device-policy":      {"", 1},
		"device-nonce":       {"", 2},
		"session-pull":       {"", 1},
		"confirm-app":        {"", 1},
		"prt-no-mfa":         {"person: the sign-in of this device now requires multifactor authentication", 1},
		"prt-revoked":        {"dead: the sign-in of this device was revoked (AADSTS50173)", 1},
		"prt-ignored":        {"person: the sign-in of this device was ignored by Microsoft", 1},
		"conditional-access": {"browser: the sign-in of this device met the page ConvergedConditionalAccess", 1},
		"other-account":      {"", 1},
	} {
		t.Run("device "+scenario, func(t *testing.T) {
			t.Parallel()
			cloud, renewal, _ := cloudOf(t, scenario)
			asked := 0
			renewal.Device = deviceOf(cloud, &asked)
			assertion, session, err := renewal.Run(t.Context(), entra.Session{}, startURL(t))
			if got := outcome(err); !strings.HasPrefix(got, want.outcome) || (want.outcome == "") != (got == "") ||
				(err == nil) == assertion.IsZero() {
				t.Errorf("got %q, %d characters; want %q", got, assertion.Len(), want.outcome)
			}
			if asked != want.asked {
				t.Errorf("the device was asked %d times, want %d", asked, want.asked)
			}
			if problems := cloud.DeviceProblems(); len(problems) > 0 {
				t.Error(problems)
			}
			if err != nil {
				return
			}
			renewal.Device = nil
			if _, _, err := renewal.Run(t.Context(), session, startURL(t)); err != nil && scenario != "device-policy" {
				t.Errorf("the resulting session cannot be renewed: %v", err)
			}
		})
	}
}

// A device that ignores the nonce fails after two rounds.
func TestDeviceIgnoresNonce(t *testing.T) {
	cloud, renewal, _ := cloudOf(t, "device-nonce")
	asked := 0
	device := deviceOf(cloud, &asked)
	renewal.Device = func(ctx context.Context, address string) (secret.Text, error) {
		address, _, _ = strings.Cut(address, "?")
		return device(ctx, address)
	}
	_, _, err := renewal.Run(t.Context(), entra.Session{}, startURL(t))
	if got := outcome(err); !strings.HasPrefix(got, "person: the sign-in of this device was ignored") || asked != 3 {
		t.Errorf("got %q after %d values", got, asked)
	}
}

// An error of the device ends the sign-in, before any request.
func TestDeviceFails(t *testing.T) {
	cloud, renewal, _ := cloudOf(t, "")
	broken := errors.New("no")
	renewal.Device = func(context.Context, string) (secret.Text, error) { return secret.Text{}, broken }
	if _, _, err := renewal.Run(t.Context(), entra.Session{}, startURL(t)); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if n := len(cloud.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// The credential is sent only to the login host, even if the sign-in leads to other hosts
// that may receive cookies.
func TestDeviceCredentialHosts(t *testing.T) {
	_, renewal, _ := cloudOf(t, "")
	renewal.Device = func(context.Context, string) (secret.Text, error) { return secret.New("a.b.c"), nil }
	for _, next := range []string{
		"https://device.login.microsoftonline.com/", "https://autologon.microsoftazuread-sso.com/",
		"https://login.microsoft.com/", "https://login.windows.net/x?sso_nonce=1",
		"https://LOGIN.microsoftonline.com/x",
		"https://login.microsoftonline.com.evil.example/", "http://login.microsoftonline.com/",
	} {
		var got []string
		renewal.Client = &http.Client{Transport: roundTrip(func(r *http.Request) *http.Response {
			if r.Header.Get(entra.DeviceHeader) != "" {
				got = append(got, r.URL.Host)
			}
			w := &memory{header: http.Header{}, status: http.StatusOK}
			if len(got) < 2 && r.URL.String() != next {
				w.Header().Set("Location", next)
				w.WriteHeader(http.StatusFound)
			}
			return w.response(r)
		})}
		_, _, err := renewal.Run(t.Context(), entra.Session{}, startURL(t))
		if err == nil || len(got) == 0 {
			t.Fatalf("%s: %v after %q", next, err, got)
		}
		for _, host := range got {
			if !strings.EqualFold(host, "login.microsoftonline.com") {
				t.Errorf("%s: the value went to %s", next, host)
			}
		}
	}
}
