package graph

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/o365aws/o365aws/internal/secret"
)

// drawer is a keychain in memory. A broken one returns errors.
type drawer struct {
	mu     sync.Mutex
	items  map[string]secret.Text
	broken bool
}

var errBroken = errors.New("the keychain is locked")

func (d *drawer) Get(_ context.Context, name string) (secret.Text, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	text, ok := d.items[name]
	if d.broken || !ok {
		return secret.Text{}, errBroken
	}
	return text, nil
}

func (d *drawer) Set(_ context.Context, name string, value secret.Text) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken {
		return errBroken
	}
	d.items[name] = value
	return nil
}

func (d *drawer) Delete(_ context.Context, name string) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, ok := d.items[name]
	delete(d.items, name)
	return ok, nil
}

// asked is a credential that counts sign-ins.
type asked struct {
	times int
	lives time.Duration
	now   func() time.Time
}

func (a *asked) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	a.times++
	return azcore.AccessToken{Token: "a token", ExpiresOn: a.now().Add(a.lives)}, nil
}

// The user signs in again after an hour, when little of the token is left, after a
// claims challenge, and when the keychain fails.
func TestStoredToken(t *testing.T) {
	for name, tc := range map[string]struct {
		lives, later time.Duration
		claims       string
		broken       bool
		want         int
	}{
		"at once":                {90 * time.Minute, time.Minute, "", false, 1},
		"within the hour":        {24 * time.Hour, 59 * time.Minute, "", false, 1},
		"after the hour":         {24 * time.Hour, 61 * time.Minute, "", false, 2},
		"little left":            {time.Hour, 46 * time.Minute, "", false, 2},
		"the clock went back":    {time.Hour, -time.Minute, "", false, 2},
		"Microsoft asks for it":  {time.Hour, time.Minute, "{}", false, 2},
		"the keychain is locked": {time.Hour, time.Minute, "", true, 2},
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Now()
			signIn := &asked{lives: tc.lives, now: func() time.Time { return now }}
			store := &drawer{items: map[string]secret.Text{}, broken: tc.broken}
			command := func() *storedCredential {
				return &storedCredential{
					inner: signIn, store: store, name: "graph", now: signIn.now,
					log: slog.New(slog.DiscardHandler),
				}
			}
			get := func(k *storedCredential, claims string) {
				t.Helper()
				token, err := k.GetToken(t.Context(), policy.TokenRequestOptions{Claims: claims})
				if err != nil || token.Token != "a token" || token.ExpiresOn.Before(now) {
					t.Errorf("%+v, %v", token, err)
				}
			}
			first := command()
			get(first, "")
			get(first, "") // one sign-in per command, even if the keychain fails
			now = now.Add(tc.later)
			get(command(), tc.claims)
			if signIn.times != tc.want {
				t.Errorf("the signIn signed in %d times, want %d", signIn.times, tc.want)
			}
			command().discard(t.Context())
			if len(store.items) != 0 {
				t.Error("the discarded token is still stored")
			}
		})
	}
}
