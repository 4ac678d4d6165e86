package cli

import (
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/termtext"
)

func TestSessionLine(t *testing.T) {
	row := func(profile, user, session string) profileStatus {
		return profileStatus{Profile: profile, Username: user, Session: session, Store: "keychain"}
	}
	for name, c := range map[string]struct {
		rows []profileStatus
		want string
	}{
		"no valid profile": {[]profileStatus{{Profile: "f", Problem: "x"}}, ""},
		"one user": {
			[]profileStatus{row("a", "ada", "kept"), row("b", "ada", "kept")},
			"Session: saved in the keychain for ada.",
		},
		"several users, one with two tenants": {
			[]profileStatus{
				row("a", "ada", "kept"), row("b", "ada", "none"), row("c", "ada", "kept"), row("d", "bob", "kept"),
			},
			"Session: saved in the keychain for ada (profiles a, c), bob; none saved for ada (profile b).",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := sessionLine(c.rows); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A narrow window drops columns but never cuts profile names or times.
func TestStatusTable(t *testing.T) {
	row := func(account, alias, role, user string) profileStatus {
		return profileStatus{
			Profile: account + "-" + role, Role: role, Account: account, AccountName: alias, Username: user,
			Expires: "2026-01-02T03:04:05Z", SecondsLeft: 3300, total: 3600e9,
		}
	}
	rows := []profileStatus{
		row("111122223333", "contoso-production", "azure.admin", "linus@contoso.example"),
		row("111122223333", "contoso-production", "azure.reader", "ada@contoso.example"),
	}
	for name, c := range map[string]struct {
		window   int
		has, not string
	}{
		"160 columns": {160, "█ SIGNED contoso-production azure.admin", "…"},
		"100 columns": {100, "contoso-production azure.admin", "█ SIGNED …"},
		"80 columns":  {80, "ACCOUNT azure.admin", "█ SIGNED contoso-production …"},
		"60 columns":  {60, "ROLE", "ACCOUNT …"},
		"40 columns":  {40, "PROFILE", "ROLE …"},
		"no terminal": {0, "SIGNED contoso-production", "…"},
	} {
		t.Run(name, func(t *testing.T) {
			got := palette{}.statusTable(rows, true, c.window)
			for line := range strings.Lines(got) {
				if n := termtext.Columns(strings.TrimSuffix(line, "\n")); c.window > 0 && n > c.window {
					t.Errorf("%d columns in %q", n, line)
				}
			}
			for _, word := range append(strings.Fields(c.has), rows[0].Profile, rows[1].Profile, "55m") {
				if !strings.Contains(got, word) {
					t.Errorf("got no %q in\n%s", word, got)
				}
			}
			for _, word := range strings.Fields(c.not) {
				if strings.Contains(got, word) {
					t.Errorf("got %q in\n%s", word, got)
				}
			}
		})
	}
}
