package login

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/secret"
)

// codes is the seed of the person's authenticator app, for one sign-in.
type codes struct {
	d       drive
	seed    secret.Text // "" when codes are asked for
	kept    bool        // it comes from the store
	refused int64       // the window in which Microsoft refused the kept one before, 0 for never
	wronged bool        // it refuses it in this sign-in
}

// keepsSeed reports whether a profile keeps what it signs in with.
func keepsSeed(p awsconfig.Profile) bool { return p.Remember == "password" }

// codes finds the seed: the given one, else the kept one.
func (d drive) codes(ctx context.Context) *codes {
	c := &codes{d: d, seed: d.Seed}
	if c.seed.IsZero() {
		c.seed = secret.New(d.Env("O365AWS_TOTP_SECRET"))
	}
	if !c.seed.IsZero() || !keepsSeed(d.profile) {
		return c
	}
	text, err := d.getSecret(ctx, seedSecret, d.profile, d.Ask.Window())
	if err != nil && !errors.Is(err, keychain.ErrNotFound) {
		d.Log.Info("the kept TOTP seed cannot be read", "error", err)
	}
	c.seed, c.refused = unmarked(text)
	c.kept = !c.seed.IsZero()
	return c
}

// refusedMark stands before a kept seed whose code Microsoft has refused, with
// the window of time that the code was of.
const refusedMark = "refused:"

func marked(seed secret.Text, window int64) secret.Text {
	return secret.New(refusedMark + strconv.FormatInt(window, 10) + ":" + seed.Reveal())
}

func unmarked(text secret.Text) (seed secret.Text, window int64) {
	rest, found := strings.CutPrefix(text.Reveal(), refusedMark)
	number, value, whole := strings.Cut(rest, ":")
	window, err := strconv.ParseInt(number, 10, 64)
	if !found || !whole || err != nil {
		return text, 0
	}
	return secret.New(value), window
}

// wrong notes that Microsoft refuses the code of a window. One refusal can
// have other reasons: another sign-in had used the code up. The kept seed is
// forgotten at the second one, of another window; runs that nobody watches
// would go on with it, until the account is locked. A clock that is wrong
// makes wrong codes of a right seed.
func (c *codes) wrong(ctx context.Context, window int64) {
	c.wronged = true
	if !c.kept || c.refused == window || c.d.net.Clock.Wrong() {
		return
	}
	var err error
	if c.refused == 0 {
		err = c.d.setSecret(ctx, seedSecret, c.d.profile, c.d.Ask.Window(), marked(c.seed, window))
	} else {
		_, err = c.d.deleteSecret(ctx, seedSecret, c.d.profile, c.d.Ask.Window())
		c.d.Ask.Notice("The kept seed for one-time codes was refused twice, and is forgotten. Give the new one by O365AWS_TOTP_SECRET.")
	}
	if err != nil {
		c.d.Log.Warn("that the kept TOTP seed was refused cannot be noted", "error", err)
	}
}

// keep puts a seed that has just signed in into the store of secrets, when the
// profile says so. One that is there, and was refused once, is as good as new.
// One that was refused now is not: a person has typed the code.
func (c *codes) keep(ctx context.Context) {
	given := secret.New(c.d.Env("O365AWS_TOTP_SECRET"))
	if c.kept && c.refused != 0 {
		given = c.seed
	}
	if given.IsZero() || c.wronged || !keepsSeed(c.d.profile) {
		return
	}
	if err := c.d.setSecret(ctx, seedSecret, c.d.profile, c.d.Ask.Window(), given); err != nil {
		c.d.Log.Warn("the TOTP seed is not kept", "error", err)
	}
}
