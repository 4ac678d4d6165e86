// Package cache keeps what can be had again: temporary credentials of
// profiles, the failure that callers in parallel share, and the kernel locks
// that make one of them do the work. Everything is under O365AWS_HOME, in
// folders of mode 0700 and files of mode 0600. Sessions, passwords and seeds
// are never here.
//
// It is on the way of every warm credential-process call, so it imports
// little and starts nothing.
package cache

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"time"

	"github.com/o365aws/o365aws/internal/secret"
)

// Entry is the credentials that a profile of a config file yields now.
//
// On disk it is cache/credentials-KEY.json, one JSON object, where KEY is the
// FNV-1a sum, 128 bits in hex, of the config file's path, the profile's name
// and the role asked for, with a zero byte between them. They stand in the
// entry too: a file that belongs to another profile is a miss, as is one that
// cannot be read. The fields are those of the struct document below.
type Entry struct {
	Profile  string
	Config   string // path of the config file that the profile is in
	Asked    string // the role as a command line asked for it; "" is the profile's own
	Stamp    Stamp  // of the config file when Settings was computed
	Settings string // digest of the settings that decide whose credentials these are
	Identity string // key of the sign-in, shared by profiles of one tenant and user

	RoleARN, Provider string
	SessionName       string
	AssumedRoleARN    string
	AccessKeyID       string
	SecretAccessKey   secret.Text
	SessionToken      secret.Text
	Obtained, Expires time.Time
}

// document is an Entry on disk. The secrets are spelt out here alone.
type document struct {
	Version         int       `json:"version"`
	Profile         string    `json:"profile"`
	Config          string    `json:"config"`
	Asked           string    `json:"asked_role,omitempty"`
	Stamp           Stamp     `json:"config_stamp"`
	Settings        string    `json:"settings"`
	Identity        string    `json:"identity"`
	RoleARN         string    `json:"role_arn"`
	Provider        string    `json:"provider_arn"`
	SessionName     string    `json:"session_name"`
	AssumedRoleARN  string    `json:"assumed_role_arn"`
	AccessKeyID     string    `json:"access_key_id"`
	SecretAccessKey string    `json:"secret_access_key"`
	SessionToken    string    `json:"session_token"`
	Obtained        time.Time `json:"obtained"`
	Expires         time.Time `json:"expires"`
}

// version is of the format: another one is a miss.
const version = 1

// Dir is the cache of one O365AWS_HOME.
type Dir string

// In returns the cache under the folder home.
func In(home string) Dir { return Dir(filepath.Join(home, "cache")) }

func (d Dir) file(kind, key string) string {
	return filepath.Join(string(d), kind+"-"+key+".json")
}

// Key names what belongs together in a file name.
func Key(parts ...string) string {
	sum := fnv.New128a()
	for i, part := range parts {
		if i > 0 {
			_, _ = sum.Write([]byte{0}) // a hash does not fail
		}
		_, _ = sum.Write([]byte(part))
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

const credentials = "credentials"

// Get returns the entry of a profile, and false when there is none that can
// be read. Whether it is fresh, and still fits the profile, is for the caller.
func (d Dir) Get(config, profile, asked string) (Entry, bool) {
	e, ok := readEntry(d.file(credentials, Key(config, profile, asked)))
	return e, ok && e.Config == config && e.Profile == profile && e.Asked == asked
}

func readEntry(path string) (Entry, bool) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Entry{}, false
	}
	var doc document
	if json.Unmarshal(data, &doc) != nil || doc.Version != version {
		return Entry{}, false
	}
	if doc.AccessKeyID == "" || doc.SecretAccessKey == "" || doc.SessionToken == "" || doc.RoleARN == "" || doc.Expires.IsZero() {
		return Entry{}, false
	}
	return Entry{
		Profile: doc.Profile, Config: doc.Config, Asked: doc.Asked, Stamp: doc.Stamp, Settings: doc.Settings, Identity: doc.Identity,
		RoleARN: doc.RoleARN, Provider: doc.Provider, SessionName: doc.SessionName, AssumedRoleARN: doc.AssumedRoleARN,
		AccessKeyID: doc.AccessKeyID, SecretAccessKey: secret.New(doc.SecretAccessKey), SessionToken: secret.New(doc.SessionToken),
		Obtained: doc.Obtained, Expires: doc.Expires,
	}, true
}

// Put replaces the entry of a profile as a whole.
func (d Dir) Put(e Entry) error {
	return d.write(d.file(credentials, Key(e.Config, e.Profile, e.Asked)), document{
		Version: version, Profile: e.Profile, Config: e.Config, Asked: e.Asked, Stamp: e.Stamp, Settings: e.Settings, Identity: e.Identity,
		RoleARN: e.RoleARN, Provider: e.Provider, SessionName: e.SessionName, AssumedRoleARN: e.AssumedRoleARN,
		AccessKeyID: e.AccessKeyID, SecretAccessKey: e.SecretAccessKey.Reveal(), SessionToken: e.SessionToken.Reveal(),
		Obtained: e.Obtained.UTC(), Expires: e.Expires.UTC(),
	})
}

// Remove forgets an entry and reports whether there was one.
func (d Dir) Remove(e Entry) (bool, error) {
	return remove(d.file(credentials, Key(e.Config, e.Profile, e.Asked)))
}

// All returns every entry that can be read.
func (d Dir) All() []Entry {
	names, _ := filepath.Glob(d.file(credentials, "*")) // the pattern is ours and well formed
	var entries []Entry
	for _, name := range names {
		if e, ok := readEntry(name); ok {
			entries = append(entries, e)
		}
	}
	return entries
}

// Clear forgets everything and returns how many credentials it removed.
func (d Dir) Clear() (int, error) {
	d.sweep(0)
	names, _ := filepath.Glob(filepath.Join(string(d), "*-*.json")) // as above
	count := 0
	var errs []error
	for _, name := range names {
		was, err := remove(name)
		if ok, _ := filepath.Match(d.file(credentials, "*"), name); was && ok {
			count++
		}
		errs = append(errs, err)
	}
	return count, errors.Join(errs...)
}

func remove(path string) (bool, error) {
	err := os.Remove(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// staleAfter is how old a temporary file must be to be nobody's any more.
const staleAfter = time.Minute

// sweep removes temporary files of writers that were killed: they hold
// credentials. What cannot be removed now is tried again the next time.
func (d Dir) sweep(age time.Duration) {
	names, _ := filepath.Glob(filepath.Join(string(d), ".new-*")) // the pattern is well formed
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) >= age {
			_ = os.Remove(name)
		}
	}
}

// write replaces a file by a new one: a reader sees the old or the new, never
// half of one. There is no fsync: what a crash of the machine takes is a miss.
func (d Dir) write(path string, doc any) (err error) {
	data, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return err
	}
	d.sweep(staleAfter)
	f, err := os.CreateTemp(string(d), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, writeErr := f.Write(data)
	if err = errors.Join(writeErr, f.Close()); err != nil {
		return err
	}
	return rename(f.Name(), path)
}
