package login

import (
	"log/slog"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/secret"
)

const adminRole = "arn:aws:iam::111122223333:role/azure.admin"

// at is when the tests of this file play.
var at = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func depsAt(t *testing.T, now *time.Time) Deps {
	t.Helper()
	home := t.TempDir()
	return Deps{
		Paths: awsconfig.ResolvePaths(
			func(string) string { return "" }, home,
		), Now: func() time.Time { return *now }, Log: slog.New(slog.DiscardHandler),
	}
}

// keysOf returns credentials with an access key ID and an end.
func keysOf(id string, expires time.Time) awscreds.Credentials {
	return awscreds.Credentials{
		AccessKeyID: id, SecretAccessKey: secret.New("s"), SessionToken: secret.New("t"), Expires: expires,
	}
}

// Fresh is what has more time left than is asked for, or was got while this
// call waited; it fits when it was got for the same settings, and for the role
// that is wanted. What has run out is never handed out.
func TestFresh(t *testing.T) {
	const ttl = 15 * time.Minute
	for name, c := range map[string]struct {
		entry func(*cache.Entry)
		want  func(*wanted)
		fresh bool
		valid bool
	}{
		"with an hour left":             {nil, nil, true, true},
		"with 15 minutes left":          {func(e *cache.Entry) { e.Expires = at.Add(ttl) }, nil, false, true},
		"with a second more":            {func(e *cache.Entry) { e.Expires = at.Add(ttl + time.Second) }, nil, true, true},
		"run out now":                   {func(e *cache.Entry) { e.Expires = at }, nil, false, false},
		"run out, and none asked for":   {func(e *cache.Entry) { e.Expires = at }, func(w *wanted) { w.MinTTL = 0 }, false, false},
		"got while this call waited":    {func(e *cache.Entry) { e.Expires, e.Obtained = at.Add(time.Minute), at.Add(time.Second) }, nil, true, true},
		"got just before":               {func(e *cache.Entry) { e.Expires, e.Obtained = at.Add(time.Minute), at }, nil, false, true},
		"got for other settings":        {func(e *cache.Entry) { e.Settings = "other" }, nil, false, false},
		"got in the future":             {func(e *cache.Entry) { e.Obtained = at.Add(clockSkew + time.Second) }, nil, false, false},
		"got a little in the future":    {func(e *cache.Entry) { e.Obtained = at.Add(clockSkew) }, nil, true, true},
		"longer than AWS gives":         {func(e *cache.Entry) { e.Expires = at.Add(longest + clockSkew + time.Second) }, nil, false, false},
		"as long as AWS gives":          {func(e *cache.Entry) { e.Expires = at.Add(longest + clockSkew) }, nil, true, true},
		"of the role that is asked for": {nil, func(w *wanted) { w.Role = "azure.admin" }, true, true},
		"of another role":               {nil, func(w *wanted) { w.Role = "reader" }, false, false},
		"of a role kept apart":          {func(e *cache.Entry) { e.Asked = "admin" }, func(w *wanted) { w.Role, w.asked = "admin", "admin" }, true, true},
		"by another word for it":        {func(e *cache.Entry) { e.Asked = adminRole }, func(w *wanted) { w.Role, w.asked = "azure.admin", "azure.admin" }, true, true},
		"apart, and another":            {func(e *cache.Entry) { e.Asked = "reader" }, func(w *wanted) { w.Role, w.asked = "reader", "reader2" }, false, false},
		"apart, of other settings":      {func(e *cache.Entry) { e.Asked, e.Settings = adminRole, "other" }, func(w *wanted) { w.Role, w.asked = "azure.admin", "azure.admin" }, false, false},
		"apart, of another profile":     {func(e *cache.Entry) { e.Asked, e.Profile = adminRole, "prod" }, func(w *wanted) { w.Role, w.asked = "azure.admin", "azure.admin" }, false, false},
		"apart, of another file":        {func(e *cache.Entry) { e.Asked, e.Config = adminRole, "/x" }, func(w *wanted) { w.Role, w.asked = "azure.admin", "azure.admin" }, false, false},
		"of another profile":            {func(e *cache.Entry) { e.Profile = "prod" }, nil, false, false},
	} {
		now := at
		d := depsAt(t, &now)
		e := cache.Entry{
			Profile: "dev", Config: d.config(), Settings: "s", RoleARN: adminRole,
			Obtained: at.Add(
				-time.Minute,
			), SessionName: "n", Provider: "p",
			Credentials: awscreds.Credentials{
				AccessKeyID: "ASIACACHE", SecretAccessKey: secret.New("s"),
				SessionToken: secret.New("t"), Expires: at.Add(time.Hour), AssumedRoleARN: "a",
			},
		}
		w := wanted{
			Request: Request{Profile: awsconfig.Profile{Name: "dev"}, MinTTL: ttl}, settings: "s", began: at,
			stamp: cache.Stamp{Size: 1, MTime: 2},
		}
		if c.entry != nil {
			c.entry(&e)
		}
		if c.want != nil {
			c.want(&w)
		}
		d.put(e)
		r, ok := d.fresh(w)
		if ok != c.fresh || ok && (r.Credentials.AccessKeyID != "ASIACACHE" || r.Role.ARN != adminRole || !r.Kept) {
			t.Errorf("%s: fresh %v, %+v", name, ok, r)
		}
		if creds := r.Credentials; ok &&
			(creds.SecretAccessKey.Reveal() != "s" || creds.SessionToken.Reveal() != "t" || creds.AssumedRoleARN != "a" || !creds.Expires.Equal(e.Expires) ||
				!r.Expires.Equal(e.Expires) || r.SessionName != "n" || r.Role.Provider != "p") {
			t.Errorf("%s: not whole: %+v", name, r)
		}
		if _, ok := d.valid(w); ok != c.valid {
			t.Errorf("%s: valid %v", name, ok)
		}
		if kept, _ := d.cache().Get(e.Config, e.Profile, e.Asked); (kept.Stamp == w.stamp) != c.fresh {
			t.Errorf("%s: noted for the config file as it is now: %v", name, kept.Stamp == w.stamp)
		}
	}
}

