package cli

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/identity"
	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awspaths"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/configure"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/prompt"
	"github.com/o365aws/o365aws/internal/saml"
)

// showStatus prints the table, and a line for each identity.
func (s *session) showStatus(rows []profileStatus) error {
	p := s.painted(s.Stdout)
	bars := prompt.IsTerminal(s.Stdout) && s.Getenv("TERM") != "dumb" || s.color == "always"
	var cells [][]cell
	for _, r := range rows {
		if r.Problem != "" {
			cells = append(cells, []cell{{r.Profile, bold}, {}, {}, {}, {"invalid", red}})
			continue
		}
		left, color := timeLeft(r, bars)
		who := cmp.Or(r.SessionName, r.Username)
		cells = append(
			cells,
			[]cell{
				{r.Profile, bold},
				{r.Role, ""},
				{strings.TrimSpace(r.Account + " " + r.AccountName), cyan},
				{who, ""},
				{left, color},
			},
		)
	}
	window := prompt.Width(s.Stdout)
	text := p.table(window, []string{"PROFILE", "ROLE", "ACCOUNT", "SIGNED IN AS", "TIME LEFT"}, cells)
	for _, r := range rows {
		if r.Problem != "" {
			text += p.paint(
				red, wrap(termtext.Printable(s.tilde("Profile "+r.Profile+": "+r.Problem), maxMessage), window, 0),
			) + "\n"
		}
	}
	for _, line := range sessionLines(rows) {
		text += p.paint(grey, wrap(termtext.Printable(line, maxMessage), window, 0)) + "\n"
	}
	_, err := io.WriteString(s.Stdout, text)
	return err
}

// soon is the remaining lifetime from which the colour warns.
const soon = 15 * time.Minute

// timeLeft returns the remaining lifetime, with a bar if the terminal can show one.
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

// sessionLines returns a line for each user. If a user has sessions in several
// tenants, all lines but that of most profiles name their profiles.
func sessionLines(rows []profileStatus) []string {
	profiles, most := map[string][]string{}, map[string]string{}
	var lines, users []string
	for _, r := range rows {
		line := sessionLine(r)
		if line == "" {
			continue
		}
		if profiles[line] == nil {
			lines, users = append(lines, line), append(users, r.Username)
		}
		profiles[line] = append(profiles[line], r.Profile)
		if len(profiles[line]) > len(profiles[most[r.Username]]) {
			most[r.Username] = line
		}
	}
	for i, line := range lines {
		if line != most[users[i]] {
			lines[i] = capitalized(configure.ProfileList(profiles[line])) + ": " + line
		}
	}
	return lines
}

// sessionLine tells whether the next sign-in can use a saved session.
func sessionLine(r profileStatus) string {
	where := map[string]string{"keychain": "in the keychain", "file": "in an encrypted file"}[r.Store]
	who := cmp.Or(r.Username, "the user")
	switch identity.SessionState(r.Session) {
	case identity.SessionStored:
		return "The session of " + who + " is saved " + where + "."
	case identity.SessionNone:
		return "No saved session of " + who + ": the next sign-in is interactive."
	case identity.SessionOff:
		return "Sessions of " + who + " are not saved, as the profile sets it."
	case identity.SessionUnknown:
		return "Cannot check for a saved session of " + who + " " + where + "; run o365aws doctor."
	}
	return ""
}

// prompted prints the line for a shell prompt. It reads only the cache, because it
// runs before every prompt.
func (s *session) prompted(name string) error {
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
		s.Stdout, "%s %s@%s %s\n", text, role.Name(), termtext.Printable(account, maxPromptPart),
		termtext.Duration(left),
	)
	return err
}

// maxPromptPart bounds a name in a prompt, in columns.
const maxPromptPart = 32

// silent ends status --prompt without valid credentials: a prompt has no room for
// advice.
var silent = &fault.Error{Kind: fault.Unsatisfied}
