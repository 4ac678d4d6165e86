package login

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/cache"
)

func writeConfig(t *testing.T, env Env, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(env.Paths.Config), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(env.Paths.Config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func writeCredentials(t *testing.T, env Env, profile string, creds awscreds.Credentials) {
	t.Helper()
	if err := awsconfig.WriteCredentials(t.Context(), env.Paths, profile, creds); err != nil {
		t.Fatal(err)
	}
}

// Cached credentials are reused if they have more time left than requested, or if another
// call obtained them while this one waited. Their settings and role must match the
// request. Expired ones are never returned.
func TestLookUp(t *testing.T) {
	const ttl = 15 * time.Minute
	slot := func(name string) func(*resolved) {
		return func(r *resolved) { r.Role, r.slot = name, name }
	}
	for name, c := range map[string]struct {
		entry    func(*cache.Entry)
		request  func(*resolved)
		reusable bool
		valid    bool
	}{
		"an hour left":         {nil, nil, true, true},
		"15 minutes left":      {func(e *cache.Entry) { e.Expires = at.Add(ttl) }, nil, false, true},
		"a second more":        {func(e *cache.Entry) { e.Expires = at.Add(ttl + time.Second) }, nil, true, true},
		"expired":              {func(e *cache.Entry) { e.Expires = at }, nil, false, false},
		"expired, no minimum":  {func(e *cache.Entry) { e.Expires = at }, func(r *resolved) { r.MinTTL = 0 }, false, false},
		"obtained during wait": {func(e *cache.Entry) { e.Expires, e.Obtained = at.Add(time.Minute), at.Add(time.Second) }, nil, true, true},
		"obtained just before": {func(e *cache.Entry) { e.Expires, e.Obtained = at.Add(time.Minute), at }, nil, false, true},
		"other settings":       {func(e *cache.Entry) { e.Settings = "other" }, nil, false, false},
		"from the future":      {func(e *cache.Entry) { e.Obtained = at.Add(clockSkew + time.Second) }, nil, false, false},
		"within clock skew":    {func(e *cache.Entry) { e.Obtained = at.Add(clockSkew) }, nil, true, true},
		"longer than STS gives": {
			func(e *cache.Entry) { e.Expires = at.Add(longest + clockSkew + time.Second) }, nil, false, false,
		},
		"as long as STS gives":       {func(e *cache.Entry) { e.Expires = at.Add(longest + clockSkew) }, nil, true, true},
		"the requested role":         {nil, func(r *resolved) { r.Role = "azure.admin" }, true, true},
		"another role":               {nil, func(r *resolved) { r.Role = "reader" }, false, false},
		"slot of a role":             {func(e *cache.Entry) { e.Asked = "admin" }, slot("admin"), true, true},
		"slot by another pattern":    {func(e *cache.Entry) { e.Asked = adminRole }, slot("azure.admin"), true, true},
		"slot of another role":       {func(e *cache.Entry) { e.Asked = "reader" }, slot("reader2"), false, false},
		"slot of other settings":     {func(e *cache.Entry) { e.Asked, e.Settings = adminRole, "other" }, slot("azure.admin"), false, false},
		"slot of another profile":    {func(e *cache.Entry) { e.Asked, e.Profile = adminRole, "prod" }, slot("azure.admin"), false, false},
		"slot of another config":     {func(e *cache.Entry) { e.Asked, e.Config = adminRole, "/x" }, slot("azure.admin"), false, false},
		"another profile":            {func(e *cache.Entry) { e.Profile = "prod" }, nil, false, false},
		"slot while profile's valid": {nil, slot("azure.admin"), false, false},
	} {
		t.Run(name, func(t *testing.T) {
			now := at
			env := envAt(t, &now)
			e := cache.Entry{
				Profile: "dev", Config: env.config(), Settings: "s", RoleARN: adminRole, Obtained: at.Add(-time.Minute),
				SessionName: "n", Provider: "p", Credentials: keysOf("ASIACACHE", at.Add(time.Hour)),
			}
			e.AssumedRoleARN = "a"
			r := resolvedAt(env, awsconfig.Profile{Name: "dev"})
			r.stamp = cache.Stamp{Size: 1, MTime: 2}
			if c.entry != nil {
				c.entry(&e)
			}
			if c.request != nil {
				c.request(&r)
			}
			env.put(e)
			found := r.lookUp()
			if found.reusable != c.reusable {
				t.Errorf("reusable: got %v, want %v", found.reusable, c.reusable)
			}
			if got := r.valid(found); got != c.valid {
				t.Errorf("valid: got %v, want %v", got, c.valid)
			}
			if stored, _ := env.cache().Get(e.Config, e.Profile, e.Asked); stored.Stamp == r.stamp {
				t.Error("the lookup has changed the stamp")
			}
			if !c.reusable {
				return
			}
			got, err := r.reuse(t.Context(), found)
			if err != nil {
				t.Fatal(err)
			}
			if want := resultOf(e); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if stored, _ := env.cache().Get(e.Config, e.Profile, e.Asked); stored.Stamp != r.stamp {
				t.Errorf("stamp after reuse: got %+v, want %+v", stored.Stamp, r.stamp)
			}
		})
	}
}

// The credentials file is used like the cache, except for a profile that has no keys
// there, for a requested role, and for keys without an expiration.
func TestLookUpInFile(t *testing.T) {
	for name, c := range map[string]struct {
		left     time.Duration
		request  func(*resolved)
		reusable bool
	}{
		"an hour left":          {time.Hour, nil, true},
		"15 minutes left":       {15 * time.Minute, nil, false},
		"expired":               {-time.Minute, func(r *resolved) { r.MinTTL = 0 }, false},
		"longer than STS gives": {13 * time.Hour, nil, false},
		"credential_process": {
			time.Hour, func(r *resolved) { r.Profile.CredentialProcess = "o365aws credential-process" }, false,
		},
		"requested role": {time.Hour, func(r *resolved) { r.Role = "admin" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			now := at
			env := envAt(t, &now)
			creds := keysOf("ASIAFILE", at.Add(c.left))
			writeCredentials(t, env, "dev", creds)
			r := resolvedAt(env, awsconfig.Profile{Name: "dev", Cloud: "global", RoleARN: adminRole})
			if c.request != nil {
				c.request(&r)
			}
			found := r.lookUp()
			if found.reusable != c.reusable {
				t.Errorf("reusable: got %v, want %v", found.reusable, c.reusable)
			}
			if got := found.result.Credentials; c.reusable && (got != creds || found.result.Role.ARN != adminRole) {
				t.Errorf("got %+v of %s, want %+v of %s", got, found.result.Role.ARN, creds, adminRole)
			}
			got, ok := Peek(env, r.Profile)
			if want := r.Profile.CredentialProcess == "" && c.left < longest; ok != want ||
				ok && got.AccessKeyID != "ASIAFILE" {
				t.Errorf("Peek: got %v %+v, want %v", ok, got, want)
			}
		})
	}
}

// Credentials in the file that predate a profile change, such as a new role or user, are
// not reused.
func TestFileOfOtherSettings(t *testing.T) {
	for _, c := range []struct {
		settings, cached string
		want             bool
	}{{"s", "ASIAFILE", true}, {"s", "ASIACACHE", true}, {"other", "ASIAFILE", false}, {"other", "ASIACACHE", true}} {
		t.Run(c.settings+" "+c.cached, func(t *testing.T) {
			now := at
			env := envAt(t, &now)
			env.put(cache.Entry{
				Profile: "dev", Config: env.config(), Settings: c.settings, RoleARN: adminRole,
				Obtained: at.Add(-time.Minute), Credentials: keysOf(c.cached, at.Add(time.Minute)),
			})
			writeCredentials(t, env, "dev", keysOf("ASIAFILE", at.Add(time.Hour)))
			found := resolvedAt(env, awsconfig.Profile{Name: "dev"}).lookUp()
			if found.reusable != c.want || found.reusable && !found.result.Cached {
				t.Errorf("got %v, %+v, want %v", found.reusable, found.result, c.want)
			}
		})
	}
}

// Peek returns the credentials that expire later, from the cache or the credentials file.
func TestPeek(t *testing.T) {
	for _, c := range []struct {
		cached, inFile time.Duration
		want           string
	}{
		{time.Hour, 2 * time.Hour, "ASIAFILE"},
		{2 * time.Hour, time.Hour, "ASIACACHE"},
		{-time.Hour, -2 * time.Hour, "ASIACACHE"},
		{0, time.Hour, "ASIAFILE"},
		{time.Hour, 0, "ASIACACHE"},
		{0, 0, ""},
	} {
		now := at
		env := envAt(t, &now)
		p := awsconfig.Profile{Name: "dev", Cloud: "global"}
		r, err := resolve(env, Request{Profile: p}, forLogin)
		if err != nil {
			t.Fatal(err)
		}
		if c.cached != 0 {
			env.put(cache.Entry{
				Profile: "dev", Config: env.config(), Settings: r.settings, RoleARN: adminRole,
				Obtained: at.Add(-2 * time.Hour), Credentials: keysOf("ASIACACHE", at.Add(c.cached)),
			})
		}
		if c.inFile != 0 {
			writeCredentials(t, env, "dev", keysOf("ASIAFILE", at.Add(c.inFile)))
		}
		if got, ok := Peek(env, p); ok != (c.want != "") || got.AccessKeyID != c.want {
			t.Errorf("%+v: got %v %s", c, ok, got.AccessKeyID)
		}
	}
}

// After the clock was set back, credentials appear to last longer than they do. They are
// not reused, either from the cache or from the file.
func TestClockSetBack(t *testing.T) {
	now := at
	env := envAt(t, &now)
	env.put(cache.Entry{
		Profile: "dev", Config: env.config(), Settings: "s", RoleARN: adminRole, Obtained: at,
		Credentials: keysOf("ASIACACHE", at.Add(time.Hour)),
	})
	writeCredentials(t, env, "file", keysOf("ASIAFILE", at.Add(time.Hour)))
	cached := resolvedAt(env, awsconfig.Profile{Name: "dev", CredentialProcess: "x"})
	file := resolvedAt(env, awsconfig.Profile{Name: "file"})
	for moved, want := range map[time.Duration]bool{
		0: true, 40 * time.Minute: true, 50 * time.Minute: false, -2 * time.Minute: true, -24 * time.Hour: false,
	} {
		now = at.Add(moved)
		cached.began, file.began = now, now
		if got := cached.lookUp().reusable; got != want {
			t.Errorf("moved by %v, cache: got %v, want %v", moved, got, want)
		}
		if got := file.lookUp().reusable; got != want {
			t.Errorf("moved by %v, file: got %v, want %v", moved, got, want)
		}
	}
}
