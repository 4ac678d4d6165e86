// Package cache stores temporary credentials of profiles, and the last failure for
// concurrent callers. Everything is under O365AWS_HOME, in folders of mode 0700 and files
// of mode 0600. Sessions, passwords and TOTP secrets are never stored here.
package cache

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/fastpath"
	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/securefile"
)

// Entry holds the current credentials of a profile in a config file. Package fastpath
// defines the file format.
type Entry struct {
	Profile  string
	Config   string // path of the config file that contains the profile
	Asked    string // role as given on the command line; "" for the profile's own
	Stamp    Stamp  // stamp of the config file when Settings was computed
	Settings string // digest of the settings that identify the credentials

	RoleARN, Provider string
	SessionName       string
	Policies          string // key of the session policies; "" for none
	Obtained          time.Time

	awscreds.Credentials
}

// Stamp identifies a version of a config file.
type Stamp = fastpath.Stamp

// StampOf returns the stamp of a file.
func StampOf(path string) Stamp { return fastpath.StampOf(path) }

// Document returns the output of credential_process.
// Source: docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
func Document(c awscreds.Credentials) ([]byte, error) {
	data, err := json.Marshal(document{
		1, c.AccessKeyID, c.SecretAccessKey.Reveal(), c.SessionToken.Reveal(), c.Expires.UTC().Format(time.RFC3339),
	})
	return append(data, '\n'), err
}

type document struct {
	Version         int
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	Expiration      string
}

// details holds the fields of an entry that only this package reads.
type details struct {
	Settings       string `json:"settings"`
	RoleARN        string `json:"role_arn"`
	Provider       string `json:"provider_arn"`
	SessionName    string `json:"session_name"`
	AssumedRoleARN string `json:"assumed_role_arn"`
	Policies       string `json:"policies,omitempty"`
}

// Dir is the cache folder of an O365AWS_HOME.
type Dir string

// In returns the cache under the folder home.
func In(home string) Dir { return Dir(fastpath.Folder(home)) }

func (d Dir) file(kind, key string) string {
	return filepath.Join(string(d), kind+"-"+key+".json")
}

// Key returns a digest of parts for use in a file name.
func Key(parts ...string) string { return fastpath.Key(parts...) }

const credentials = "credentials"

// Get returns the entry of a profile, or false if there is none or it is not readable.
// The caller must check whether it is still valid and matches the profile.
func (d Dir) Get(config, profile, asked string) (Entry, bool) {
	e, ok := readEntry(fastpath.Path(string(d), config, profile, asked))
	return e, ok && e.Config == config && e.Profile == profile && e.Asked == asked
}

func readEntry(path string) (Entry, bool) {
	data, err := securefile.ReadPrivate(path)
	if err != nil {
		return Entry{}, false
	}
	h, raw, more, ok := fastpath.Parse(data)
	var doc document
	var det details
	if !ok || json.Unmarshal(raw, &doc) != nil || json.Unmarshal(more, &det) != nil {
		return Entry{}, false
	}
	if doc.AccessKeyID == "" || doc.SecretAccessKey == "" || doc.SessionToken == "" || det.RoleARN == "" {
		return Entry{}, false
	}
	return Entry{
		Profile: h.Profile, Config: h.Config, Asked: h.Asked, Stamp: h.Stamp, Settings: det.Settings,
		RoleARN: det.RoleARN, Provider: det.Provider, SessionName: det.SessionName, Policies: det.Policies,
		Obtained: time.Unix(0, h.Obtained).UTC(),
		Credentials: awscreds.Credentials{
			AccessKeyID: doc.AccessKeyID, SecretAccessKey: secret.New(doc.SecretAccessKey),
			SessionToken: secret.New(doc.SessionToken), Expires: time.Unix(0, h.Expires).UTC(),
			AssumedRoleARN: det.AssumedRoleARN,
		},
	}, true
}

// Put stores the entry of a profile, replacing any previous one.
func (d Dir) Put(e Entry) error {
	doc, err := Document(e.Credentials)
	if err != nil {
		return err
	}
	more, err := json.Marshal(details{e.Settings, e.RoleARN, e.Provider, e.SessionName, e.AssumedRoleARN, e.Policies})
	if err != nil {
		return err
	}
	head := fastpath.Head{
		Obtained: e.Obtained.UnixNano(), Expires: e.Expires.UnixNano(), Stamp: e.Stamp, Config: e.Config, Profile: e.Profile, Asked: e.Asked,
	}
	data, ok := fastpath.Format(head, doc, more)
	if !ok {
		return errors.New("a name with a control character cannot be cached")
	}
	return d.replace(fastpath.Path(string(d), e.Config, e.Profile, e.Asked), data)
}

// Remove deletes an entry and reports whether it existed.
func (d Dir) Remove(e Entry) (bool, error) {
	return remove(fastpath.Path(string(d), e.Config, e.Profile, e.Asked))
}

// All returns every readable entry.
func (d Dir) All() []Entry {
	names, _ := filepath.Glob(d.file(credentials, "*")) // the pattern is valid
	var entries []Entry
	for _, name := range names {
		if e, ok := readEntry(name); ok {
			entries = append(entries, e)
		}
	}
	return entries
}

// Clear deletes everything and returns the number of deleted credentials.
func (d Dir) Clear() (int, error) {
	d.sweep(0)
	names, _ := filepath.Glob(filepath.Join(string(d), "*-*"))
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

// staleAfter is the age after which a temporary file cannot belong to a running writer.
const staleAfter = time.Minute

// sweep deletes temporary files older than age, which killed writers left and which
// contain credentials. It ignores errors: the next call tries again.
func (d Dir) sweep(age time.Duration) {
	names, _ := filepath.Glob(filepath.Join(string(d), ".new-*")) // the pattern is valid
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) >= age {
			_ = os.Remove(name)
		}
	}
}

func (d Dir) write(path string, doc any) error {
	data, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	return d.replace(path, data)
}

// replace writes a file without fsync: a file lost in a crash is only a cache miss.
func (d Dir) replace(path string, data []byte) error {
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return err
	}
	d.sweep(staleAfter)
	return securefile.Replace(path, ".new-*", func(f *os.File) error {
		_, err := f.Write(data)
		return err
	})
}
