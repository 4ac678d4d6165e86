package fakecloud

import (
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// serveMetadata serves the federation metadata of an application: its active certificate,
// with a byte order mark like that of Entra.
func (c *Cloud) serveMetadata(w http.ResponseWriter, r *http.Request) {
	tenant := r.PathValue("tenant")
	if tenant != TenantID && !strings.EqualFold(tenant, TenantDomain) {
		http.Error(w, "AADSTS90002: Tenant not found.", http.StatusBadRequest)
		return
	}
	certs := []*x509.Certificate{c.idp.cert}
	if appID := r.URL.Query().Get("appid"); appID != "" && appID != c.app.id {
		if certs = c.Graph.Published(appID); certs == nil {
			http.Error(
				w, "AADSTS700016: Application not found in the directory, or without a certificate.",
				http.StatusBadRequest,
			)
			return
		}
	}
	var keys string
	for _, cert := range certs {
		keys += keyDescriptor(cert)
	}
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	_, _ = fmt.Fprintf(
		w, "\xef\xbb\xbf"+metadataXML, uuid.NewString(), c.issuerOf(TenantID), keys, hostOnly(r.Host), TenantID,
	)
}

const metadataXML = `<?xml version="1.0" encoding="utf-8"?><EntityDescriptor ID="_%s" entityID="%s" xmlns="urn:oasis:names:tc:SAML:2.0:metadata">` +
	`<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">%[3]s` +
	`<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://%[4]s/%[5]s/saml2" />` +
	`<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://%[4]s/%[5]s/saml2" />` +
	`<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://%[4]s/%[5]s/saml2" />` +
	`</IDPSSODescriptor></EntityDescriptor>`

func keyDescriptor(cert *x509.Certificate) string {
	return `<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` +
		base64.StdEncoding.EncodeToString(cert.Raw) + `</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`
}
