package fakecloud

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// authnRequest is a SAML request that Entra accepts.
type authnRequest struct {
	ID, Issuer, ACS       string
	IssueInstant          time.Time
	ForceAuthn, IsPassive bool
}

// aadError is an Entra error, as shown on its error page.
type aadError struct {
	Code    string // digits after AADSTS
	Message string
}

// Error returns the text of strServiceExceptionMessage without trace IDs.
func (e *aadError) Error() string { return "AADSTS" + e.Code + ": " + e.Message }

func refuse(code, format string, args ...any) error {
	return &aadError{Code: code, Message: fmt.Sprintf(format, args...)}
}

const (
	nsProtocol  = "urn:oasis:names:tc:SAML:2.0:protocol"
	nsAssertion = "urn:oasis:names:tc:SAML:2.0:assertion"
	// maxRequest is the maximum size of a decompressed request, in bytes.
	maxRequest = 64 << 10
	// maxRequestAge is the maximum age of a request (AADSTS76026).
	maxRequestAge = 10 * time.Minute
)

// nameIDFormats lists the formats that Entra accepts in NameIDPolicy.
// Source: learn.microsoft.com/entra/identity-platform/single-sign-on-saml-protocol
var nameIDFormats = []string{
	"", "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
	"urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified", "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
}

type authnRequestXML struct {
	XMLName      xml.Name
	ID           string `xml:"ID,attr"`
	Version      string `xml:"Version,attr"`
	IssueInstant string `xml:"IssueInstant,attr"`
	ACS          string `xml:"AssertionConsumerServiceURL,attr"`
	Destination  string `xml:"Destination,attr"`
	ForceAuthn   string `xml:"ForceAuthn,attr"`
	IsPassive    string `xml:"IsPassive,attr"`
	Issuer       string `xml:"urn:oasis:names:tc:SAML:2.0:assertion Issuer"`
	NameIDPolicy *struct {
		Format string `xml:"Format,attr"`
	} `xml:"urn:oasis:names:tc:SAML:2.0:protocol NameIDPolicy"`
	Subject *struct{} `xml:"urn:oasis:names:tc:SAML:2.0:assertion Subject"`
	Context *struct {
		Comparison string `xml:"Comparison,attr"`
	} `xml:"urn:oasis:names:tc:SAML:2.0:protocol RequestedAuthnContext"`
	Other []struct {
		XMLName xml.Name
	} `xml:",any"`
}

// parseAuthnRequest parses the URL-decoded SAMLRequest parameter of the HTTP-Redirect
// binding. Errors are of type *aadError, for the error page.
func (c *Cloud) parseAuthnRequest(param string) (authnRequest, error) {
	if param == "" {
		return authnRequest{}, refuse(
			"750054",
			"SAMLRequest or SAMLResponse must be present as query string parameters in HTTP request for SAML Redirect binding.",
		)
	}
	data, err := inflate(param)
	if err != nil {
		return authnRequest{}, refuse("75005", "The request is not a valid Saml2 protocol message.")
	}
	doc, err := decodeRequest(data)
	if err != nil {
		return authnRequest{}, refuse("75005", "The request is not a valid Saml2 protocol message. %s", err)
	}
	if err := doc.unsupported(); err != nil {
		return authnRequest{}, err
	}
	return c.acceptRequest(doc)
}

// acceptRequest checks a well-formed request against the application.
func (c *Cloud) acceptRequest(doc authnRequestXML) (authnRequest, error) {
	req := authnRequest{
		ID: doc.ID, Issuer: doc.Issuer, ACS: doc.ACS, ForceAuthn: isTrue(doc.ForceAuthn),
		IsPassive: isTrue(doc.IsPassive),
	}
	var err error
	if req.IssueInstant, err = time.Parse(time.RFC3339, doc.IssueInstant); err != nil {
		return authnRequest{}, refuse("75005", "The request is not a valid Saml2 protocol message.")
	}
	if age := c.now().Sub(req.IssueInstant); age > maxRequestAge || age < -maxRequestAge {
		return authnRequest{}, refuse("76026", "IssueTime in an SAML2 Authentication Request is expired.")
	}
	app, ok := c.applicationFor(req.Issuer)
	if !ok {
		return authnRequest{}, refuse(
			"700016",
			"Application with identifier '%s' was not found in the directory 'Contoso'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
			req.Issuer,
		)
	}
	if req.ACS == "" {
		req.ACS = app.replyURLs[0]
	}
	if !slices.Contains(app.replyURLs, req.ACS) {
		return authnRequest{}, refuse(
			"50011",
			"The reply URL '%s' specified in the request does not match the reply URLs configured for the application '%s'. Make sure the reply URL sent in the request matches one added to your application in the Azure portal.",
			req.ACS, req.Issuer,
		)
	}
	return req, nil
}

// unsupported returns an error for requests that Entra documents as unsupported.
func (doc authnRequestXML) unsupported() error {
	switch {
	case doc.ID == "":
		return refuse("75005", "The request is not a valid Saml2 protocol message.")
	case doc.ID[0] >= '0' && doc.ID[0] <= '9':
		return refuse("7500529", "The value '%s' is not a valid SAML ID. The ID must not begin with a number.", doc.ID)
	case doc.Subject != nil:
		return refuse(
			"900236", "The SAML authentication request property 'Subject' is not supported and must not be set.",
		)
	case doc.NameIDPolicy != nil && !slices.Contains(nameIDFormats, doc.NameIDPolicy.Format):
		return refuse("75016", "SAML2 Authentication Request has invalid NameIdPolicy.")
	case doc.Context != nil && doc.Context.Comparison != "exact":
		return refuse(
			"900235",
			"SAML authentication request's RequestedAuthenticationContext Comparison value must be 'exact'. Received value: '%s'.",
			doc.Context.Comparison,
		)
	}
	return nil
}

// inflate decodes a parameter of the Redirect binding (SAML bindings 3.4.4.1).
func inflate(param string) ([]byte, error) {
	deflated, err := base64.StdEncoding.Strict().DecodeString(param)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(deflated)), maxRequest+1))
	if err == nil && len(data) > maxRequest {
		err = errors.New("too long")
	}
	return data, err
}

func decodeRequest(data []byte) (authnRequestXML, error) {
	var doc authnRequestXML
	if strings.Contains(string(data), "<!") {
		return doc, errors.New("declarations are not allowed")
	}
	decoder := xml.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&doc); err != nil {
		return doc, errors.New("not XML")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return doc, errors.New("text after the request")
	}
	if doc.XMLName != (xml.Name{Space: nsProtocol, Local: "AuthnRequest"}) || doc.Version != "2.0" {
		return doc, errors.New("not an AuthnRequest of SAML 2.0")
	}
	for _, other := range doc.Other {
		// Entra ignores these elements; any other is an error of the client.
		if !slices.Contains([]string{"Conditions", "Scoping", "Extensions"}, other.XMLName.Local) {
			return doc, fmt.Errorf("unexpected element %s", other.XMLName.Local)
		}
	}
	return doc, nil
}

func isTrue(s string) bool { return s == "true" || s == "1" }
