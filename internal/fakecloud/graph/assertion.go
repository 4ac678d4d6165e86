package graph

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// FederatedIssuer is the identity provider of workloads that the service principal
// trusts. Its tokens are for FederatedAudience.
const (
	FederatedIssuer   = "https://token.workloads.example"
	FederatedAudience = "api://AzureADTokenExchange"
)

// TrustProgramKey registers a key of the service principal: of its certificate, or
// of FederatedIssuer.
func (d *Directory) TrustProgramKey(key *rsa.PublicKey) {
	d.issued.mu.Lock()
	defer d.issued.mu.Unlock()
	d.issued.keys = append(d.issued.keys, key)
}

// assertionProblem returns the error message for a client assertion, a JWT signed
// with a registered key; "" if it is valid.
// Source: learn.microsoft.com/entra/identity-platform/certificate-credentials
func (d *Directory) assertionProblem(assertion string) string {
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 {
		return "AADSTS50027: JWT token is invalid or malformed."
	}
	var header struct{ Alg string }
	var claims struct {
		Iss, Sub, Aud string
		Exp           int64
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || !decodeSegment(parts[0], &header) || !decodeSegment(parts[1], &claims) {
		return "AADSTS50027: JWT token is invalid or malformed."
	}
	byCertificate := claims.Iss == ProgramID && claims.Sub == ProgramID &&
		strings.HasSuffix(claims.Aud, "/"+d.tenant.ID+"/oauth2/v2.0/token")
	federated := claims.Iss == FederatedIssuer && claims.Aud == FederatedAudience
	switch {
	case !d.signedByProgram(header.Alg, parts[0]+"."+parts[1], signature):
		return "AADSTS700027: The certificate with identifier used to sign the client assertion is not registered " +
			"on application."
	case d.tenant.Now().After(time.Unix(claims.Exp, 0)):
		return "AADSTS700024: Client assertion is not within its valid time range."
	case !byCertificate && !federated:
		return "AADSTS700212: No matching federated identity record found for presented assertion audience."
	}
	return ""
}

func decodeSegment(segment string, to any) bool {
	data, err := base64.RawURLEncoding.DecodeString(segment)
	return err == nil && json.Unmarshal(data, to) == nil
}

func (d *Directory) signedByProgram(algorithm, text string, signature []byte) bool {
	sum := sha256.Sum256([]byte(text))
	d.issued.mu.Lock()
	defer d.issued.mu.Unlock()
	for _, key := range d.issued.keys {
		switch algorithm {
		case "PS256":
			if rsa.VerifyPSS(key, crypto.SHA256, sum[:], signature, nil) == nil {
				return true
			}
		case "RS256":
			if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) == nil {
				return true
			}
		}
	}
	return false
}
