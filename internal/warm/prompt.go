package warm

import (
	"cmp"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/arn"
	"github.com/o365aws/o365aws/internal/build"
	"github.com/o365aws/o365aws/internal/home"
	"github.com/o365aws/o365aws/internal/slot"
	"github.com/o365aws/o365aws/internal/whose"
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
	named, ok := ProfileOnly(slices.Delete(slices.Clone(args[2:]), at-2, at-1))
	profile := home.Profile(named, env)
	folder, err := userHome()
	paths := home.Resolve(env, folder)
	if !ok || err != nil || !plain(profile, longest) || whose.Home(paths.Home) != nil {
		return "", 0, false
	}
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
	role, ok := roleOf(string(details))
	names, known := accounts(paths)
	account := cmp.Or(names[role.Account], role.Account)
	if !ok || !known || !plain(account, longest) {
		return "", 0, false
	}
	return profile + " " + role.Name + "@" + account + " " + short(left) + "\n", 0, true
}

// longest is what of a name the slow way shows whole, in columns.
const longest = 32

// plain reports whether a text is shown as it is, in so many columns.
func plain(text string, columns int) bool {
	return len(text) <= columns && !strings.ContainsFunc(text, notPlain)
}

// roleOf takes the role from the ARN in an entry's details.
func roleOf(details string) (arn.Role, bool) {
	_, rest, found := strings.Cut(details, `"role_arn":"`)
	text, _, ended := strings.Cut(rest, `"`)
	role, ok := arn.ParseRole(text)
	return role, found && ended && ok && !strings.Contains(text, `\`)
}

// accounts returns what accounts are called.
func accounts(paths home.Paths) (map[string]string, bool) {
	data, err := os.ReadFile(paths.Accounts())
	if os.IsNotExist(err) {
		return nil, true
	}
	names, ok := readNames(data)
	return names, err == nil && ok
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
	if !ok {
		text, ok = Complete(os.Args, os.Getenv, os.UserHomeDir)
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