// The credentials file counts like the cache, but not for a profile that has
// none there, nor for a role that is asked for, nor without their end.
func TestFreshInFile(t *testing.T) {
	for name, c := range map[string]struct {
		left  time.Duration
		want  func(*wanted)
		fresh bool
	}{
		"with an hour left":     {time.Hour, nil, true},
		"with 15 minutes left":  {15 * time.Minute, nil, false},
		"run out":               {-time.Minute, func(w *wanted) { w.MinTTL = 0 }, false},
		"longer than AWS gives": {13 * time.Hour, nil, false},
		"of a process":          {time.Hour, func(w *wanted) { w.Profile.CredentialProcess = "o365aws credential-process" }, false},
		"of any role":           {time.Hour, func(w *wanted) { w.Role = "admin" }, false},
	} {
		now := at
		d := depsAt(t, &now)
		if err := awsconfig.WriteCredentials(t.Context(), d.Paths, "dev", keysOf("ASIAFILE", at.Add(c.left))); err != nil {
			t.Fatal(err)
		}
		p := awsconfig.Profile{Name: "dev", Cloud: "global", RoleARN: adminRole}
		w := wanted{Request: Request{Profile: p, MinTTL: 15 * time.Minute}, began: at}
		if c.want != nil {
			c.want(&w)
		}
		r, ok := d.fresh(w)
		if ok != c.fresh ||
			ok &&
				(r.Credentials.AccessKeyID != "ASIAFILE" || r.Credentials.SecretAccessKey.Reveal() != "s" || r.Credentials.SessionToken.Reveal() != "t" || r.Role.ARN != adminRole || !r.Credentials.Expires.Equal(r.Expires) || !r.Expires.Equal(at.Add(c.left))) {
			t.Errorf("%s: %v %+v", name, ok, r)
		}
		if r, ok := Peek(d, w.Profile); ok != (w.Profile.CredentialProcess == "" && c.left < longest) ||
			ok && r.Credentials.AccessKeyID != "ASIAFILE" {
			t.Errorf("%s: a look sees %v %+v", name, ok, r)
		}
	}
}

// Credentials that the file holds from before the profile was changed, as to
// another role or user, are not the profile's now.
func TestFileOfOtherSettings(t *testing.T) {
	for settings, fresh := range map[string]bool{"s": true, "other": false} {
		for key, known := range map[string]bool{"ASIAFILE": true, "ASIACACHE": false} { // what is known of the one in the file
			now := at
			d := depsAt(t, &now)
			d.put(cache.Entry{
				Profile: "dev", Config: d.config(), Settings: settings, RoleARN: adminRole,
				Obtained: at.Add(-time.Minute),
				Credentials: awscreds.Credentials{
					AccessKeyID: key, SecretAccessKey: secret.New("s"), SessionToken: secret.New("t"),
					Expires: at.Add(time.Minute),
				},
			})
			if err := awsconfig.WriteCredentials(t.Context(), d.Paths, "dev", keysOf("ASIAFILE", at.Add(time.Hour))); err != nil {
				t.Fatal(err)
			}
			w := wanted{
				Request: Request{Profile: awsconfig.Profile{Name: "dev"}, MinTTL: 15 * time.Minute}, settings: "s",
				began: at,
			}
			if r, ok := d.fresh(w); ok != (fresh || !known) || ok && !r.Kept {
				t.Errorf("for settings %s, key %s in the cache: %v %+v", settings, key, ok, r)
			}
		}
	}
}

