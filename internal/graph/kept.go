package graph

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/o365aws/o365aws/internal/secret"
)

// TokenStore keeps a person's token between commands: the keychain, or nothing.
// How long it may take is its own affair.
type TokenStore interface {
	Get(ctx context.Context, name string) (secret.Text, error)
	Set(ctx context.Context, name string, value secret.Text) error
	Delete(ctx context.Context, name string) (bool, error)
}

// How long a token is used, and how much of it must be left for another
// command. Microsoft's tokens for Graph may be good for a day; one that is kept
// shall not. A run may take longer than what is left, so it begins with a token
// that Microsoft takes for a while.
const (
	keepToken = time.Hour
	tokenLeft = 15 * time.Minute
)

// kept is a sign-in whose token the next command goes on with. It is the
// access token alone: what could renew it is never kept. A store that fails
// costs a sign-in and nothing else.
type kept struct {
	person azcore.TokenCredential
	store  TokenStore
	name   string
	now    func() time.Time
	log    *slog.Logger

	mu    sync.Mutex
	token azcore.AccessToken
}

// keptToken is what the store holds.
type keptToken struct {
	Token   string    `json:"token"`
	Expires time.Time `json:"expires"`
	Since   time.Time `json:"since"`
}

// GetToken implements azcore.TokenCredential.
func (k *kept) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if o.Claims == "" { // Microsoft takes the token so far
		if k.token.Token == "" {
			k.token = k.read(ctx)
		}
		if k.now().Before(k.token.ExpiresOn.Add(-time.Minute)) {
			return k.token, nil
		}
	}
	token, err := k.person.GetToken(ctx, o)
	if err == nil {
		k.token = token
		k.write(ctx, token)
	}
	return token, err
}

func (k *kept) read(ctx context.Context) azcore.AccessToken {
	text, err := k.store.Get(ctx, k.name)
	if err != nil {
		k.log.Debug("no kept token", "error", err)
		return azcore.AccessToken{}
	}
	var t keptToken
	now := k.now()
	if json.Unmarshal([]byte(text.Reveal()), &t) != nil || now.After(t.Since.Add(keepToken)) || now.Before(t.Since) ||
		now.After(t.Expires.Add(-tokenLeft)) {
		if _, err := k.store.Delete(ctx, k.name); err != nil {
			k.log.Debug("an old token cannot be deleted", "error", err)
		}
		return azcore.AccessToken{}
	}
	return azcore.AccessToken{Token: t.Token, ExpiresOn: t.Expires}
}

func (k *kept) write(ctx context.Context, token azcore.AccessToken) {
	data, err := json.Marshal(keptToken{Token: token.Token, Expires: token.ExpiresOn, Since: k.now()})
	if err == nil {
		err = k.store.Set(ctx, k.name, secret.New(string(data)))
	}
	if err != nil {
		k.log.Debug("the token is not kept", "error", err)
	}
}

// forget lets the next command sign in anew.
func (k *kept) forget(ctx context.Context) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, err := k.store.Delete(context.WithoutCancel(ctx), k.name); err != nil {
		k.log.Debug("the token cannot be forgotten", "error", err)
	}
}
