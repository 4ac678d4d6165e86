// Package awspaths resolves the paths of a user's files and the profile of a command.
// It reads no file and imports almost nothing, because package fastpath needs it before
// the rest of the program is initialized.
package awspaths

import "os"

// Env returns the value of an environment variable, or "" if it is not set.
type Env func(string) string

// Paths holds the files and the folder that o365aws reads and writes.
type Paths struct {
	Config      string // AWS_CONFIG_FILE, else ~/.aws/config
	Credentials string // AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials
	Home        string // O365AWS_HOME, else ~/.aws/o365aws
}

// Resolve returns the paths of a user with the home folder userHome.
func Resolve(env Env, userHome string) Paths {
	or := func(name string, elements ...string) string {
		if value := env(name); value != "" {
			return In(userHome, value)
		}
		return join(userHome, append([]string{".aws"}, elements...)...)
	}
	return Paths{
		Config:      or("AWS_CONFIG_FILE", "config"),
		Credentials: or("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
		Home:        or("O365AWS_HOME", "o365aws"),
	}
}

// In replaces a leading ~ with the home folder, as the AWS CLI does for every file: a
// shell does not expand it in quotes.
func In(userHome, path string) string {
	if userHome == "" || path == "" || path[0] != '~' || len(path) > 1 && !os.IsPathSeparator(path[1]) {
		return path
	}
	return userHome + path[1:]
}

// Profile returns the profile of a command: the named one, or that of the
// environment. Like the AWS SDK for Go, it prefers AWS_PROFILE to AWS_DEFAULT_PROFILE;
// the AWS CLI does the opposite.
func Profile(named string, env Env) string {
	for _, variable := range []string{"O365AWS_PROFILE", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"} {
		if named == "" {
			named = env(variable)
		}
	}
	if named == "" {
		return "default"
	}
	return named
}

// Locks returns the folder of lock files.
func (p Paths) Locks() string { return join(p.Home, "locks") }

// Browsers returns the folder of temporary browser profiles.
func (p Paths) Browsers() string { return join(p.Home, "browser") }

// State returns the file of stored choices, which contains no secrets.
func (p Paths) State() string { return join(p.Home, "cache", "state.json") }

// Offered returns the file of the roles that sign-ins have offered, by profile.
func (p Paths) Offered() string { return join(p.Home, "cache", "roles.json") }

// Accounts returns the file of account names by number, which the user may edit.
func (p Paths) Accounts() string { return join(p.Home, "accounts.json") }

// Trail returns the file with the redacted pages and calls of the last sign-in.
func (p Paths) Trail() string { return join(p.Home, "trail.json") }

func join(path string, elements ...string) string {
	for _, element := range elements {
		path += string(os.PathSeparator) + element
	}
	return path
}
