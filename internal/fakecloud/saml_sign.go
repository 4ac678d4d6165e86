package fakecloud

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/beevik/etree"
	"github.com/google/uuid"
	dsig "github.com/russellhaering/goxmldsig"
)

// Validity of tokens and sessions issued by Entra.
const (
	assertionLifetime = 70 * time.Minute
	samlTime          = "2006-01-02T15:04:05.000Z"
)

const (
	attributeAWS    = "https://aws.amazon.com/SAML/Attributes/"
	statusSuccess   = "urn:oasis:names:tc:SAML:2.0:status:Success"
	statusResponder = "urn:oasis:names:tc:SAML:2.0:status:Responder"
	statusNoPassive = "urn:oasis:names:tc:SAML:2.0:status:NoPassive"
)

// identityProvider holds the key that signs assertions.
type identityProvider struct {
	key  *rsa.PrivateKey
	cert *x509.Certificate
	old  *x509.Certificate // of a key that is no longer used
}

func newIdentityProvider(keys *keyring) (*identityProvider, error) {
	key, cert, err := keys.lasting()
	if err != nil {
		return nil, err
	}
	_, old, err := keys.lasting()
	if err != nil {
		return nil, err
	}
	return &identityProvider{key: key, cert: cert, old: old}, nil
}

// lasting returns a key with a certificate that never expires, because Options.Now may be
// any time.
func (r *keyring) lasting() (*rsa.PrivateKey, *x509.Certificate, error) {
	return r.certified(
		"Microsoft Azure Federated SSO Certificate (fake)", time.Unix(0, 0),
		time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
	)
}

// certified returns the next key and a certificate for it.
func (r *keyring) certified(name string, from, until time.Time) (*rsa.PrivateKey, *x509.Certificate, error) {
	key, err := r.next()
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: from, NotAfter: until,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, fmt.Errorf("signing certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, fmt.Errorf("signing certificate: %w", err)
	}
	return key, cert, nil
}

// sign adds an enveloped signature to an assertion, after its Issuer as required by the
// SAML schema.
func (p *identityProvider) sign(assertion *etree.Element) error {
	ctx, err := dsig.NewSigningContext(p.key, [][]byte{p.cert.Raw})
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	ctx.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	signature, err := ctx.ConstructSignature(assertion, true)
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	assertion.InsertChildAt(1, signature)
	return nil
}

// issuerOf returns the issuer in a response for this application.
func (c *Cloud) issuerOf(tenant string) string {
	issuer := "https://sts.windows.net/" + tenant + "/"
	if c.opts.Scenario == "app-issuer" {
		issuer += c.app.id
	}
	return issuer
}

// signedResponse returns the base64 text of the SAMLResponse for a signed-in user.
func (c *Cloud) signedResponse(req authnRequest, user *User) (string, error) {
	now := c.now().UTC()
	tenant := TenantID
	switch c.opts.Scenario {
	case "response-junk":
		return base64.StdEncoding.EncodeToString([]byte(strings.Repeat("junk \x00<&>\n", 100_000))), nil
	case "response-failed":
		return c.failedResponse(
			req, statusResponder, "",
			"AADSTS50105: Your administrator has configured the application to block users unless they are specifically granted ('assigned') access to the application.",
		), nil
	case "response-replayed":
		req.ID = "id-of-another-request"
	case "response-other-tenant":
		tenant = "99999999-8d4a-4e57-9a61-0c5d7e9b1a24"
	case "response-expired":
		now = now.Add(-2 * time.Hour)
	}
	signer := c.signerFor(req.Issuer)
	if signer == nil {
		return "", errors.New("the application has no signing certificate")
	}
	response := c.newResponse(req, tenant, now, statusSuccess, "", "")
	count := 1
	if c.opts.Scenario == "response-two-assertions" {
		count = 2
	}
	for range count {
		assertion := c.newAssertion(req, user, tenant, now)
		if err := signer.sign(assertion); err != nil {
			return "", err
		}
		if c.opts.Scenario == "encrypted-assertion" {
			encrypted, err := encryptElement(assertion)
			if err != nil {
				return "", err
			}
			assertion = encrypted
		}
		response.AddChild(assertion)
	}
	return encodeElement(response), nil
}

// failedResponse returns the response to a request that cannot be satisfied, for example
// because of IsPassive. status is the top-level status code; sub is the nested one, or
// "".
func (c *Cloud) failedResponse(req authnRequest, status, sub, message string) string {
	now := c.now().UTC()
	message += fmt.Sprintf("\r\nTrace ID: %s\r\nCorrelation ID: %s\r\nTimestamp: %s",
		uuid.NewString(), uuid.NewString(), now.Format("2006-01-02 15:04:05Z"))
	return encodeElement(c.newResponse(req, TenantID, now, status, sub, message))
}

