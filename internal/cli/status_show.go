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

// showStatus writes the table, and a line for each identity.
func (s *session) showStatus(rows []profileStatus) error {
	p := s.painted(s.Stdout)
	bars := prompt.IsTerminal(s.Stdout) && s.Getenv("TERM") != "dumb" || s.color == "always"
	var cells [][]cell
	for _, r := range rows {
		if r.Problem != "" {
			cells = append(cells, []cell{{r.Profile, bold}, {}, {}, {}, {"cannot be read", red}})
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

// soon is when the end of credentials is near enough for another colour.
const soon = 15 * time.Minute

// timeLeft says how long credentials last, with a bar where it can be drawn.
func timeLeft(r profileStatus, bars bool) (text, color string) {
	left := time.Duration(r.SecondsLeft) * time.Second
	switch {
	case r.Expires == "":
		return "none", grey
	case left == 0:
		return "run out", red
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

// barLength is how many cells a bar has.
const barLength = 10

func bar(left, total time.Duration) string {
	full := min(barLength, max(1, int((left*barLength+total/2)/total)))
	return strings.Repeat("█", full) + strings.Repeat("░", barLength-full)
}

// sessionLines say it of each user. Where one user has sessions in several
// tenants, all but the one of most profiles say whose they are.
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

// sessionLine says whether the next sign-in needs a person.
func sessionLine(r profileStatus) string {
	where := map[string]string{"keychain": "in the keychain", "file": "in an encrypted file"}[r.Store]
	who := cmp.Or(r.Username, "the user")
	switch identity.SessionState(r.Session) {
	case identity.SessionStored:
		return "The session of " + who + " is kept " + where + "."
	case identity.SessionNone:
		return "No session of " + who + " is kept; the next sign-in asks for a person."
	case identity.SessionOff:
		return "Sessions of " + who + " are not kept, as the profile wants it."
	case identity.SessionUnknown:
		return "Whether a session of " + who + " is kept " + where + " cannot be told now; o365aws doctor says why."
	}
	return ""
}

// prompted prints what a shell's prompt shows of a profile. It looks into the
// cache and nowhere else: this runs each time that somebody presses Enter.
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
		_, _ = fmt.Fprintln(s.Stdout, text+" run out")
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

// silent is the end of status --prompt when nothing is fresh: a prompt has no
// room for advice.
var silent = &fault.Error{Kind: fault.Unsatisfied}
