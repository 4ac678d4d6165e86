// Package awspaths knows where the files of a user are, and which profile is
// meant. It reads no file, and imports next to nothing: package warm needs it
// before the program starts.
package awspaths

import "os"

// Env looks a variable up; the empty string means that it is not set.
type Env func(string) string

// Paths are the files and the folder that o365aws reads and writes.
type Paths struct {
	Config      string // AWS_CONFIG_FILE, else ~/.aws/config
	Credentials string // AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials
	Home        string // O365AWS_HOME, else ~/.aws/o365aws
}

// Resolve finds the files for a user whose home folder is userHome.
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

// In puts the home folder for a leading ~, which a shell leaves in quotes and
// files of variables have: the AWS CLI does so for every file.
func In(userHome, path string) string {
	if userHome == "" || path == "" || path[0] != '~' || len(path) > 1 && !os.IsPathSeparator(path[1]) {
		return path
	}
	return userHome + path[1:]
}

// Profile is the profile that a command line is about: the one it names, else
// that of the environment.
func Profile(named string, env Env) string {
	for _, variable := range []string{"O365AWS_PROFILE", "AWS_PROFILE"} {
		if named == "" {
			named = env(variable)
		}
	}
	if named == "" {
		return "default"
	}
	return named
}

// Locks is the folder of lock files.
func (p Paths) Locks() string { return join(p.Home, "locks") }

// Browsers is the folder of temporary browser profiles.
func (p Paths) Browsers() string { return join(p.Home, "browser") }

// State is the file of remembered choices; it holds no secret.
func (p Paths) State() string { return join(p.Home, "cache", "state.json") }

// Offered is the file of the roles that sign-ins have offered, by profile.
func (p Paths) Offered() string { return join(p.Home, "cache", "roles.json") }

// Accounts is the file of account names by number. A person may edit it.
func (p Paths) Accounts() string { return join(p.Home, "accounts.json") }

func join(path string, elements ...string) string {
	for _, element := range elements {
		path += string(os.PathSeparator) + element
	}
	return path
}
