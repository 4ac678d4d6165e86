package metadata

import (
	"bytes"
	"context"
	"encoding/base64"
	"regexp"
	"slices"

	"github.com/o365aws/o365aws/internal/fault"
)

// WithoutCertificates takes certificates out of metadata, by their
// thumbprints: that of the tenant may list those that sign no more until they
// are gone from the application.
func WithoutCertificates(document []byte, gone map[string]bool) ([]byte, error) {
	m, err := Parse(document)
	if err != nil {
		return nil, err
	}
	listed := len(m.Certificates)
	m.Certificates = slices.DeleteFunc(m.Certificates, func(c Certificate) bool { return gone[c.Thumbprint] })
	if len(m.Certificates) == listed {
		return document, nil
	}
	return m.Essence(), nil
}

// Fixed is a document at hand.
type Fixed []byte

// Metadata implements MetadataSource.
func (f Fixed) Metadata(context.Context) ([]byte, error) { return f, nil }

// String implements MetadataSource.
func (f Fixed) String() string { return "the tenant, with a new certificate" }

var (
	firstKey  = regexp.MustCompile(`(?s)<(\w+:)?IDPSSODescriptor\b.*?(<(\w+:)?KeyDescriptor\b)`)
	signature = regexp.MustCompile(`(?s)<(\w+:)?Signature\b[^>]*>.*?</(\w+:)?Signature>`)
)

// WithCertificate adds a signing certificate to metadata. The document's own
// signature goes: it does not cover the addition, and AWS does not look at it.
func WithCertificate(document, der []byte) ([]byte, error) {
	document = signature.ReplaceAll(bytes.TrimPrefix(document, ByteOrderMark), nil)
	at := firstKey.FindSubmatchIndex(document)
	if at == nil {
		return nil, fault.New(
			fault.Unsatisfied, "the federation metadata has no signing certificate to put another one beside",
		)
	}
	prefix := ""
	if at[6] >= 0 {
		prefix = string(document[at[6]:at[7]])
	}
	key := "<" + prefix + `KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` +
		base64.StdEncoding.EncodeToString(der) + "</X509Certificate></X509Data></KeyInfo></" + prefix + "KeyDescriptor>"
	return slices.Insert(document, at[4], []byte(key)...), nil
}
