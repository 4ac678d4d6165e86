package login

import (
	"log/slog"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
)

// A failure speaks for the calls of the next seconds. A person tries again,
// unless it is that of a sign-in which they waited for; that a program had
// nobody to ask is none of theirs.
func TestSharedFailure(t *testing.T) {
	now := time.Now()
	d := Deps{Paths: awsconfig.Paths{Home: t.TempDir()}, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
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
	} {
		failed := now
		w := wanted{Request: Request{Profile: awsconfig.Profile{Name: "dev"}, Interactive: c.interactive}, identity: "id", explicit: c.explicit, began: now.Add(c.began)}
		d.fail(w, c.failure)
		now = now.Add(max(c.began, 0))
		got := ""
		if err := d.sharedFailure(w); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q", c.what, got)
		}
		now = failed
	}
}
