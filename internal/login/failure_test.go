package login

import (
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
)

// A failure applies to calls during the next seconds. An interactive call tries again,
// unless it waited for the failed sign-in. A failure for lack of interactive input does
// not stop it.
func TestSharedFailure(t *testing.T) {
	refused := fault.New(fault.Auth, "the push was denied", "look at the phone")
	absent := Env{Getenv: os.Getenv}.interactionRequired(awsconfig.Profile{Name: "other"}, "no session is stored")
	const needed = "profile dev needs an interactive sign-in: no session is stored"
	hints := map[fault.Kind]string{
		fault.Auth: "look at the phone", fault.NeedsInput: "run o365aws login --profile dev in a terminal",
	}
	for name, c := range map[string]struct {
		failure     error
		began       time.Duration // start of the call, relative to the failure
		interactive bool
		use         purpose
		want        string
	}{
		"program just after":           {refused, time.Second, false, forProgram, "the push was denied"},
		"program that waited":          {refused, -time.Second, false, forProgram, "the push was denied"},
		"program later":                {refused, 11 * time.Second, false, forProgram, ""},
		"user just after":              {refused, time.Second, true, forProgram, ""},
		"user who waited":              {refused, -time.Second, true, forProgram, "the push was denied"},
		"login":                        {refused, -time.Second, true, forLogin, ""},
		"program without a user":       {absent, time.Second, false, forProgram, needed},
		"user who waited for program":  {absent, -time.Second, true, forProgram, ""},
		"config error of another call": {fault.New(fault.Config, "no such role"), time.Second, false, forProgram, ""},
		"bug in another call":          {errors.New("nil map"), time.Second, false, forProgram, ""},
	} {
		t.Run(name, func(t *testing.T) {
			now := at
			r := resolvedAt(envAt(t, &now), awsconfig.Profile{Name: "dev"})
			r.Interactive, r.use, r.began = c.interactive, c.use, at.Add(c.began)
			r.recordFailure(c.failure)
			now = now.Add(max(c.began, 0))
			err := r.sharedFailure()
			if err == nil {
				if c.want != "" {
					t.Errorf("got no error, want %q", c.want)
				}
				return
			}
			if err.Error() != c.want {
				t.Errorf("got %q, want %q", err, c.want)
			}
			kind := fault.KindOf(c.failure)
			if fault.KindOf(err) != kind || !slices.Equal(err.(*fault.Error).Hints, []string{hints[kind]}) {
				t.Errorf("got kind %v, hints %q", fault.KindOf(err), err.(*fault.Error).Hints)
			}
		})
	}
}

// A non-interactive call records its failure for the calls that wait. A successful
// sign-in, here with a shared assertion, clears it.
func TestFailureIsRecordedAndCleared(t *testing.T) {
	now := at
	env := envAt(t, &now)
	p := sharingProfile
	p.Username = ""
	r, err := resolve(env, Request{Profile: p}, forProgram)
	if err != nil {
		t.Fatal(err)
	}
	recorded := func() bool {
		_, ok := r.identity.LastFailure(time.Minute)
		return ok
	}
	shareAt(t, env, awsconfig.Profile{Name: "other", Cloud: "global", TenantID: "x.example"}, responseAt(at, "id1"))
	if _, err := r.assertion(t.Context()); fault.KindOf(err) != fault.NeedsInput || !recorded() {
		t.Errorf("got %v, recorded %v, want kind %v, recorded", err, recorded(), fault.NeedsInput)
	}
	shareAt(t, env, p, responseAt(at, "id1"))
	r.use, r.began = forLogin, at.Add(-time.Second)
	if a, err := r.assertion(t.Context()); err != nil || a.Raw.IsZero() || recorded() {
		t.Errorf("got %v, still recorded %v", err, recorded())
	}
}

// The command in a hint can be pasted into the user's shell.
func TestHintIsQuotedForTheShell(t *testing.T) {
	for name, want := range map[string]string{
		"default": "run o365aws login in a terminal",
		"work":    "run o365aws login --profile work in a terminal",
		"my prof": "run o365aws login --profile 'my prof' in a terminal",
	} {
		env := Env{Getenv: func(string) string { return "/bin/bash" }}
		got := env.interactionRequired(awsconfig.Profile{Name: name}, "no session is stored").Hints
		if !slices.Equal(got, []string{want}) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
