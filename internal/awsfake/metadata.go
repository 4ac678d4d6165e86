package awsfake

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"
)

// Tenant is the tenant ID in the metadata.
const Tenant = "7f3c2a10-5b7e-4c55-9a44-0d3f5e1b2c66"

// Certificate returns a signing certificate like Entra's, as base64-encoded DER.
func Certificate(t testing.TB, bits int, ends time.Time) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(
			ends.Unix(),
		), Subject: pkix.Name{CommonName: "Microsoft Azure Federated SSO Certificate"},
		NotBefore: ends.AddDate(-3, 0, 0), NotAfter: ends,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// Metadata returns a federation metadata document like Entra's: with a byte order mark,
// and with a new ID and signature each time.
func Metadata(t testing.TB, certificates ...string) []byte {
	t.Helper()
	var keys strings.Builder
	for _, c := range certificates {
		fmt.Fprintf(
			&keys,
			`<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>%s</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`,
			c,
		)
	}
	noise := make([]byte, 32)
	if _, err := rand.Read(noise); err != nil {
		t.Fatal(err)
	}
	const sso = "https://login.microsoftonline.com/" + Tenant + "/saml2"
	return []byte(
		"\xef\xbb\xbf" + `<?xml version="1.0" encoding="utf-8"?><EntityDescriptor ID="_` + hex.EncodeToString(
			noise,
		) + `" entityID="https://sts.windows.net/` + Tenant + `/" xmlns="urn:oasis:names:tc:SAML:2.0:metadata">` +
			`<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignatureValue>` + base64.StdEncoding.EncodeToString(
			noise,
		) + `</SignatureValue></Signature>` +
			`<RoleDescriptor xsi:type="fed:SecurityTokenServiceType" protocolSupportEnumeration="http://docs.oasis-open.org/wsfed/federation/200706" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706">` + keys.String() + `</RoleDescriptor>` +
			`<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">` + keys.String() +
			`<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="` + sso + `"/>` +
			`<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="` + sso + `"/>` +
			`<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="` + sso + `"/></IDPSSODescriptor></EntityDescriptor>`,
	)
}
