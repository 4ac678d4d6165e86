// Package metadata reads, compares and changes SAML federation metadata as far
// as AWS uses it.
package metadata

import (
	"bytes"
	"cmp"
	"crypto/rsa"
	"crypto/sha1" // a thumbprint, as Microsoft and AWS show it
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/termtext"
)

// Metadata is SAML federation metadata as far as AWS uses it.
type Metadata struct {
	Document     []byte // without byte order mark, as IAM wants it
	EntityID     string
	Certificates []Certificate // that may sign, in the order of their ends
	SignIn       []string      // where sign-ins are sent, in order
	SignOut      []string
}

// Certificate is a signing certificate of the metadata.
type Certificate struct {
	Thumbprint string // SHA-1, hex, as Entra shows it
	NotBefore  time.Time
	NotAfter   time.Time
	der        string // base64
}

// descriptor is what is read of the document.
type descriptor struct {
	XMLName  xml.Name `xml:"urn:oasis:names:tc:SAML:2.0:metadata EntityDescriptor"`
	EntityID string   `xml:"entityID,attr"`
	IDP      *struct {
		Keys []struct {
			Use         string   `xml:"use,attr"`
			Certificate []string `xml:"KeyInfo>X509Data>X509Certificate"`
		} `xml:"KeyDescriptor"`
		SignIn  []service `xml:"SingleSignOnService"`
		SignOut []service `xml:"SingleLogoutService"`
	} `xml:"urn:oasis:names:tc:SAML:2.0:metadata IDPSSODescriptor"`
}

type service struct {
	Binding  string `xml:"Binding,attr"`
	Location string `xml:"Location,attr"`
}

// Limits of IAM, docs.aws.amazon.com/IAM/latest/APIReference/API_CreateSAMLProvider.html
const (
	minMetadata = 1000
	maxMetadata = 10_000_000
	minKeyBits  = 1024
	maxKeys     = 10
)

var ByteOrderMark = []byte("\xef\xbb\xbf")

// Parse reads and checks a document. Entra's begins with a byte order
// mark that IAM refuses, so it is taken off.
func Parse(data []byte) (Metadata, error) {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, ByteOrderMark))
	bad := func(err error, format string, args ...any) (Metadata, error) {
		return Metadata{}, fault.Wrap(fault.Config, err, fmt.Sprintf(format, args...),
			"it is the Federation Metadata XML of the enterprise application: Single sign-on, SAML Certificates")
	}
	if _, encoding := termtext.Decode(data); encoding == "UTF-16" {
		return bad(nil, "the metadata is encoded in UTF-16: download it again, or save it as UTF-8")
	}
	if len(data) < minMetadata || len(data) > maxMetadata {
		return bad(nil, "the metadata has %d characters; AWS accepts %d to %d", len(data), minMetadata, maxMetadata)
	}
	var d descriptor
	if err := xml.Unmarshal(data, &d); err != nil {
		return bad(err, "the metadata is not a SAML EntityDescriptor")
	}
	if d.IDP == nil {
		return bad(nil, "the metadata describes no identity provider (IDPSSODescriptor)")
	}
	if d.EntityID == "" {
		return bad(nil, "the metadata has no entity id")
	}
	m := Metadata{
		Document: data, EntityID: d.EntityID, SignIn: locations(d.IDP.SignIn), SignOut: locations(d.IDP.SignOut),
	}
	for _, key := range d.IDP.Keys {
		if key.Use == "encryption" {
			continue
		}
		for _, text := range key.Certificate {
			c, err := readCertificate(text)
			if err != nil {
				return bad(err, "a certificate of the metadata cannot be used")
			}
			if !slices.Contains(m.Certificates, c) {
				m.Certificates = append(m.Certificates, c)
			}
		}
	}
	if len(m.Certificates) == 0 || len(m.Certificates) > maxKeys {
		return bad(nil, "the metadata has %d signing certificates; AWS accepts 1 to %d", len(m.Certificates), maxKeys)
	}
	slices.SortFunc(m.Certificates, func(a, b Certificate) int {
		return cmp.Or(a.NotAfter.Compare(b.NotAfter), strings.Compare(a.Thumbprint, b.Thumbprint))
	})
	return m, nil
}

