package repotest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// revealed maps each file that reveals a secret to its purpose. Everywhere else, a secret
// prints as [redacted].
var revealed = map[string]string{
	"internal/sts/chain.go":             "keys, to sign a request to STS",
	"internal/cli/ssh.go":               "the token of the credential server, into a file on the other machine",
	"internal/sts/alias.go":             "keys, to sign a request to IAM",
	"internal/sts/assume.go":            "the assertion, into the request to STS",
	"internal/sts/explain.go":           "what to look for in an error of STS, to redact it",
	"internal/sts/identity.go":          "keys, to sign a request to STS",
	"internal/awsconfig/credentials.go": "temporary keys, into the credentials file",
	"internal/browser/cookies.go":       "cookies of a saved session, into the browser over its pipe",
	"internal/browser/document.go":      "the device's credential, into a request to the login host",
	"internal/browser/page.go":          "password and codes, into the page after the check of its host",
	"internal/browser/proxy.go":         "the password of our own relay, into the browser over its pipe",
	"internal/cache/entry.go":           "temporary keys, into the cache file",
	"internal/cli/console.go":           "the sign-in address, to stdout, when --print asks for it",
	"internal/cli/credentials.go":       "temporary keys, into the environment of a child or the JSON on stdout",
	"internal/cli/log.go":               "what to look for in a log line, to redact it",
	"internal/console/console.go":       "temporary keys, into the body of a POST to AWS's sign-in site",
	"internal/credserver/answer.go":     "temporary keys, to the child that asks with the right token",
	"internal/entra/http_page.go":       "user name and password, to an allowed sign-in form",
	"internal/entra/http_signin.go":     "user name, password or pass, to Microsoft's sign-in",
	"internal/entra/http_strong.go":     "a one-time code or pass, to Microsoft's sign-in",
	"internal/entra/renew_http.go":      "cookies of a saved session, to the hosts that set them, and the device's credential, to the login host",
	"internal/entra/renew_session.go":   "cookies, into the text that the keychain stores, and back",
	"internal/entra/totp.go":            "a TOTP secret, to compute a code",
	"internal/graph/token_store.go":     "a token for Graph, out of the keychain into the calls",
	"internal/graph/synchronization.go": "the key of provisioning, into the request to Graph",
	"internal/identity/session.go":      "the stored session, into the secret store",
	"internal/identity/share.go":        "an assertion, into what is encrypted for parallel calls",
	"internal/identity/totp.go":         "the stored TOTP secret, into the secret store, with a mark if it was rejected",
	"internal/keychain/kernel_linux.go": "to the kernel keyring",
	"internal/keychain/files.go":        "the passphrase, to derive a key, and a secret, into what is encrypted",
	"internal/keychain/system.go":       "a secret, into the system's keychain",
	"internal/loopback/await.go":        "the response, to look for the ID of our request",
	"internal/openurl/redirect.go":      "an address of a sign-in, to the browser that asks by the right name",
	"internal/saml/response.go":         "the response, to read it",
}

// Only listed files call Reveal.
func TestSecretsAreRevealedInFewPlaces(t *testing.T) {
	found := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if selector, ok := n.(*ast.SelectorExpr); ok && selector.Sel.Name == "Reveal" {
				found[filepath.ToSlash(strings.TrimPrefix(path, "../../"))] = true
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range found {
		if revealed[name] == "" && !strings.HasPrefix(name, "internal/fakecloud/") {
			t.Errorf(
				"%s calls Reveal: does the secret have to be spelt out there? Then give it a row, with where it goes",
				name,
			)
		}
	}
	for name := range revealed {
		if !found[name] {
			t.Errorf("%s does not call Reveal: its row is out of date", name)
		}
	}
}
