package identity

import (
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/secret"
)

// An assertion is shared for three minutes with calls that have its key and the same
// request.
func TestShare(t *testing.T) {
	key := []byte(strings.Repeat("k", keyLength))
	base := awsconfig.Profile{
		Cloud: "global", TenantID: "contoso.example", Username: "ada@contoso.example", AppIDURI: "app",
		Region: "eu-central-1",
	}
	for name, c := range map[string]struct {
		later     time.Duration
		key       []byte
		change    func(*awsconfig.Profile)
		notBefore time.Time
		id        string // request ID that is shared
		want      bool
	}{
		"at once":             {0, key, nil, time.Time{}, "id1", true},
		"after three minutes": {SharedLife, key, nil, time.Time{}, "id1", true},
		"a second later":      {SharedLife + time.Second, key, nil, time.Time{}, "id1", false},
		"from the future":     {-time.Second, key, nil, time.Time{}, "id1", false},
		"another key":         {0, []byte(strings.Repeat("x", keyLength)), nil, time.Time{}, "id1", false},
		"no key":              {0, nil, nil, time.Time{}, "id1", false},
		"no request":          {0, key, nil, time.Time{}, "", false},
		"another user":        {0, key, func(p *awsconfig.Profile) { p.Username = "eve@contoso.example" }, time.Time{}, "id1", false},
		"another application": {0, key, func(p *awsconfig.Profile) { p.AppIDURI = "app2" }, time.Time{}, "id1", false},
		"another partition":   {0, key, func(p *awsconfig.Profile) { p.Region = "cn-north-1" }, time.Time{}, "id1", false},
		"to this machine":     {0, key, func(p *awsconfig.Profile) { p.Browser, p.ReplyURL = "system", "http://localhost:1/" }, time.Time{}, "id1", false},
		"another region":      {0, key, func(p *awsconfig.Profile) { p.Region = "us-west-2" }, time.Time{}, "id1", true},
		"shared since":        {time.Second, key, nil, at.Add(-time.Second), "id1", true},
		"shared before":       {time.Second, key, nil, at, "id1", false},
	} {
		t.Run(name, func(t *testing.T) {
			now := at
			env := envAt(t, &now)
			env.Of(base, Unattended).Share(Assertion{c.id, secret.New("response")}, key)
			p := base
			if c.change != nil {
				c.change(&p)
			}
			now = at.Add(c.later)
			got, ok := env.Of(p, Unattended).Shared(c.key, c.notBefore)
			if ok != c.want || ok && (got.Response.Reveal() != "response" || got.RequestID != c.id) {
				t.Errorf("got %v %+v, want %v", ok, got, c.want)
			}
		})
	}
}

// A shared assertion is encrypted on disk, and is rejected if it was modified there.
func TestSharedIsEncrypted(t *testing.T) {
	now, key := at, []byte(strings.Repeat("k", keyLength))
	id := envAt(t, &now).Of(awsconfig.Profile{Cloud: "global", TenantID: "contoso.example"}, Unattended)
	id.Share(Assertion{"id1", secret.New("response")}, key)
	sealed, _ := id.cache().Sealed(id.SharedKey())
	if data := string(sealed.Data); strings.Contains(data, "id1") || strings.Contains(data, "response") {
		t.Error("the assertion is not encrypted")
	}
	changed := append(sealed.Data[:len(sealed.Data)-1:len(sealed.Data)-1], 0)
	for name, data := range map[string][]byte{"short": sealed.Data[:4], "changed": changed} {
		if err := id.cache().PutSealed(id.SharedKey(), cache.Sealed{At: at, Data: data}); err != nil {
			t.Fatal(err)
		}
		if _, ok := id.Shared(key, time.Time{}); ok {
			t.Errorf("%s: used", name)
		}
	}
	if err := id.DeleteShared(); err != nil {
		t.Error(err)
	}
	if _, ok := id.cache().Sealed(id.SharedKey()); ok {
		t.Error("not deleted")
	}
}