func locations(services []service) []string {
	var all []string
	for _, s := range services {
		binding := s.Binding[strings.LastIndex(s.Binding, ":")+1:]
		all = append(all, binding+" "+s.Location)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func readCertificate(text string) (Certificate, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return Certificate{}, errors.New("it is not base64")
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		return Certificate{}, err
	}
	if key, ok := cert.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < minKeyBits {
		return Certificate{}, fmt.Errorf("its key has %d bits; AWS accepts %d and more", key.N.BitLen(), minKeyBits)
	}
	sum := sha1.Sum(raw)
	return Certificate{
		strings.ToUpper(hex.EncodeToString(sum[:])), cert.NotBefore, cert.NotAfter,
		base64.StdEncoding.EncodeToString(raw),
	}, nil
}

// Essence returns the document reduced to what AWS reads.
func (m Metadata) Essence() []byte {
	var b bytes.Buffer
	escape := func(text string) string {
		var e bytes.Buffer
		_ = xml.EscapeText(&e, []byte(text)) // a buffer accepts everything
		return e.String()
	}
	b.WriteString(
		`<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="` + escape(
			m.EntityID,
		) + `"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">`,
	)
	for _, c := range m.Certificates {
		b.WriteString(
			`<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` + c.der + `</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`,
		)
	}
	for _, kind := range []struct {
		name      string
		locations []string
	}{{"SingleLogoutService", m.SignOut}, {"SingleSignOnService", m.SignIn}} {
		for _, l := range kind.locations {
			binding, location, _ := strings.Cut(l, " ")
			b.WriteString(
				`<` + kind.name + ` Binding="urn:oasis:names:tc:SAML:2.0:bindings:` + escape(
					binding,
				) + `" Location="` + escape(
					location,
				) + `"/>`,
			)
		}
	}
	b.WriteString(`</IDPSSODescriptor></EntityDescriptor>`)
	return b.Bytes()
}

// Ends returns the time at which the last certificate expires.
func (m Metadata) Ends() time.Time { return m.Certificates[len(m.Certificates)-1].NotAfter }

// SoonEnds is how long before its expiry a certificate causes a warning.
const SoonEnds = 60 * 24 * time.Hour

// Warnings returns warnings about certificates that expire soon.
func (m Metadata) Warnings(now time.Time) []string {
	switch left := m.Ends().Sub(now); {
	case left <= 0:
		return []string{
			fmt.Sprintf(
				"the signing certificate %s expired on %s: no user can sign in. Create a new one in Entra and run "+
					"the command again",
				last(m).Thumbprint,
				m.Ends().Format(time.DateOnly),
			),
		}
	case left < SoonEnds:
		return []string{
			fmt.Sprintf(
				"the signing certificate %s expires on %s, in %d days", last(m).Thumbprint,
				m.Ends().Format(time.DateOnly), int(left.Hours()/24),
			),
		}
	}
	return nil
}

func last(m Metadata) Certificate { return m.Certificates[len(m.Certificates)-1] }

// Differences compares the meaning of IAM's document with m. The bytes differ in
// every download: Entra signs the document again and gives it another ID.
func (m Metadata) Differences(have Metadata) []engine.Change {
	var changes []engine.Change
	differ := func(attribute, have, want string) {
		if have != want {
			changes = append(changes, engine.Change{Attribute: attribute, Have: have, Want: want})
		}
	}
	differ("entity id", have.EntityID, m.EntityID)
	differ("signing certificates", Thumbprints(have), Thumbprints(m))
	differ("sign-in endpoints", strings.Join(have.SignIn, ", "), strings.Join(m.SignIn, ", "))
	differ("sign-out endpoints", strings.Join(have.SignOut, ", "), strings.Join(m.SignOut, ", "))
	return changes
}

func Thumbprints(m Metadata) string {
	var all []string
	for _, c := range m.Certificates {
		all = append(all, c.Thumbprint+" (until "+c.NotAfter.UTC().Format(time.DateOnly)+")")
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
