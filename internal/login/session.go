package login

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/browser"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/secret"
)

// kept is what the store of secrets has of an identity.
type kept struct {
	session entra.Session // empty when the person signs in in their own browser
	tenant  string        // the tenant's GUID, so that a renewal need not ask for it
	key     []byte        // of the assertion that parallel calls share
}

// record is a kept in the store.
type record struct {
	Version int    `json:"version"`
	Session string `json:"session"`
	Tenant  string `json:"tenant"`
	Key     []byte `json:"key"`
}

const keyLength = 32

// remembers reports whether a profile keeps sessions: unless it says no. The
// "no" of aws-azure-login's setting is one too.
func remembers(p awsconfig.Profile) bool {
	switch p.Remember {
	case "none":
		return false
	case "":
		return p.RememberMe || p.Source["azure_default_remember_me"] == ""
	}
	return true
}

// staysSignedIn reports whether "Stay signed in?" is answered with yes.
func staysSignedIn(p awsconfig.Profile) bool {
	return p.Remember != "none" && (p.RememberMe || p.Remember != "")
}

// held returns what is kept of the identity, and false when there is nothing
// or the store cannot be used; a person is told of the latter, a program not.
func (d Deps) held(ctx context.Context, w wanted) (kept, bool) {
	if !remembers(w.Profile) {
		return kept{}, false
	}
	text, err := d.getSecret(ctx, sessionSecret, w.Profile, w.Interactive)
	if err != nil {
		if !errors.Is(err, keychain.ErrNotFound) {
			d.Log.Info("the kept session cannot be read", "error", err)
		}
		return kept{}, false
	}
	k, err := openKept(text)
	if err != nil {
		d.Log.Debug("the kept session is damaged", "error", err)
		return kept{}, false
	}
	return k, true
}

func openKept(text secret.Text) (kept, error) {
	var r record
	if err := json.Unmarshal([]byte(text.Reveal()), &r); err != nil || r.Version != 1 || len(r.Key) != keyLength {
		return kept{}, errors.New("it cannot be read") // the cause could quote it
	}
	session, err := entra.OpenSession(secret.New(r.Session))
	return kept{session: session, tenant: r.Tenant, key: r.Key}, err
}

// keep puts the session of a sign-in into the store, and returns what is kept
// now. That it cannot be kept costs the next sign-in a person, and is said
// once. Without a session it is the key that is kept, if there is none yet.
func (d Deps) keep(ctx context.Context, w wanted, k kept) kept {
	signedIn := k.session.SignedIn()
	if !remembers(w.Profile) || !signedIn && len(k.key) > 0 {
		return k
	}
	if len(k.key) == 0 {
		k.key = make([]byte, keyLength)
		_, _ = rand.Read(k.key) // never fails: crypto/rand
	}
	err := d.tryKeep(ctx, w, k)
	if err == nil {
		return k
	}
	d.Log.Info("the session was not kept", "error", err)
	if signedIn && w.explicit && d.firstTime("no-store") {
		d.Ask.Notice(fmt.Sprintf("The session is not kept, so the next sign-in asks you again: %v.", err))
		d.Ask.Notice(
			"o365aws_store = file keeps it in a file encrypted under a passphrase; o365aws_remember = none says that you know.",
		)
	}
	k.key = nil // nobody else has it
	return k
}

func (d Deps) tryKeep(ctx context.Context, w wanted, k kept) error {
	session, err := k.session.Seal()
	if err != nil {
		return err
	}
	data, err := json.Marshal(record{Version: 1, Session: session.Reveal(), Tenant: k.tenant, Key: k.key})
	if err != nil {
		return err
	}
	return d.setSecret(ctx, sessionSecret, w.Profile, w.Interactive, secret.New(string(data)))
}

// forget deletes a session that Microsoft does not take any more.
func (d Deps) forget(ctx context.Context, w wanted) {
	if _, err := d.deleteSecret(ctx, sessionSecret, w.Profile, w.Interactive); err != nil {
		d.Log.Debug("the dead session stays", "error", err)
	}
}

// firstTime reports whether a notice is new to this home.
func (d Deps) firstTime(notice string) bool {
	path := filepath.Join(d.Paths.Home, "cache", "said-"+notice)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return true
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return !errors.Is(err, os.ErrExist)
	}
	return f.Close() == nil
}

// visit is what one run of a browser begins with and leaves behind.
type visit struct {
	begin   entra.Session // cookies to start with; zero for none
	quiet   bool          // nobody is there: no page may ring a phone
	hosts   []string      // whose cookies are a session
	left    entra.Session // after a sign-in
	request string        // ID of what was asked for
}

// from returns a visit that begins with other cookies.
func (v *visit) from(begin entra.Session) *visit {
	if v == nil {
		return &visit{begin: begin}
	}
	v.begin = begin // what it leaves is read by who made it
	return v
}

// started gives the browser its cookies. It is called before the first page.
func (v *visit) started(ctx context.Context, b *browser.Browser) error {
	if v == nil || len(v.begin.Cookies) == 0 {
		return nil
	}
	if v.quiet {
		if err := b.Block(ctx, ringing...); err != nil {
			return err
		}
	}
	return b.SetSession(ctx, v.begin)
}

// ringing are the requests by which a page of Microsoft reaches a phone.
var ringing = []string{"https://*/SAS/BeginAuth*", "https://*/GetOneTimeCode*", "https://*/GetCredentialType*"}

// ended takes the session of a browser that has signed in.
func (v *visit) ended(ctx context.Context, b *browser.Browser) error {
	if v == nil {
		return nil
	}
	var err error
	v.left, err = b.Session(ctx, v.hosts)
	return err
}
