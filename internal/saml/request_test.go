package saml

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"io"
	"net/url"
	"strings"
	"testing"
)

// The URL carries the request as raw DEFLATE, and an identifier with # and & is
// preserved.
func TestRequestURL(t *testing.T) {
	r, err := NewAuthnRequest(
		"https://signin.aws.amazon.com/saml#2&x", "https://signin.aws.amazon.com/saml", now,
		bytes.NewReader(make([]byte, 16)),
	)
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
	if u.Scheme != "https" || u.Host != "login.microsoftonline.com" || u.Path != "/contoso.example/saml2" ||
		u.Query().Get("login_hint") != "ada+x@contoso.example" {
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
	const want = `<AuthnRequest xmlns="urn:oasis:names:tc:SAML:2.0:protocol" ID="id00000000000000000000000000000000" Version="2.0" IssueInstant="2026-01-02T03:04:05.000Z"` +
		` AssertionConsumerServiceURL="https://signin.aws.amazon.com/saml" IsPassive="false"><Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">` +
		`https://signin.aws.amazon.com/saml#2&amp;x</Issuer><NameIDPolicy Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"></NameIDPolicy></AuthnRequest>`
	if string(doc) != want {
		t.Errorf("request %s", doc)
	}
	r.ForceAuthn, r.IsPassive = true, true
	if doc, err := r.XML(); err != nil || !strings.Contains(string(doc), ` ForceAuthn="true" IsPassive="true"`) {
		t.Errorf("request %s %v", doc, err)
	}
	if raw, err := r.URL("login.microsoftonline.com", "contoso.example", ""); err != nil ||
		strings.Contains(raw, "login_hint") {
		t.Errorf("url %s %v", raw, err)
	}
}

// A request fails without random bits: with a guessable ID, the response to another
// request could be accepted.
func TestRequestWithoutRandomBits(t *testing.T) {
	if r, err := NewAuthnRequest("x", "x", now, bytes.NewReader(make([]byte, 15))); err == nil ||
		r != (AuthnRequest{}) {
		t.Errorf("%+v %v", r, err)
	}
}

// Only AWS's own sign-in endpoints accept the assertion.
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
		t.Run(raw, func(t *testing.T) {
			u, err := url.Parse(raw)
			if err != nil {
				t.Fatal(err)
			}
			if got := IsACS(u); got != want {
				t.Errorf("IsACS(%s) = %v", raw, got)
			}
		})
	}
}
