package saml

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/xml"
	"io"
	"net/url"
	"strings"
	"testing"
)

// The URL carries the request as raw DEFLATE, and an identifier with # and &
// arrives whole.
func TestRequestURL(t *testing.T) {
	r, err := NewAuthnRequest("https://signin.aws.amazon.com/saml#2&x", "https://signin.aws.amazon.com/saml", now, bytes.NewReader(make([]byte, 16)))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := r.URL("login.microsoftonline.com", "contoso.example", "ada+x@contoso.example")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if u.Host != "login.microsoftonline.com" || u.Path != "/contoso.example/saml2" || u.Query().Get("login_hint") != "ada+x@contoso.example" {
		t.Errorf("url %s", raw)
	}
	packed, err := base64.StdEncoding.DecodeString(u.Query().Get("SAMLRequest"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		t.Fatal(err)
	}
	var got authnRequestXML
	if err := xml.Unmarshal(doc, &got); err != nil {
		t.Fatal(err)
	}
	if got.Issuer.Value != r.Issuer || got.ID != r.ID || got.ID[0] != 'i' || got.Version != "2.0" || strings.Contains(string(doc), "Subject") {
		t.Errorf("request %s", doc)
	}
}

// Only AWS's own sign-in endpoints take the assertion.
func TestIsACS(t *testing.T) {
	for raw, want := range map[string]bool{
		"https://signin.aws.amazon.com/saml":                     true,
		"https://us-east-2.signin.aws.amazon.com/saml":           true,
		"https://us-east-2.signin.aws.amazon.com/saml/acs/IDP12": true,
		"https://signin.amazonaws-us-gov.com/saml":               true,
		"https://signin.amazonaws.cn/saml":                       true,
		"https://signin.aws.amazon.com.mcas.ms/saml?x=1":         true,
		"http://signin.aws.amazon.com/saml":                      false,
		"https://signin.aws.amazon.com/console":                  false,
		"https://signin.aws.amazon.com.evil.example/saml":        false,
		"https://evilsignin.aws.amazon.com/saml":                 false,
		"https://signin.aws.amazon.com:8443/saml":                false,
		"https://login.microsoftonline.com/saml":                 false,
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := IsACS(u); got != want {
			t.Errorf("IsACS(%s) = %v", raw, got)
		}
	}
}
