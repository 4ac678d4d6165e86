package login

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/secret"
)

// A clock that was set back makes credentials look as if they lasted longer
// than they do: then they are not handed out, from the cache nor the file.
func TestClockSetBack(t *testing.T) {
	home := t.TempDir()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	now := at
	d := Deps{
		Paths: awsconfig.ResolvePaths(func(name string) string {
			return map[string]string{"O365AWS_HOME": filepath.Join(home, "o365aws")}[name]
		}, home),
		Now: func() time.Time { return now },
	}
	w := wanted{
		Request:  Request{Profile: awsconfig.Profile{Name: "dev", CredentialProcess: "x"}, MinTTL: 15 * time.Minute},
		settings: "s", began: at,
	}
	d.put(cache.Entry{
		Profile: "dev", Config: d.config(), Settings: "s",
		RoleARN: "arn:aws:iam::111122223333:role/a", Obtained: at,
		Credentials: awscreds.Credentials{
			AccessKeyID: "ASIACACHE", SecretAccessKey: secret.New("s"),
			SessionToken: secret.New("t"), Expires: at.Add(time.Hour),
		},
	})
	if err := awsconfig.WriteCredentials(t.Context(), d.Paths, "file", keysOf("ASIAFILE", at.Add(time.Hour))); err != nil {
		t.Fatal(err)
	}
	file := wanted{Request: Request{Profile: awsconfig.Profile{Name: "file"}, MinTTL: 15 * time.Minute}, began: at}
	for _, c := range []struct {
		moved               time.Duration
		fromCache, fromFile bool
	}{
		{0, true, true},
		{40 * time.Minute, true, true},
		{50 * time.Minute, false, false},
		{-2 * time.Minute, true, true},
		{-24 * time.Hour, false, false},
	} {
		now = at.Add(c.moved)
		w.began, file.began = now, now
		if _, ok := d.fresh(w); ok != c.fromCache {
			t.Errorf("moved by %v: fresh in the cache: %v", c.moved, ok)
		}
		if _, ok := d.fresh(file); ok != c.fromFile {
			t.Errorf("moved by %v: fresh in the file: %v", c.moved, ok)
		}
	}
}
