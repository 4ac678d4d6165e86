package cli

import (
	"slices"
	"testing"
)

// Two sessions of one user are told apart by the profiles that they are for.
func TestSessionLines(t *testing.T) {
	row := func(profile, user, session string) profileStatus {
		return profileStatus{Profile: profile, Username: user, Session: session, Store: "keychain"}
	}
	got := sessionLines(
		[]profileStatus{
			row("a", "ada", "kept"), row("b", "ada", "none"), row("c", "ada", "kept"), row("d", "bob", "kept"),
			row("e", "bob", "kept"),
			{Profile: "f", Problem: "x"},
		},
	)
	want := []string{
		"The session of ada is saved in the keychain.",
		"Profile b: No saved session of ada: the next sign-in is interactive.",
		"The session of bob is saved in the keychain.",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
