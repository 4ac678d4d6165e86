package fakecloud

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// started returns a running Cloud and a client that uses its proxy.
func started(t *testing.T, scenario string) (*Cloud, *http.Client) {
	t.Helper()
	c, err := New(Options{Scenario: scenario})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	pool := x509.NewCertPool()
	pool.AddCert(c.ca.cert)
	proxy, err := url.Parse(c.ProxyURL())
	if err != nil {
		t.Fatal(err)
	}
	return c, &http.Client{
		Transport: &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: pool}},
	}
}

const (
	testRole     = "arn:aws:iam::111122223333:role/azure.admin"
	testProvider = "arn:aws:iam::111122223333:saml-provider/AzureAD"
	testACS      = "https://signin.aws.amazon.com/saml"
)

func testRequest() authnRequest {
	return authnRequest{ID: "id1", Issuer: "https://signin.aws.amazon.com/saml", ACS: testACS}
}

func client(h *http.Client, region string, provider aws.CredentialsProvider) *sts.Client {
	return sts.New(sts.Options{Region: region, HTTPClient: h, Credentials: provider, RetryMaxAttempts: 1})
}

// TestIssuedCredentials exchanges an assertion with the SDK and uses the credentials.
func TestIssuedCredentials(t *testing.T) {
	c, h := started(t, "")
	assertion, err := c.signedResponse(testRequest(), c.user(UserName))
	if err != nil {
		t.Fatal(err)
	}
	out, err := client(h, "eu-west-1", nil).AssumeRoleWithSAML(context.Background(), &sts.AssumeRoleWithSAMLInput{
		RoleArn: aws.String(
			testRole,
		), PrincipalArn: aws.String(testProvider), SAMLAssertion: &assertion, DurationSeconds: aws.Int32(7200),
	})
	if err != nil {
		t.Fatal(err)
	}
	if left := time.Until(*out.Credentials.Expiration); left < 119*time.Minute || left > 2*time.Hour {
		t.Errorf("credentials last %s", left)
	}
	keys := credentials.NewStaticCredentialsProvider(
		*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken,
	)
	who, err := client(h, "eu-west-1", keys).GetCallerIdentity(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := "arn:aws:sts::111122223333:assumed-role/azure.admin/" + UserName; *who.Arn != want {
		t.Errorf("identity %s, want %s", *who.Arn, want)
	}
	forged := credentials.NewStaticCredentialsProvider(
		*out.Credentials.AccessKeyId, "wrong", *out.Credentials.SessionToken,
	)
	if _, err := client(h, "eu-west-1", forged).GetCallerIdentity(context.Background(), nil); err == nil {
		t.Error("a request signed with another secret was accepted")
	}
}

// TestSTSIsStrict changes one part of a valid request at a time.
func TestSTSIsStrict(t *testing.T) {
	cases := []struct {
		name, scenario, role, provider, host string
		request                              func(*authnRequest)
		mangle                               func(string) string
	}{
		{name: "other provider", provider: "arn:aws:iam::444455556666:saml-provider/AzureAD"},
		{name: "role not claimed", role: "arn:aws:iam::111122223333:role/root"},
		{name: "old certificate", scenario: "sts-old-metadata"},
		{name: "another tenant", scenario: "response-other-tenant"},
		{name: "expired", scenario: "response-expired"},
		{name: "two assertions", scenario: "response-two-assertions"},
		{name: "junk", scenario: "response-junk"},
		{name: "failed", scenario: "response-failed"},
		{
			name:    "recipient of no partition of the role",
			request: func(r *authnRequest) { r.ACS = "https://evil.example/saml" },
		},
		{name: "one character of the signed text", mangle: func(s string) string {
			b := []byte(s)
			b[len(b)/2] ^= 1
			return string(b)
		}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c, h := started(t, tc.scenario)
			request := testRequest()
			if tc.request != nil {
				tc.request(&request)
			}
			assertion, err := c.signedResponse(request, c.user(UserName))
			if err != nil {
				t.Fatal(err)
			}
			if tc.mangle != nil {
				assertion = tc.mangle(assertion)
			}
			role, provider := tc.role, tc.provider
			if role == "" {
				role = testRole
			}
			if provider == "" {
				provider = testProvider
			}
			_, err = client(
				h, "us-east-1", nil,
			).AssumeRoleWithSAML(context.Background(), &sts.AssumeRoleWithSAMLInput{RoleArn: &role, PrincipalArn: &provider, SAMLAssertion: &assertion})
			if err == nil {
				t.Error("accepted")
			}
		})
	}
}

// TestStrayHosts checks that requests to unknown hosts are blocked and recorded.
func TestStrayHosts(t *testing.T) {
	c, h := started(t, "")
	if response, err := h.Get("https://example.com/"); err == nil {
		_ = response.Body.Close()
		t.Error("a host that is not played was reached")
	}
	if got := c.Stray(); len(got) != 1 || got[0] != "example.com" {
		t.Errorf("stray hosts %q", got)
	}
}
