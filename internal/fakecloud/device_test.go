package fakecloud

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Entra accepts an authentic and recent value of a device, once for each nonce, and
// ignores any other.
func TestDeviceCredential(t *testing.T) {
	now := time.Now()
	c, err := New(Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	good := c.IssueDeviceCredential(UserName, "https://login.microsoftonline.com/x")
	half := strings.LastIndex(good, ".")
	for name, tc := range map[string]struct {
		value string
		later time.Duration
		want  bool
	}{
		"good":              {good, 0, true},
		"almost too old":    {good, deviceLife - time.Minute, true},
		"too old":           {good, deviceLife + time.Minute, false},
		"from the future":   {good, -time.Hour, false},
		"another signature": {good[:half] + ".AAAA", 0, false},
		"another token":     {"eyJhbGciOiJIUzI1NiJ9" + good[strings.Index(good, "."):], 0, false},
		"another nonce":     {c.IssueDeviceCredential(UserName, "https://x.example/?sso_nonce=1"), 0, false},
		"nothing":           {"", 0, false},
	} {
		r := httptest.NewRequest(http.MethodGet, "https://login.microsoftonline.com/x", nil)
		r.Header.Set(deviceHeader, tc.value)
		began := now
		now = now.Add(tc.later)
		if got := c.deviceUser(r) != nil; got != tc.want {
			t.Errorf("%s: got %v, want %v", name, got, tc.want)
		}
		now = began
	}
	if c.IssueDeviceCredential("nobody@contoso.example", "") != "" {
		t.Error("got a credential for an unknown user")
	}
}

// A value that is sent to a host other than the login host is a misuse by the client.
func TestMisusedDeviceCredential(t *testing.T) {
	for address, want := range map[string]int{
		"https://login.microsoftonline.com/x":                0,
		"http://login.microsoftonline.com/x":                 1,
		"https://login.microsoftonline.com:8443/x":           1,
		"https://login.microsoftonline.us/x":                 1,
		"https://device.login.microsoftonline.com/x":         1,
		"https://login.microsoftonline.com.evil.example/x":   1,
		"https://autologon.microsoftazuread-sso.com/x":       1,
		"https://sts.eu-central-1.amazonaws.com/":            1,
		"https://login.microsoftonline.com/common/x?a=image": 1,
	} {
		c, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodGet, address, nil)
		if u.RawQuery != "" {
			r.Header.Set("Sec-Fetch-Dest", "image")
		}
		r.AddCookie(&http.Cookie{Name: deviceHeader, Value: "a.b.c"})
		c.watchDevice(r)
		if got := c.DeviceProblems(); len(got) != want {
			t.Errorf("%s: problems %q, want %d", address, got, want)
		}
	}
}
