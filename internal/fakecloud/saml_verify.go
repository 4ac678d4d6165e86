package fakecloud

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// claims holds the values that STS reads from a verified assertion.
type claims struct {
	issuer, subject, recipient string
	sessionName                string
	roles                      []string
	sessionDuration            time.Duration // 0 if not claimed
	sessionEnds                time.Time     // zero if unlimited
}

// verified is a verified assertion, parsed only from the bytes that the signature covers.
type verified struct {
	XMLName      xml.Name `xml:"urn:oasis:names:tc:SAML:2.0:assertion Assertion"`
	IssueInstant string   `xml:"IssueInstant,attr"`
	Issuer       []string `xml:"Issuer"`
	Subject      []struct {
		NameID       string `xml:"NameID"`
		Confirmation []struct {
			Method string `xml:"Method,attr"`
			Data   struct {
				Recipient    string `xml:"Recipient,attr"`
				NotOnOrAfter string `xml:"NotOnOrAfter,attr"`
				InResponseTo string `xml:"InResponseTo,attr"`
			} `xml:"SubjectConfirmationData"`
		} `xml:"SubjectConfirmation"`
	} `xml:"Subject"`
	Conditions []struct {
		NotBefore    string   `xml:"NotBefore,attr"`
		NotOnOrAfter string   `xml:"NotOnOrAfter,attr"`
		Audience     []string `xml:"AudienceRestriction>Audience"`
	} `xml:"Conditions"`
	Attributes []struct {
		Name   string   `xml:"Name,attr"`
		Values []string `xml:"AttributeValue"`
	} `xml:"AttributeStatement>Attribute"`
	Statement []struct {
		SessionNotOnOrAfter string `xml:"SessionNotOnOrAfter,attr"`
	} `xml:"AuthnStatement"`
}

// sessionNamePattern matches the values that AWS accepts as RoleSessionName.
var sessionNamePattern = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)

func invalidToken(format string, args ...any) error {
	return stsRefuse(http.StatusBadRequest, "InvalidIdentityToken", format, args...)
}

// verifyAssertion checks signature, issuer, subject, age and audience.
func (c *Cloud) verifyAssertion(text, provider string) (claims, error) {
	certs, issuer := c.certificatesOf(provider)
	if len(certs) == 0 {
		return claims{}, invalidToken("Specified provider doesn't exist (%s)", provider)
	}
	assertion, err := c.signedAssertion(text, certs)
	if err != nil {
		return claims{}, err
	}
	if len(assertion.Issuer) != 1 || len(assertion.Subject) != 1 || len(assertion.Conditions) != 1 ||
		len(assertion.Subject[0].Confirmation) != 1 {
		return claims{}, invalidToken("Response signature invalid (service: AWSSecurityTokenService; status code: 400)")
	}
	if assertion.Issuer[0] != issuer {
		return claims{}, invalidToken("Issuer not present in specified provider (%s)", provider)
	}
	if err := c.checkTimes(assertion); err != nil {
		return claims{}, err
	}
	if a := assertion.Conditions[0].Audience; len(a) != 1 || !knownAudience(a[0]) {
		return claims{}, invalidToken("Audience is invalid for provider %s", provider)
	}
	return readClaims(assertion)
}

func knownAudience(a string) bool {
	return a == "https://signin.aws.amazon.com/saml" || a == "https://signin.amazonaws.cn/saml" ||
		a == "https://signin.amazonaws-us-gov.com/saml" || a == "https://eusc-de-east-1.signin.amazonaws-eusc.eu/saml"
}

// signedAssertion finds the only assertion of a response and returns the part that its
// signature covers.
func (c *Cloud) signedAssertion(text string, certs []*x509.Certificate) (verified, error) {
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || bytes.Contains(data, []byte("<!")) {
		return verified{}, invalidToken(
			"Invalid base64 SAMLResponse (service: AWSOpenIdDiscoveryService; status code: 400)",
		)
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(data); err != nil || doc.Root() == nil {
		return verified{}, invalidToken("SAML Assertion cannot be parsed")
	}
	if code := doc.FindElement("./Response/Status/StatusCode"); code == nil ||
		code.SelectAttrValue("Value", "") != statusSuccess {
		return verified{}, stsRefuse(
			http.StatusForbidden, "IDPRejectedClaim", "The identity provider reported that authentication failed",
		)
	}
	if err := decryptAssertion(doc); err != nil {
		return verified{}, err
	}
	found := doc.FindElements("./Response/Assertion")
	if len(found) != 1 || len(doc.FindElements("//Assertion")) != 1 {
		return verified{}, invalidToken("Response must contain exactly one assertion")
	}
	ctx := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: certs})
	signed, err := ctx.Validate(found[0])
	if err != nil {
		return verified{}, invalidToken(
			"Response signature invalid (service: AWSSecurityTokenService; status code: 400)",
		)
	}
	covered := etree.NewDocument()
	covered.SetRoot(signed)
	raw, err := covered.WriteToBytes()
	if err != nil {
		return verified{}, err
	}
	var assertion verified
	if err := xml.Unmarshal(raw, &assertion); err != nil {
		return verified{}, invalidToken("SAML Assertion cannot be parsed")
	}
	return assertion, nil
}

// checkTimes accepts an assertion for only five minutes, regardless of its conditions.
func (c *Cloud) checkTimes(a verified) error {
	now := c.now()
	issued, err := time.Parse(time.RFC3339, a.IssueInstant)
	if err != nil {
		return invalidToken("SAML Assertion cannot be parsed")
	}
	for _, end := range []string{a.Conditions[0].NotOnOrAfter, a.Subject[0].Confirmation[0].Data.NotOnOrAfter} {
		until, err := time.Parse(time.RFC3339, end)
		if err != nil {
			return invalidToken("SAML Assertion cannot be parsed")
		}
		if !now.Before(until) {
			return stsRefuse(
				http.StatusBadRequest, "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance",
			)
		}
	}
	if age := now.Sub(issued); age > maxAssertionAge || age < -maxAssertionAge {
		return stsRefuse(
			http.StatusBadRequest, "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance",
		)
	}
	return nil
}

func readClaims(a verified) (claims, error) {
	data := a.Subject[0].Confirmation[0].Data
	out := claims{issuer: a.Issuer[0], subject: a.Subject[0].NameID, recipient: data.Recipient}
	for _, attribute := range a.Attributes {
		name, ok := strings.CutPrefix(attribute.Name, attributeAWS)
		if !ok || len(attribute.Values) == 0 {
			continue
		}
		switch name {
		case "Role":
			out.roles = attribute.Values
		case "RoleSessionName":
			out.sessionName = attribute.Values[0]
		case "SessionDuration":
			seconds, err := strconv.Atoi(attribute.Values[0])
			if err != nil {
				return out, invalidToken("SessionDuration is not a number")
			}
			out.sessionDuration = time.Duration(seconds) * time.Second
		}
	}
	if !sessionNamePattern.MatchString(out.sessionName) {
		return out, invalidToken("RoleSessionName in the SAML assertion must match [a-zA-Z_0-9+=,.@-]{2,64}")
	}
	for _, statement := range a.Statement {
		if statement.SessionNotOnOrAfter == "" {
			continue
		}
		ends, err := time.Parse(time.RFC3339, statement.SessionNotOnOrAfter)
		if err != nil {
			return out, invalidToken("SAML Assertion cannot be parsed")
		}
		out.sessionEnds = ends
	}
	return out, nil
}
