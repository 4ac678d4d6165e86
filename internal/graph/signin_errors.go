package graph

import (
	"context"
	"regexp"
	"strings"

	"github.com/o365aws/o365aws/internal/fault"
)

// badCertificate returns the error for a file without a readable certificate and key.
// Azure's library reads only PKCS#12 with legacy encryption, which is not the default of
// OpenSSL 3.
func badCertificate(err error) error {
	f := fault.New(fault.Config, "AZURE_CLIENT_CERTIFICATE_PATH: no readable certificate with its private key")
	switch text := err.Error(); {
	case strings.Contains(text, "decryption password incorrect"):
		return f.Hint("AZURE_CLIENT_CERTIFICATE_PASSWORD is not its password")
	case strings.Contains(text, "pkcs12"):
		f.Err = err
		return f.Hint(
			"only PKCS#12 with legacy encryption is supported; convert it: openssl pkcs12 -in FILE -nodes -out " +
				"FILE.pem",
		)
	}
	return f.Hint("it is PEM or PKCS#12 with the certificate and its private key")
}

// noAnswer matches the text of a credential's error for a request without an
// answer: the library does not wrap the cause.
var noAnswer = regexp.MustCompile(`(?:Get|Post) "https?://([^/"]+)[^"]*": ([^\r\n]+)`)

// noBrowser matches the failure of the command that opens a browser.
var noBrowser = regexp.MustCompile(`^exit status|executable file not found`)

const maxSignInText = 400

// explainSignIn returns an error with the AADSTS line of a credential's error: the
// rest of its text contains the request and its headers.
func explainSignIn(err error, way string) error {
	text := err.Error()
	at := strings.Index(text, "AADSTS")
	if lost := noAnswer.FindStringSubmatch(text); at < 0 && lost != nil {
		return fault.Newf(fault.Network, "sign-in to the tenant: %s cannot be reached: %s", lost[1], plain(lost[2])).
			Hint(fault.ReachAdvice)
	}
	if at < 0 && strings.Contains(text, "server response error") &&
		strings.Contains(text, context.DeadlineExceeded.Error()) {
		return fault.New(fault.Network, "sign-in to the tenant: no answer came in time", fault.ReachAdvice)
	}
	if at >= 0 {
		text = text[at:]
	}
	if end := strings.IndexAny(text, "\r\n\""); end >= 0 {
		text = text[:end]
	}
	text = plain(text)
	if len(text) > maxSignInText {
		text = text[:maxSignInText]
	}
	return fault.New(fault.Auth, "sign-in to the tenant: "+text, signInAdvice(text, way))
}

// plain removes the name of the type and the link that the library adds.
func plain(text string) string {
	if name, rest, ok := strings.Cut(text, "Credential: "); ok && !strings.Contains(name, " ") {
		text = rest
	}
	text, _, _ = strings.Cut(text, " To troubleshoot, visit")
	return strings.TrimRight(strings.TrimSpace(text), ".")
}

// signInAdvice returns the hint for a failed sign-in.
// Source: learn.microsoft.com/entra/identity-platform/reference-error-codes
func signInAdvice(text, way string) string {
	has := func(codes ...string) bool {
		for _, code := range codes {
			if strings.Contains(text, "AADSTS"+code) {
				return true
			}
		}
		return false
	}
	switch {
	case has("65001", "90094"):
		return "an admin of the tenant must consent to the permissions first: " + strings.Join(DelegatedScopes, ", ")
	case has("90002"):
		return "correct the tenant: in the spec, and in AZURE_TENANT_ID where that is set"
	case has("700016") && way == SignInEnvironment:
		return "AZURE_CLIENT_ID is the client id of an app registration of this tenant"
	case has("700016", "650057"):
		return "pass --client-id with a public client of your own tenant (redirect URI http://localhost)"
	case has("7000215", "7000222"):
		return "AZURE_CLIENT_SECRET must be the value of a secret that has not expired: App registrations, the " +
			"application, Certificates & secrets"
	case has("700027", "700024"):
		return "upload the certificate of AZURE_CLIENT_CERTIFICATE_PATH: App registrations, the application, " +
			"Certificates & secrets"
	case has("530"):
		return "Conditional Access blocks this sign-in method: try --sign-in browser or --sign-in azure-cli"
	case way == SignInBrowser && noBrowser.MatchString(text):
		return "no browser could be opened: use --sign-in device-code"
	case way == SignInCLI:
		return "sign in with the Azure CLI first: az login"
	}
	return "choose another sign-in method with --sign-in: " + strings.Join(SignInWays, ", ")
}