// Whose credentials these are is told by the settings that decide it, and by
// no others.
func TestSettingsThatDecide(t *testing.T) {
	now := at
	d := depsAt(t, &now)
	base := awsconfig.Profile{
		Name: "dev", Cloud: "global", TenantID: "contoso.example", Username: "ada@contoso.example",
		AppIDURI: "app", RoleARN: adminRole, Region: "eu-central-1",
	}
	digest := func(change func(*awsconfig.Profile)) wanted {
		p := base
		change(&p)
		w, err := d.wanted(Request{Profile: p, Role: "reader"}, apart)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	first := digest(func(*awsconfig.Profile) {})
	if first.asked != "reader" || !first.began.Equal(at) {
		t.Errorf("%+v", first)
	}
	if w, err := d.wanted(Request{Profile: base, Role: "reader"}, own); err != nil || w.asked != "" ||
		w.settings != first.settings {
		t.Errorf("in the profile's own place: %+v %v", w, err)
	}
	for name, c := range map[string]struct {
		change            func(*awsconfig.Profile)
		settings, another bool // other credentials, another sign-in
	}{
		"cloud":              {func(p *awsconfig.Profile) { p.Cloud = "china" }, true, true},
		"tenant":             {func(p *awsconfig.Profile) { p.TenantID = "fabrikam.example" }, true, true},
		"tenant in capitals": {func(p *awsconfig.Profile) { p.TenantID = "CONTOSO.example" }, true, false},
		"user":               {func(p *awsconfig.Profile) { p.Username = "eve@contoso.example" }, true, true},
		"application":        {func(p *awsconfig.Profile) { p.AppIDURI = "app#2" }, true, false},
		"role":               {func(p *awsconfig.Profile) { p.RoleARN += "2" }, true, false},
		"endpoint":           {func(p *awsconfig.Profile) { p.STSEndpoint = "https://sts.example" }, true, false},
		"partition":          {func(p *awsconfig.Profile) { p.Region = "cn-north-1" }, true, false},
		"region":             {func(p *awsconfig.Profile) { p.Region = "us-west-2" }, false, false},
		"browser":            {func(p *awsconfig.Profile) { p.Browser = "visible" }, false, false},
		"name":               {func(p *awsconfig.Profile) { p.Name = "prod" }, false, false},
	} {
		w := digest(c.change)
		if (w.settings != first.settings) != c.settings || (w.identity != first.identity) != c.another {
			t.Errorf(
				"%s: other credentials %v, another sign-in %v", name, w.settings != first.settings,
				w.identity != first.identity,
			)
		}
	}
	if _, err := d.wanted(Request{Profile: awsconfig.Profile{Cloud: "moon"}}, own); err == nil {
		t.Error("an unknown cloud")
	}
	for source, want := range map[string]bool{"the command line": true, "environment variable X": true, "[dev] in x": false, "default": false, "": false} {
		for _, key := range identitySettings {
			if got := overridden(awsconfig.Profile{Source: map[string]string{key: source}}); got != want {
				t.Errorf("%s from %q: %v", key, source, got)
			}
		}
		if overridden(awsconfig.Profile{Source: map[string]string{"o365aws_browser": source}}) {
			t.Errorf("the browser decides nothing, from %q", source)
		}
	}
}

// A look sees what lasts longer, of the cache or the credentials file.
func TestPeekSeesWhatLasts(t *testing.T) {
	for _, c := range []struct {
		cached, inFile time.Duration
		want           string
	}{{time.Hour, 2 * time.Hour, "ASIAFILE"}, {2 * time.Hour, time.Hour, "ASIACACHE"}, {-time.Hour, -2 * time.Hour, "ASIACACHE"}, {0, time.Hour, "ASIAFILE"}, {time.Hour, 0, "ASIACACHE"}, {0, 0, ""}} {
		now := at
		d := depsAt(t, &now)
		p := awsconfig.Profile{Name: "dev", Cloud: "global"}
		w, err := d.wanted(Request{Profile: p}, own)
		if err != nil {
			t.Fatal(err)
		}
		if c.cached != 0 {
			d.put(cache.Entry{
				Profile: "dev", Config: d.config(), Settings: w.settings, RoleARN: adminRole,
				Obtained: at.Add(-2 * time.Hour),
				Credentials: awscreds.Credentials{
					AccessKeyID: "ASIACACHE", SecretAccessKey: secret.New("s"),
					SessionToken: secret.New("t"), Expires: at.Add(c.cached),
				},
			})
		}
		if c.inFile != 0 {
			if err := awsconfig.WriteCredentials(t.Context(), d.Paths, "dev", keysOf("ASIAFILE", at.Add(c.inFile))); err != nil {
				t.Fatal(err)
			}
		}
		if r, ok := Peek(d, p); ok != (c.want != "") || r.Credentials.AccessKeyID != c.want {
			t.Errorf("%+v: %v %s", c, ok, r.Credentials.AccessKeyID)
		}
	}
}
