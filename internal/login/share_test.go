package login

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

// responseAt is a response to a request.
func responseAt(now time.Time, id string) saml.Response {
	const tenant = "11111111-2222-3333-4444-555555555555"
	format := `<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" InResponseTo="%[1]s"><p:Status><p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></p:Status>` +
		`<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion"><Issuer>https://sts.windows.net/` + tenant + `/</Issuer><Subject><SubjectConfirmation><SubjectConfirmationData InResponseTo="%[1]s"/>` +
		`</SubjectConfirmation></Subject><Conditions NotOnOrAfter="%[2]s"/></Assertion></p:Response>`
	return saml.Response{
		Raw: secret.New(
			base64.StdEncoding.EncodeToString(fmt.Appendf(nil, format, id, now.Add(time.Hour).Format(time.RFC3339))),
		),
	}
}

// An assertion is shared for three minutes, with who has its key and wants the
// same, and with nobody who wants one of now.
func TestShare(t *testing.T) {
	key := kept{key: []byte(strings.Repeat("k", keyLength))}
	base := wanted{
		Request: Request{Profile: awsconfig.Profile{AppIDURI: "app", Region: "eu-central-1"}}, identity: "id",
		began: at.Add(-time.Second),
	}
	for name, c := range map[string]struct {
		later time.Duration
		key   kept
		want  func(*wanted)
		id    string // of the request, as it is shared
		takes bool
	}{
		"at once":             {0, key, nil, "id1", true},
		"after three minutes": {sharedLife, key, nil, "id1", true},
		"and a second":        {sharedLife + time.Second, key, nil, "id1", false},
		"from the future":     {-time.Second, key, nil, "id1", false},
		"by another key":      {0, kept{key: []byte(strings.Repeat("x", keyLength))}, nil, "id1", false},
		"without a key":       {0, kept{}, nil, "id1", false},
		"for another tenant":  {0, kept{key: key.key, tenant: "99999999-2222-3333-4444-555555555555"}, nil, "id1", false},
		"of another request":  {0, key, nil, "id2", false},
		"without a request":   {0, key, nil, "", false},
		"another identity":    {0, key, func(w *wanted) { w.identity = "other" }, "id1", false},
		"another application": {0, key, func(w *wanted) { w.Profile.AppIDURI = "app2" }, "id1", false},
		"another partition":   {0, key, func(w *wanted) { w.Profile.Region = "cn-north-1" }, "id1", false},
		"to this machine":     {0, key, func(w *wanted) { w.Profile.Browser, w.Profile.ReplyURL = "system", "http://localhost:1/" }, "id1", false},
		"another region":      {0, key, func(w *wanted) { w.Profile.Region = "us-west-2" }, "id1", true},
		"a person before it":  {0, key, func(w *wanted) { w.explicit = true }, "id1", true},
		"a person after it":   {time.Second, key, func(w *wanted) { w.explicit, w.began = true, at }, "id1", false},
		"by force after it":   {time.Second, key, func(w *wanted) { w.Force, w.began = true, at }, "id1", false},
	} {
		now := at
		d := depsAt(t, &now)
		d.share(base, key, responseAt(at, "id1"), c.id)
		w := base
		if c.want != nil {
			c.want(&w)
		}
		now = at.Add(c.later)
		if response, ok := d.shared(w, c.key); ok != c.takes || ok == response.Raw.IsZero() {
			t.Errorf("%s: %v", name, ok)
		}
	}
	now := at
	d := depsAt(t, &now)
	d.share(base, key, responseAt(at, "id1"), "id1")
	sealed, _ := d.cache().Sealed(shareKey(base))
	if strings.Contains(string(sealed.Data), "id1") ||
		strings.Contains(string(sealed.Data), responseAt(at, "id1").Raw.Reveal()[:20]) {
		t.Error("it is not encrypted")
	}
	for name, data := range map[string][]byte{"short": sealed.Data[:4], "changed": append(sealed.Data[:len(sealed.Data)-1:len(sealed.Data)-1], 0)} {
		if err := d.cache().PutSealed(shareKey(base), cache.Sealed{At: at, Data: data}); err != nil {
			t.Fatal(err)
		}
		if _, ok := d.shared(base, key); ok {
			t.Errorf("%s: taken", name)
		}
	}
}

// A record of the store is taken whole or not at all, and never quoted.
func TestOpenKept(t *testing.T) {
	key := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", keyLength)))
	for text, good := range map[string]bool{
		`{"version":1,"session":"{}","tenant":"t","key":"` + key + `"}`:     true,
		`{"version":2,"session":"{}","tenant":"t","key":"` + key + `"}`:     false,
		`{"version":1,"session":"{}","tenant":"t","key":"a2V5"}`:            false,
		`{"version":1,"session":"CANARY","tenant":"t","key":"` + key + `"}`: false,
		`{"version":1,"CANARY`: false, "": false,
	} {
		k, err := openKept(secret.New(text))
		if (err == nil) != good || good && (k.tenant != "t" || len(k.key) != keyLength) ||
			err != nil && strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