func (c *Cloud) newResponse(req authnRequest, tenant string, now time.Time, status, sub, message string) *etree.Element {
	r := etree.NewElement("samlp:Response")
	attributes(r, "ID", "_"+uuid.NewString(), "Version", "2.0", "IssueInstant", now.Format(samlTime), "Destination", req.ACS,
		"InResponseTo", req.ID, "xmlns:samlp", nsProtocol)
	issuer := r.CreateElement("Issuer")
	attributes(issuer, "xmlns", nsAssertion)
	issuer.SetText(c.issuerOf(tenant))
	s := r.CreateElement("samlp:Status")
	code := s.CreateElement("samlp:StatusCode")
	attributes(code, "Value", status)
	if sub != "" {
		attributes(code.CreateElement("samlp:StatusCode"), "Value", sub)
	}
	if message != "" {
		s.CreateElement("samlp:StatusMessage").SetText(message)
	}
	return r
}

func (c *Cloud) newAssertion(req authnRequest, user *User, tenant string, now time.Time) *etree.Element {
	until := now.Add(assertionLifetime).Format(samlTime)
	id := "_" + uuid.NewString()
	a := etree.NewElement("Assertion")
	attributes(a, "ID", id, "IssueInstant", now.Format(samlTime), "Version", "2.0", "xmlns", nsAssertion)
	a.CreateElement("Issuer").SetText(c.issuerOf(tenant))

	subject := a.CreateElement("Subject")
	name := subject.CreateElement("NameID")
	attributes(name, "Format", "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress")
	name.SetText(user.Name)
	confirmation := subject.CreateElement("SubjectConfirmation")
	attributes(confirmation, "Method", "urn:oasis:names:tc:SAML:2.0:cm:bearer")
	attributes(
		confirmation.CreateElement("SubjectConfirmationData"), "InResponseTo", req.ID, "NotOnOrAfter", until,
		"Recipient", req.ACS,
	)

	conditions := a.CreateElement("Conditions")
	attributes(conditions, "NotBefore", now.Format(samlTime), "NotOnOrAfter", until)
	conditions.CreateElement("AudienceRestriction").CreateElement("Audience").SetText(audience(req.Issuer))

	c.addAttributes(a.CreateElement("AttributeStatement"), req, user, tenant)

	statement := a.CreateElement("AuthnStatement")
	attributes(statement, "AuthnInstant", now.Format(samlTime), "SessionIndex", id)
	if c.opts.Scenario == "session-ends" {
		attributes(statement, "SessionNotOnOrAfter", now.Add(20*time.Minute).Format(samlTime))
	}
	statement.CreateElement("AuthnContext").
		CreateElement("AuthnContextClassRef").
		SetText("urn:oasis:names:tc:SAML:2.0:ac:classes:Password")
	return a
}

func (c *Cloud) addAttributes(statement *etree.Element, req authnRequest, user *User, tenant string) {
	add := func(name string, values ...string) {
		attribute := statement.CreateElement("Attribute")
		attributes(attribute, "Name", name)
		for _, value := range values {
			attribute.CreateElement("AttributeValue").SetText(value)
		}
	}
	add("http://schemas.microsoft.com/identity/claims/tenantid", tenant)
	add("http://schemas.microsoft.com/identity/claims/objectidentifier", user.ObjectID)
	add("http://schemas.microsoft.com/identity/claims/displayname", user.DisplayName)
	add("http://schemas.microsoft.com/identity/claims/identityprovider", c.issuerOf(tenant))
	methods := []string{"http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password"}
	if len(user.Methods) > 0 {
		methods = append(methods, "http://schemas.microsoft.com/claims/multipleauthn")
	}
	add("http://schemas.microsoft.com/claims/authnmethodsreferences", methods...)
	if roles := c.valuesFor(req, user); len(roles) > 0 {
		add(attributeAWS+"Role", roles...)
	}
	add(attributeAWS+"RoleSessionName", user.Name)
	if c.opts.Scenario == "session-duration" {
		add(attributeAWS+"SessionDuration", strconv.Itoa(30*60))
	}
}

// attributes sets attributes from pairs of name and value.
func attributes(e *etree.Element, pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		e.CreateAttr(pairs[i], pairs[i+1])
	}
}

// encodeElement encodes a document for the SAMLResponse field.
func encodeElement(root *etree.Element) string {
	doc := etree.NewDocument()
	doc.SetRoot(root)
	// With canonical escapes, no parser normalizes the signed text.
	doc.WriteSettings.CanonicalText, doc.WriteSettings.CanonicalAttrVal = true, true
	text, err := doc.WriteToString()
	if err != nil {
		return "" // writing to memory does not fail
	}
	return base64.StdEncoding.EncodeToString([]byte(text))
}
