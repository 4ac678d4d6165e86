package warm

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/build"
	"github.com/o365aws/o365aws/internal/home"
	"github.com/o365aws/o365aws/internal/slot"
	"github.com/o365aws/o365aws/internal/words"
)

// Unsatisfied is the exit code of status when nothing is fresh.
const Unsatisfied = 9

// Prompt returns what status --prompt prints, and its exit code. A shell runs
// it each time that somebody presses Enter. False leaves it to the slow way,
// which prints the same.
func Prompt(args []string, env func(string) string, userHome func() (string, error), now time.Time) (text string, code int, ok bool) {
	at := slices.Index(args, "--prompt")
	if len(args) < 3 || args[1] != "status" || at < 2 {
		return "", 0, false
	}
	profile, ok := profileIn(slices.Delete(slices.Clone(args[2:]), at-2, at-1), env)
	folder, err := userHome()
	if !ok || err != nil || !plain(profile) {
		return "", 0, false
	}
	paths := home.Resolve(env, folder)
	data, err := os.ReadFile(slot.Path(slot.Folder(paths.Home), paths.Config, profile, ""))
	if os.IsNotExist(err) {
		_, err = os.Stat(paths.Credentials) // there may be some of another tool's
		return "", Unsatisfied, os.IsNotExist(err)
	}
	h, _, details, ok := slot.Parse(data)
	left := time.Duration(h.Expires - now.UnixNano())
	if err != nil || !ok || h.Config != paths.Config || h.Profile != profile || left <= 0 {
		return "", 0, false
	}
	account, role, ok := roleOf(string(details))
	if !ok {
		return "", 0, false
	}
	name, ok := nameOf(paths.Home, account)
	if !ok {
		return "", 0, false
	}
	return profile + " " + role + "@" + name + " " + short(left) + "\n", 0, true
}

// longest is what of a name the slow way shows whole, in columns.
const longest = 32

// plain reports whether a name is shown as it is.
func plain(name string) bool {
	return len(name) <= longest && !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' })
}

// roleOf takes account and name from the ARN in an entry's details.
func roleOf(details string) (account, name string, ok bool) {
	const member = `"role_arn":"arn:`
	_, rest, found := strings.Cut(details, member)
	arn, _, ended := strings.Cut(rest, `"`)
	parts := strings.SplitN(arn, ":", 5) // partition, iam, "", account, role/…
	if !found || !ended || len(parts) != 5 || strings.Contains(arn, `\`) {
		return "", "", false
	}
	return parts[3], parts[4][strings.LastIndex(parts[4], "/")+1:], true
}

// nameOf returns what an account is called, or its number.
func nameOf(homeFolder, account string) (string, bool) {
	data, err := os.ReadFile(homeFolder + string(os.PathSeparator) + "accounts.json")
	if os.IsNotExist(err) {
		return account, true
	}
	_, rest, found := strings.Cut(string(data), `"`+account+`"`)
	if err != nil || !found {
		return account, err == nil
	}
	rest, colon := strings.CutPrefix(strings.TrimLeft(rest, " \t\r\n"), ":")
	rest, quoted := strings.CutPrefix(strings.TrimLeft(rest, " \t\r\n"), `"`)
	name, _, ended := strings.Cut(rest, `"`)
	return name, colon && quoted && ended && name != "" && plain(name)
}

// short writes a duration in hours and minutes: 1h, 45m, 1h30m.
func short(d time.Duration) string {
	hours, minutes := int(d/time.Hour), int(d%time.Hour/time.Minute)
	text := ""
	if hours > 0 {
		text = strconv.Itoa(hours) + "h"
	}
	if minutes > 0 || hours == 0 {
		text += strconv.Itoa(minutes) + "m"
	}
	return text
}

// versionWanted reports whether a command line asks for the version alone.
func versionWanted(args []string, env func(string) string) bool {
	return len(args) == 2 && slices.Contains([]string{"version", "--version", "-V"}, args[1]) && env("O365AWS_OUTPUT") == "" && env("O365AWS_JSON") == ""
}

// other answers the command lines that are no call of a program.
func other() {
	text, code, ok := Prompt(os.Args, os.Getenv, os.UserHomeDir, time.Now())
	if !ok && len(os.Args) > 2 && os.Args[1] == words.Name {
		text, ok = words.Complete(words.Kept(), os.Args[2:], func(string, map[string]string) ([]words.Candidate, bool) { return nil, false })
	}
	if !ok && build.Release() != "" && versionWanted(os.Args, os.Getenv) {
		text, ok = build.Line(build.Release()), true
	}
	if !ok {
		return
	}
	if _, err := os.Stdout.WriteString(text); err == nil {
		os.Exit(code)
	}
}
