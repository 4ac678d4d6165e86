package cli

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awspaths"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/configure"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/identity"
	"github.com/o365aws/o365aws/internal/prompt"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/termtext"
)

// showStatus prints the table, the errors of profiles, and the saved sessions.
func (s *invocation) showStatus(rows []profileStatus) error {
	p := s.painted(s.Stdout)
	bars := prompt.IsTerminal(s.Stdout) && s.Getenv("TERM") != "dumb" || s.color == "always"
	window := prompt.Width(s.Stdout)
	text := p.statusTable(rows, bars, window)
	for _, r := range rows {
		if r.Problem != "" {
			problem := termtext.Printable(s.tilde("Profile "+r.Profile+": "+r.Problem), maxMessage)
			text += p.paint(red, wrap(problem, window, 0)) + "\n"
		}
	}
	if line := sessionLine(rows); line != "" {
		text += p.paint(grey, wrap(termtext.Printable(line, maxMessage), window, 0)) + "\n"
	}
	_, err := io.WriteString(s.Stdout, text)
	return err
}

// statusLayout selects the optional columns of the status table.
type statusLayout struct{ bar, user, alias, account, role bool }

// statusTable returns the table with the columns that fit. A narrow window drops the bar,
// then the user, the alias, the account and the role; profile names are never cut. If
// there is only one user, a terminal needs no column for it, because the session line
// names it.
func (p palette) statusTable(rows []profileStatus, bars bool, window int) string {
	users := map[string]bool{}
	for _, r := range rows {
		if user := cmp.Or(r.SessionName, r.Username); user != "" && r.Problem == "" {
			users[user] = true
		}
	}
	user := window == 0 || len(users) > 1
	heads := []string{"PROFILE", "ROLE", "ACCOUNT", "SIGNED IN AS", "TIME LEFT"}
	var cells [][]cell
	for _, layout := range []statusLayout{
		{bars, user, true, true, true},
		{false, user, true, true, true},
		{false, false, true, true, true},
		{false, false, false, true, true},
		{false, false, false, false, true},
		{},
	} {
		cells = layout.cells(rows)
		if window == 0 || tableWidth(heads, cells) <= window {
			break
		}
	}
	return p.table(window, heads, cells)
}

func (l statusLayout) cells(rows []profileStatus) [][]cell {
	var cells [][]cell
	for _, r := range rows {
		if r.Problem != "" {
			cells = append(cells, []cell{{r.Profile, bold}, {}, {}, {}, {"invalid", red}})
			continue
		}
		role, account, user := narrowed(r.Role, strings.Join(r.Policies, " ")), strings.TrimSpace(r.Account+" "+r.AccountName), cmp.Or(r.SessionName, r.Username)
		if !l.role {
			role = ""
		}
		if !l.alias {
			account = r.Account
		}
		if !l.account {
			account = ""
		}
		if !l.user {
			user = ""
		}
		left, color := timeLeft(r, l.bar)
		cells = append(cells, []cell{{r.Profile, bold}, {role, ""}, {account, cyan}, {user, ""}, {left, color}})
	}
	return cells
}

// soon is the remaining lifetime below which the color changes.
const soon = 15 * time.Minute

// timeLeft returns the remaining lifetime, with a bar if bars is set.
func timeLeft(r profileStatus, bars bool) (text, color string) {
	left := time.Duration(r.SecondsLeft) * time.Second
	switch {
	case r.Expires == "":
		return "none", grey
	case left == 0:
		return "expired", red
	}
	text, color = termtext.Duration(left), green
	if left < time.Minute {
		text = fmt.Sprintf("%ds", r.SecondsLeft)
	}
	if left < soon {
		color = yellow
	}
	if bars {
		text = bar(left, r.total) + " " + text
	}
	return text, color
}

// barLength is the length of a bar in cells.
const barLength = 10

func bar(left, total time.Duration) string {
	full := min(barLength, max(1, int((left*barLength+total/2)/total)))
	return strings.Repeat("█", full) + strings.Repeat("░", barLength-full)
}

// sessionLine returns a line about the users with a saved session, who can sign in
// without a prompt. For a user in several tenants, it lists the profiles.
func sessionLine(rows []profileStatus) string {
	var order []string
	users := map[string][]string{}    // by state
	states := map[string][]string{}   // by user
	profiles := map[string][]string{} // by state and user
	for _, r := range rows {
		state, user := sessionText(r), cmp.Or(r.Username, r.SessionName, "unknown user")
		if state == "" {
			continue
		}
		if users[state] == nil {
			order = append(order, state)
		}
		if !slices.Contains(users[state], user) {
			users[state], states[user] = append(users[state], user), append(states[user], state)
		}
		profiles[state+user] = append(profiles[state+user], r.Profile)
	}
	var parts []string
	for _, state := range order {
		for i, user := range users[state] {
			if len(states[user]) > 1 {
				users[state][i] = user + " (" + configure.ProfileList(profiles[state+user]) + ")"
			}
		}
		parts = append(parts, state+" for "+strings.Join(users[state], ", "))
	}
	if len(parts) == 0 {
		return ""
	}
	return "Session: " + strings.Join(parts, "; ") + "."
}

// sessionText describes the saved session of a profile.
func sessionText(r profileStatus) string {
	where := map[string]string{"keychain": "in the keychain", "kernel": "in the kernel keyring", "file": "in an encrypted file"}[r.Store]
	switch identity.SessionState(r.Session) {
	case identity.SessionStored:
		if r.SessionBy == "device" {
			where += ", signed in by this device,"
		}
		return "saved " + where
	case identity.SessionNone:
		return "none saved"
	case identity.SessionOff:
		return "not saved (as configured)"
	case identity.SessionLocked:
		if r.Store == "file" {
			return "locked with a passphrase " + where
		}
		return "locked " + where + " (run o365aws doctor)"
	case identity.SessionUnknown:
		return "unknown (run o365aws doctor)"
	}
	return ""
}

// prompted prints the segment for a shell prompt. It reads only the cache, because it
// runs before every prompt.
func (s *invocation) prompted(name string) error {
	name = awspaths.Profile(name, s.Getenv)
	paths, err := s.paths()
	if err != nil {
		return err
	}
	config := paths.Config
	if abs, err := filepath.Abs(config); err == nil {
		config = abs
	}
	e, ok := cache.In(paths.Home).Get(config, name, "")
	if !ok {
		return silent
	}
	text := termtext.Printable(name, maxPromptPart)
	left := e.Expires.Sub(s.Now())
	if left <= 0 {
		_, _ = fmt.Fprintln(s.Stdout, text+" expired")
		return silent
	}
	role := saml.Role{ARN: e.RoleARN}
	account := cmp.Or(awsconfig.AccountNames(paths)[role.Account()], role.Account())
	_, err = fmt.Fprintf(
		s.Stdout, "%s %s@%s %s\n", text, narrowed(role.Name(), e.Policies), termtext.Printable(account, maxPromptPart),
		termtext.Duration(left),
	)
	return err
}

// maxPromptPart is the maximum width of a name in a prompt, in columns.
const maxPromptPart = 32

// silent sets the exit status of a failed check whose result the output has shown.
var silent = &fault.Error{Kind: fault.Unsatisfied}
