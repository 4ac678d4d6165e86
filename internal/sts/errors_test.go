package sts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// refusals lists error responses of STS, each with a part of its explanation and of its
// hints. Together they must cover every row of the table.
var refusals = []struct {
	status        int
	code, message string
	meaning, hint string
}{
	{
		400, "InvalidIdentityToken", "Response signature invalid (Service: AWSSecurityTokenService)", "certificate",
		"UpdateSAMLProvider",
	},
	{400, "InvalidIdentityToken", "RoleSessionName is required in AuthnResponse", "RoleSessionName", "2 to 64"},
	{
		400, "InvalidIdentityToken", "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
		"RoleSessionName", "2 to 64",
	},
	{
		400, "InvalidIdentityToken",
		"Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\"", "SourceIdentity",
		"2 to 64",
	},
	{400, "InvalidIdentityToken", "Specified provider doesn't exist", "does not exist", "provider's name"},
	{400, "InvalidIdentityToken", "Response does not contain the required audience.", "identifier", "azure_app_id_uri"},
	{400, "InvalidIdentityToken", "Issuer not present in specified provider", "another tenant", "azure_tenant_id"},
	{400, "InvalidIdentityToken", "Something new", "could not read", "admin"},
	{
		403, "AuthSamlInvalidSamlResponseException", "Issuer not present in specified provider", "another tenant",
		"metadata",
	},
	{400, "AuthSamlInvalidSamlResponseException", "Something new", "could not read", "admin"},
	{400, "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance", "has expired", "clock"},
	{400, "ExpiredToken", "Token must be redeemed within 5 minutes of issuance", "has expired", "clock"},
	{403, "IDPRejectedClaim", "rejected", "failed", "admin"},
	{
		403, "AccessDenied", "User: arn:aws:sts::1 is not authorized to perform: sts:TagSession", "session tags",
		"sts:TagSession",
	},
	{
		403, "AccessDenied", "not authorized to perform: sts:SetSourceIdentity", "source identity",
		"sts:SetSourceIdentity",
	},
	{403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML", "trust policy", "SAML:aud"},
	{403, "RegionDisabledException", "STS is not activated in this region", "not activated for", "AWS_REGION"},
	{400, "PackedPolicyTooLarge", "Packed size is 120%", "too large", "PrincipalTag"},
	{400, "ValidationError", exceeds, "duration", "--duration"},
	{400, "ValidationError", "1 validation error detected", "rejected the request", "--debug"},
}

func refusal(t *testing.T, status int, code, message string) *fault.Error {
	t.Helper()
	d := serve(t, func(w http.ResponseWriter, _ int, _ url.Values) { refuse(w, status, code, message) })
	_, err := clientOf(d, Options{}).Assume(context.Background(), assertion, role, 0, nil)
	var f *fault.Error
	if !errors.As(err, &f) {
		t.Fatalf("%s: no fault: %v", code, err)
	}
	if len(d.forms) != 1 {
		t.Errorf("%s: asked %d times", code, len(d.forms))
	}
	return f
}

// Each refusal is explained, and the error includes the original message and the request
// ID.
func TestRefusals(t *testing.T) {
	met := map[string]bool{}
	for _, r := range refusals {
		f := refusal(t, r.status, r.code, r.message)
		hints := strings.Join(f.Hints, "\n")
		if f.Kind != fault.Role || !strings.Contains(f.Msg, r.meaning) || !strings.Contains(hints, r.hint) ||
			!strings.Contains(
				f.Msg, role.ARN,
			) || !strings.Contains(f.Error(), "req-1") || !strings.Contains(f.Error(), r.code) {
			t.Errorf("%s %q: %v %v\n%s", r.code, r.message, f.Kind, f, hints)
		}
		if got, ok := find(assumeRows, r.code, r.message); ok {
			met[got.code+got.text] = true
		}
	}
	for _, r := range assumeRows {
		if !met[r.code+r.text] {
			t.Errorf("no test covers %s %q", r.code, r.text)
		}
	}
	if f := refusal(t, 400, "BrandNewCode", "in words"); f.Kind != fault.Role ||
		!strings.Contains(f.Error(), "BrandNewCode: in words") {
		t.Errorf("an unknown refusal: %v", f)
	}
}

// Changing an error does not change the table.
func TestHintsAreCopied(t *testing.T) {
	refusal(t, 403, "AccessDenied", "x").Hints[0] = "changed"
	if f := refusal(t, 403, "AccessDenied", "x"); f.Hints[0] == "changed" {
		t.Error("the table changed")
	}
}

// STS repeats values that it refuses. Assertions, keys and control characters never reach
// an error or the log.
func TestSecretsAreRedacted(t *testing.T) {
	long := secret.New(strings.Repeat("QUJD", 3000) + mark)
	short := secret.New("QUJDQUJDQUJD" + mark) // too short to be recognized as a token
	echo := "1 validation error detected: Value '" + long.Reveal() + "' at 'sAMLAssertion' failed; cut: '" +
		long.Reveal()[2000:6000] + "' \u009b31m \u202e"
	answers := map[string]func(w http.ResponseWriter, n int, form url.Values){
		"echo":       func(w http.ResponseWriter, _ int, _ url.Values) { refuse(w, 400, "ValidationError", echo) },
		"wrong role": func(w http.ResponseWriter, _ int, _ url.Values) { grant(w, "arn:aws:sts::1:assumed-role/x/y\u202e") },
		"broken": func(w http.ResponseWriter, _ int, _ url.Values) {
			fmt.Fprint(
				w,
				`<AssumeRoleWithSAMLResponse><AssumeRoleWithSAMLResult><Credentials><SecretAccessKey>`+mark+`</SecretAccessKey><Expiration>`+mark+`</Expiration>`,
			)
		},
		"short echo": func(w http.ResponseWriter, _ int, _ url.Values) {
			refuse(w, 400, "ValidationError", "not "+short.Reveal())
		},
		"page": func(w http.ResponseWriter, _ int, form url.Values) {
			w.WriteHeader(403)
			fmt.Fprint(w, "<html>"+form.Encode()+"</html>")
		},
	}
	for name, answer := range answers {
		d := serve(t, answer)
		var out bytes.Buffer
		o := Options{Log: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))}
		given := long
		if name == "short echo" {
			given = short
		}
		_, err := clientOf(d, o).Assume(context.Background(), given, role, 0, nil)
		var f *fault.Error
		if !errors.As(err, &f) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, text := range []string{fmt.Sprintf("%v %+v %q", err, f, f.Hints), chain(err), out.String()} {
			if strings.Contains(text, mark) || strings.Contains(text, "QUJDQUJDQUJD") ||
				strings.ContainsAny(text, "\u009b\u202e") {
				t.Errorf("%s: repeated: %.400q", name, text)
			}
		}
		if out.Len() == 0 {
			t.Errorf("%s: nothing logged", name)
		}
	}
}

