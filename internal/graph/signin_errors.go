package graph

import (
	"context"
	"regexp"
	"strings"

	"github.com/o365aws/o365aws/internal/fault"
)

// badCertificate explains a file that no certificate and key could be read of.
// Azure's own library reads PKCS#12 of the old kind only, which OpenSSL 3 no
// longer makes by itself.
func badCertificate(err error) error {
	f := fault.New(fault.Config, "AZURE_CLIENT_CERTIFICATE_PATH holds no certificate with its key that can be read")
	switch text := err.Error(); {
	case strings.Contains(text, "decryption password incorrect"):
		return f.Hint("AZURE_CLIENT_CERTIFICATE_PASSWORD is not its password")
	case strings.Contains(text, "pkcs12"):
		f.Err = err
		return f.Hint(
			"PKCS#12 is read when it is of the old kind; make PEM of it: openssl pkcs12 -in FILE -nodes -out FILE.pem",
		)
	}
	return f.Hint("it is PEM or PKCS#12 with the certificate and its private key")
}

// noAnswer is what an error of the credential says of a request that got no
// answer: the library keeps no more of it than this text.
var noAnswer = regexp.MustCompile(`(?:Get|Post) "https?://([^/"]+)[^"]*": ([^\r\n]+)`)

// noBrowser is what the command that should open a browser comes to without.
var noBrowser = regexp.MustCompile(`^exit status|executable file not found`)

const maxSignInText = 400

// explainSignIn keeps of an error of the credential its AADSTS line: the
// whole text goes on with the request and its headers.
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

// plain takes off what the library adds for its own users: the name of its
// type, and where to read on.
func plain(text string) string {
	if name, rest, ok := strings.Cut(text, "Credential: "); ok && !strings.Contains(name, " ") {
		text = rest
	}
	text, _, _ = strings.Cut(text, " To troubleshoot, visit")
	return strings.TrimRight(strings.TrimSpace(text), ".")
}

// signInAdvice is what to do about an error of a sign-in.
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
		return "an admin of the tenant must consent to the permissions first: " + strings.Join(PersonScopes, ", ")
	case has("90002"):
		return "correct the tenant: in the spec, and in AZURE_TENANT_ID where that is set"
	case has("700016") && way == SignInEnvironment:
		return "AZURE_CLIENT_ID is the client id of an app registration of this tenant"
	case has("700016", "650057"):
		return "pass --client-id with a public client of your own tenant, whose redirect URI is http://localhost"
	case has("7000215", "7000222"):
		return "AZURE_CLIENT_SECRET is the value of a secret that has not run out: App registrations, the program, " +
			"Certificates & secrets"
	case has("700027", "700024"):
		return "upload the certificate of AZURE_CLIENT_CERTIFICATE_PATH: App registrations, the program, " +
			"Certificates & secrets"
	case has("530"):
		return "Conditional Access of the tenant forbids this way: try --sign-in browser or --sign-in azure-cli"
	case way == SignInBrowser && noBrowser.MatchString(text):
		return "no browser came up: --sign-in device-code needs none on this machine"
	case way == SignInCLI:
		return "sign in with the Azure CLI first: az login"
	}
	return "--sign-in says how to sign in: " + strings.Join(SignInWays, ", ")
}
