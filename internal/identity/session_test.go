package identity

import (
	"encoding/base64"
	"reflect"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/secret"
)

// Sessions are stored unless the profile disables it, and "Stay signed in?" is answered
// with yes only if the profile requests it.
func TestRemember(t *testing.T) {
	const key = "azure_default_remember_me"
	for _, c := range []struct {
		ours, theirs  string
		stores, stays bool
	}{
		{"", "", true, false},
		{"", "true", true, true},
		{"", "false", false, false},
		{"session", "", true, true},
		{"session", "false", true, true},
		{"password", "", true, true},
		{"none", "", false, false},
		{"none", "true", false, false},
	} {
		p := awsconfig.Profile{Remember: c.ours, RememberMe: c.theirs == "true", Source: map[string]string{}}
		if c.theirs != "" {
			p.Source[key] = "the config file"
		}
		if got := StoresSessions(p); got != c.stores {
			t.Errorf("%+v: stores sessions: got %v", c, got)
		}
		if got := StaysSignedIn(p); got != c.stays {
			t.Errorf("%+v: stays signed in: got %v", c, got)
		}
	}
}

// A session is stored if the profile stores sessions. It gets a key for shared assertions
// once, and can be deleted.
func TestStoredSession(t *testing.T) {
	now := at
	env := envAt(t, &now)
	profile := awsconfig.Profile{
		Cloud: "global", TenantID: "contoso.example", Username: "ada@contoso.example", Source: map[string]string{},
	}
	stores := env.Of(profile, Unattended)
	profile.Remember = "none"
	none := env.Of(profile, Unattended)
	signedIn := entra.Session{
		Fingerprint: entra.Fingerprint{UserAgent: "x"},
		Cookies: []entra.Cookie{
			{Name: "ESTSAUTH", Value: secret.New("v"), Domain: "login.microsoftonline.com", Path: "/"},
		},
	}
	if s, err := none.SaveSession(t.Context(), StoredSession{Session: signedIn}); err != nil || len(s.Key) > 0 {
		t.Errorf("a profile that stores nothing: got a key of %d bytes, %v", len(s.Key), err)
	}
	if _, err := stores.LoadSession(t.Context()); err == nil {
		t.Error("a profile that stores nothing has stored a session")
	}
	first, err := stores.SaveSession(t.Context(), StoredSession{Session: signedIn, Tenant: "guid", By: "device"})
	if err != nil || len(first.Key) != keyLength {
		t.Errorf("got a key of %d bytes, %v, want %d", len(first.Key), err, keyLength)
	}
	got, err := stores.LoadSession(t.Context())
	if err != nil || !reflect.DeepEqual(got, first) || got.Tenant != "guid" || !got.Session.SignedIn() {
		t.Errorf("got %+v, %v, want %+v", got, err, first)
	}
	if state, by, err := stores.SessionState(t.Context()); state != SessionStored || by != "device" || err != nil {
		t.Errorf("state: got %s, %v, want %s", state, err, SessionStored)
	}
	if state, _, err := none.SessionState(t.Context()); state != SessionOff || err != nil {
		t.Errorf("state: got %s, %v, want %s", state, err, SessionOff)
	}
	if _, err := none.LoadSession(t.Context()); err == nil {
		t.Error("used by a profile that stores nothing")
	}
	if again, err := stores.SaveSession(t.Context(), got); err != nil || !reflect.DeepEqual(again.Key, first.Key) {
		t.Errorf("the key has changed, so shared assertions are lost (%v)", err)
	}
	profile.Remember, profile.Username = "", "eve@contoso.example"
	if _, err := env.Of(profile, Unattended).LoadSession(t.Context()); err == nil {
		t.Error("used by another user")
	}
	stores.DeleteSession(t.Context())
	if _, err := stores.LoadSession(t.Context()); err == nil {
		t.Error("not deleted")
	}
	if state, _, err := stores.SessionState(t.Context()); state != SessionNone || err != nil {
		t.Errorf("state: got %s, %v, want %s", state, err, SessionNone)
	}
}

// A stored record is parsed completely or not at all, and errors do not quote it.
func TestParseSession(t *testing.T) {
	key := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", keyLength)))
	for text, good := range map[string]bool{
		`{"version":1,"session":"{}","tenant":"t","key":"` + key + `"}`:     true,
		`{"version":2,"session":"{}","tenant":"t","key":"` + key + `"}`:     false,
		`{"version":1,"session":"{}","tenant":"t","key":"a2V5"}`:            false,
		`{"version":1,"session":"CANARY","tenant":"t","key":"` + key + `"}`: false,
		`{"version":1,"CANARY`: false, "": false,
	} {
		s, err := parseSession(secret.New(text))
		if (err == nil) != good || good && (s.Tenant != "t" || len(s.Key) != keyLength) {
			t.Errorf("%s: got %+v, %v, want good %v", text, s, err, good)
		}
		if err != nil && strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: the error quotes it: %v", text, err)
		}
	}
}
