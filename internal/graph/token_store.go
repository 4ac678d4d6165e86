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

// TokenStore stores a user's token between commands, in the keychain or a file. It
// limits the time of its calls itself.
type TokenStore interface {
	Get(ctx context.Context, name string) (secret.Text, error)
	Set(ctx context.Context, name string, value secret.Text) error
	Delete(ctx context.Context, name string) (bool, error)
}

// A stored token is reused for tokenReuse, although Microsoft's may be valid for a day.
// It must be valid for at least tokenLeft, because a command may take a while.
const (
	tokenReuse = time.Hour
	tokenLeft  = 15 * time.Minute
)

// storedCredential stores the access token of another credential for the next
// command, without a refresh token. If the store fails, the next command signs in
// again.
type storedCredential struct {
	inner azcore.TokenCredential
	store TokenStore
	name  string
	now   func() time.Time
	log   *slog.Logger

	mu    sync.Mutex
	token azcore.AccessToken
}

// storedToken is the value in the store.
type storedToken struct {
	Token   string    `json:"token"`
	Expires time.Time `json:"expires"`
	Since   time.Time `json:"since"`
}

// GetToken implements azcore.TokenCredential.
func (k *storedCredential) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if o.Claims == "" { // no claims challenge
		if k.token.Token == "" {
			k.token = k.read(ctx)
		}
		if k.now().Before(k.token.ExpiresOn.Add(-time.Minute)) {
			return k.token, nil
		}
	}
	token, err := k.inner.GetToken(ctx, o)
	if err == nil {
		k.token = token
		k.write(ctx, token)
	}
	return token, err
}

func (k *storedCredential) read(ctx context.Context) azcore.AccessToken {
	text, err := k.store.Get(ctx, k.name)
	if err != nil {
		k.log.Debug("no stored token", "error", err)
		return azcore.AccessToken{}
	}
	var t storedToken
	now := k.now()
	if json.Unmarshal([]byte(text.Reveal()), &t) != nil || now.After(t.Since.Add(tokenReuse)) || now.Before(t.Since) ||
		now.After(t.Expires.Add(-tokenLeft)) {
		if _, err := k.store.Delete(ctx, k.name); err != nil {
			k.log.Debug("the expired token was not deleted", "error", err)
		}
		return azcore.AccessToken{}
	}
	return azcore.AccessToken{Token: t.Token, ExpiresOn: t.Expires}
}

func (k *storedCredential) write(ctx context.Context, token azcore.AccessToken) {
	data, err := json.Marshal(storedToken{Token: token.Token, Expires: token.ExpiresOn, Since: k.now()})
	if err == nil {
		err = k.store.Set(ctx, k.name, secret.New(string(data)))
	}
	if err != nil {
		k.log.Debug("the token was not stored", "error", err)
	}
}

// discard deletes the stored token.
func (k *storedCredential) discard(ctx context.Context) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, err := k.store.Delete(context.WithoutCancel(ctx), k.name); err != nil {
		k.log.Debug("the token was not deleted", "error", err)
	}
}
