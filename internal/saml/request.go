package saml

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"sync"
	"time"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/o365aws/o365aws/internal/fault"
)

// AuthnRequest requests an assertion from the identity provider.
type AuthnRequest struct {
	ID           string // returned as InResponseTo; must not start with a digit
	Issuer       string // the application's identifier (App ID URI)
	ACS          string // assertion consumer service, to which the response is posted
	IssueInstant time.Time
	ForceAuthn   bool // sign in again even if there is a session
	IsPassive    bool // never show a page
}

// NewAuthnRequest returns a request with a random ID of 128 bits.
func NewAuthnRequest(issuer, acs string, now time.Time, random io.Reader) (AuthnRequest, error) {
	var id [16]byte
	if _, err := io.ReadFull(random, id[:]); err != nil {
		return AuthnRequest{}, fmt.Errorf("id of the SAML request: %w", err)
	}
	return AuthnRequest{ID: "id" + hex.EncodeToString(id[:]), Issuer: issuer, ACS: acs, IssueInstant: now}, nil
}

type authnRequestXML struct {
	XMLName      xml.Name `xml:"urn:oasis:names:tc:SAML:2.0:protocol AuthnRequest"`
	ID           string   `xml:"ID,attr"`
	Version      string   `xml:"Version,attr"`
	IssueInstant string   `xml:"IssueInstant,attr"`
	ACS          string   `xml:"AssertionConsumerServiceURL,attr,omitempty"`
	ForceAuthn   bool     `xml:"ForceAuthn,attr,omitempty"`
	IsPassive    bool     `xml:"IsPassive,attr"`
	Issuer       struct {
		XMLName xml.Name `xml:"urn:oasis:names:tc:SAML:2.0:assertion Issuer"`
		Value   string   `xml:",chardata"`
	}
	NameIDPolicy struct {
		Format string `xml:"Format,attr"`
	} `xml:"NameIDPolicy"`
}

// XML returns the request as an XML document.
// Source: learn.microsoft.com/entra/identity-platform/single-sign-on-saml-protocol
func (r AuthnRequest) XML() ([]byte, error) {
	doc := authnRequestXML{
		ID: r.ID, Version: "2.0", IssueInstant: r.IssueInstant.UTC().Format("2006-01-02T15:04:05.000Z"),
		ACS: r.ACS, ForceAuthn: r.ForceAuthn, IsPassive: r.IsPassive,
	}
	doc.Issuer.Value = r.Issuer
	doc.NameIDPolicy.Format = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
	return xml.Marshal(doc)
}

// hostName and tenantName match names that can be inserted into a URL unescaped. A tenant
// is a GUID or a domain.
var (
	hostName = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]+)?$`)
	})
	tenantName = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)
	})
)

// URL returns the address that carries the request to a tenant (HTTP-Redirect binding,
// SAML 2.0 bindings section 3.4: raw DEFLATE, base64, URL-encoded). loginHint, if not
// empty, is the user name to fill in. For an invalid host or tenant, it returns a fault
// of kind Config.
func (r AuthnRequest) URL(loginHost, tenant, loginHint string) (string, error) {
	if !hostName().MatchString(loginHost) {
		return "", fault.Newf(fault.Config, "%q is not a valid sign-in host", termtext.Printable(loginHost, 100))
	}
	if !tenantName().MatchString(tenant) {
		return "", fault.Newf(fault.Config, "%q is not a valid tenant", termtext.Printable(tenant, 100)).
			Hint("azure_tenant_id is a GUID or a domain of your company")
	}
	doc, err := r.XML()
	if err != nil {
		return "", fmt.Errorf("SAML request: %w", err)
	}
	var deflated bytes.Buffer
	w, err := flate.NewWriter(&deflated, flate.BestCompression)
	if err != nil {
		return "", fmt.Errorf("SAML request: %w", err)
	}
	if _, err := w.Write(doc); err != nil {
		return "", fmt.Errorf("SAML request: %w", err)
	}
	if err := w.Close(); err != nil {
		return "", fmt.Errorf("SAML request: %w", err)
	}
	query := url.Values{"SAMLRequest": {base64.StdEncoding.EncodeToString(deflated.Bytes())}}
	if loginHint != "" {
		query.Set("login_hint", loginHint)
	}
	u := url.URL{Scheme: "https", Host: loginHost, Path: "/" + tenant + "/saml2", RawQuery: query.Encode()}
	return u.String(), nil
}
