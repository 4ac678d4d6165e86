package login

import (
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/fault"
)

// A failure speaks for the calls of the next seconds. A person tries again,
// unless it is that of a sign-in which they waited for; that a program had
// nobody to ask is none of theirs.
func TestSharedFailure(t *testing.T) {
	now := time.Now()
	d := Deps{
		Paths: awsconfig.Paths{Home: t.TempDir()}, Now: func() time.Time { return now },
		Log: slog.New(slog.DiscardHandler),
	}
	refused := fault.New(fault.Auth, "the push was denied", "look at the phone")
	absent := needsPerson(awsconfig.Profile{Name: "other"}, "no session is kept")
	for _, c := range []struct {
		what                  string
		failure               error
		began                 time.Duration // of the call, after the failure
		interactive, explicit bool
		want                  string
	}{
		{"a program just after it", refused, time.Second, false, false, "the push was denied"},
		{"a program that waited", refused, -time.Second, false, false, "the push was denied"},
		{"a program later", refused, 11 * time.Second, false, false, ""},
		{"a person just after it", refused, time.Second, true, false, ""},
		{"a person who waited", refused, -time.Second, true, false, "the push was denied"},
		{"a person who says login", refused, -time.Second, true, true, ""},
		{"a program, for want of a person", absent, time.Second, false, false, "profile dev needs a sign-in by a person: no session is kept"},
		{"a person who waited for a program", absent, -time.Second, true, false, ""},
		{"another one's own mistake", fault.New(fault.Config, "no such role"), time.Second, false, false, ""},
		{"another one's bug", errors.New("nil map"), time.Second, false, false, ""},
	} {
		failed := now
		w := wanted{
			Request:  Request{Profile: awsconfig.Profile{Name: "dev"}, Interactive: c.interactive},
			identity: cache.Key(c.what), explicit: c.explicit, began: now.Add(c.began),
		}
		d.fail(w, c.failure)
		now = now.Add(max(c.began, 0))
		got := ""
		err := d.sharedFailure(w)
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q", c.what, got)
		}
		if kind, hint := fault.KindOf(c.failure), map[fault.Kind]string{fault.Auth: "look at the phone", fault.NeedsInput: "run o365aws login --profile dev in a terminal"}; err != nil &&
			(fault.KindOf(err) != kind || !slices.Equal(err.(*fault.Error).Hints, []string{hint[kind]})) {
			t.Errorf("%s: of kind %v, with the advice %q", c.what, fault.KindOf(err), err.(*fault.Error).Hints)
		}
		now = failed
	}
}

// That nobody is there is noted for the calls that wait, and forgotten when a
// sign-in works, here by what another call shares.
func TestFailureIsNotedAndForgotten(t *testing.T) {
	keyring.MockInit()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/of/the/mock")
	now := at
	d := depsAt(t, &now)
	d.Ask, d.Env = &typist{}, func(string) string { return "" }
	p := awsconfig.Profile{
		Name: "dev", Cloud: "global", TenantID: "11111111-2222-3333-4444-555555555555",
		Username: "ada@contoso.example", Source: map[string]string{},
	}
	w, err := d.wanted(Request{Profile: p}, own)
	if err != nil {
		t.Fatal(err)
	}
	noted := func() bool {
		_, ok := d.cache().Failed(w.identity, now, time.Minute)
		return ok
	}
	if _, _, err := d.assertion(t.Context(), w); fault.KindOf(err) != fault.NeedsInput || !noted() {
		t.Errorf("%v, noted %v", err, noted())
	}
	d.share(w, d.keep(t.Context(), w, kept{}), responseAt(at, "id1"), "id1")
	w.explicit, w.began = true, at.Add(-time.Second)
	if _, response, err := d.assertion(t.Context(), w); err != nil || response.Raw.IsZero() || noted() {
		t.Errorf("%v, still noted %v", err, noted())
	}
}
