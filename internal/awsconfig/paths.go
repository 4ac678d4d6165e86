// Package awsconfig owns the files in ~/.aws: it reads profiles and settings,
// and changes single sections without touching any other byte.
package awsconfig

import "path/filepath"

// Env looks a variable up; the empty string means that it is not set.
type Env func(string) string

// Paths are the files and the folder that o365aws reads and writes.
type Paths struct {
	Config      string // AWS_CONFIG_FILE, else ~/.aws/config
	Credentials string // AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials
	Home        string // O365AWS_HOME, else ~/.aws/o365aws
}

// ResolvePaths finds the files for a user whose home folder is userHome.
func ResolvePaths(env Env, userHome string) Paths {
	or := func(name string, elements ...string) string {
		if value := env(name); value != "" {
			return value
		}
		return filepath.Join(append([]string{userHome, ".aws"}, elements...)...)
	}
	return Paths{
		Config:      or("AWS_CONFIG_FILE", "config"),
		Credentials: or("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
		Home:        or("O365AWS_HOME", "o365aws"),
	}
}

// Locks is the folder of lock files.
func (p Paths) Locks() string { return filepath.Join(p.Home, "locks") }

// Browsers is the folder of temporary browser profiles.
func (p Paths) Browsers() string { return filepath.Join(p.Home, "browser") }

// State is the file of remembered choices; it holds no secret.
func (p Paths) State() string { return filepath.Join(p.Home, "cache", "state.json") }