// chain returns the text of every error in a chain.
func chain(err error) string {
	var b strings.Builder
	for ; err != nil; err = errors.Unwrap(err) {
		fmt.Fprintf(&b, "%v %+v\n", err, err)
	}
	return b.String()
}

// A network failure is distinguished from a refusal by STS.
func TestUnreachable(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	unknown := httptest.NewUnstartedServer(http.NotFoundHandler())
	unknown.Config.ErrorLog = log.New(io.Discard, "", 0)
	unknown.StartTLS()
	t.Cleanup(unknown.Close)
	page := serve(t, func(w http.ResponseWriter, _ int, _ url.Values) { fmt.Fprint(w, "<html>Hotel Wi-Fi</html>") })
	broken := serve(t, func(w http.ResponseWriter, _ int, _ url.Values) { refuse(w, 500, "ServiceUnavailable", "") })
	many := serve(t, func(w http.ResponseWriter, _ int, _ url.Values) { refuse(w, 429, "Slow", "") })
	mute := serve(t, func(w http.ResponseWriter, _ int, _ url.Values) { refuse(w, 400, "IDPCommunicationError", "") })
	nameless := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.DNSError{Err: "no such host", Name: "sts.example", IsNotFound: true}
	}}
	for _, row := range []struct {
		name, endpoint string
		transport      http.RoundTripper
		hint           string
	}{
		{"refused connection", gone.URL, &http.Transport{}, "HTTPS_PROXY"},
		{"unknown authority", unknown.URL, &http.Transport{}, "AWS_CA_BUNDLE"},
		{"unknown host", "https://sts.example", nameless, "region (us-east-1)"},
		{"captive portal", page.URL, &http.Transport{}, "HTTPS_PROXY"},
		{"broken STS", broken.URL, &http.Transport{}, "again"},
		{"too many requests", many.URL, &http.Transport{}, "again"},
		{"STS that cannot ask", mute.URL, &http.Transport{}, "again"},
	} {
		c := clientOf(page, Options{Region: "us-east-1", HTTP: &http.Client{Transport: row.transport}})
		c.o.Endpoint = row.endpoint
		_, err := c.Assume(context.Background(), assertion, role, 2*time.Hour, nil)
		var f *fault.Error
		_, host, _ := strings.Cut(row.endpoint, "://")
		if !errors.As(err, &f) || f.Kind != fault.Network || !strings.Contains(f.Msg, host) ||
			!strings.Contains(strings.Join(f.Hints, " "), row.hint) {
			t.Errorf("%s: %v", row.name, err)
		}
		if row.name == "captive portal" && !strings.Contains(f.Msg, "is not AWS STS (status 200)") {
			t.Errorf("%s: %v", row.name, err)
		}
		if row.name == "refused connection" && !strings.Contains(err.Error(), "refused") {
			t.Errorf("%s: no cause: %v", row.name, err)
		}
	}
}

// A reply of unlimited size does not exhaust memory.
func TestEndlessReply(t *testing.T) {
	sent := make(chan int64, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		n, _ := io.WriteString(w, "<AssumeRoleWithSAMLResponse><AssumeRoleWithSAMLResult><Credentials><AccessKeyId>")
		total, chunk := int64(n), bytes.Repeat([]byte("A"), 1<<20)
		for total < 1<<30 {
			n, err := w.Write(chunk)
			if total += int64(n); err != nil {
				break
			}
		}
		sent <- total
	}))
	defer server.Close()
	client := New(Options{Region: "eu-central-1", Endpoint: server.URL, HTTP: server.Client()})
	_, err := client.Assume(t.Context(), secret.New("assertion"), role, 0, nil)
	if err == nil {
		t.Error("the reply was accepted as credentials")
	}
	if total := <-sent; total > 64<<20 {
		t.Errorf("%d MB were read", total>>20)
	}
}
