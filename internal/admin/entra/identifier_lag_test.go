package entra

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	fakegraph "github.com/o365aws/o365aws/internal/fakecloud/graph"
)

// policyLag refuses the first identifier URIs, like a directory that has not
// replicated the SAML mode of the application yet.
type policyLag struct {
	next    http.RoundTripper
	refused atomic.Int32
}

// RoundTrip implements http.RoundTripper.
func (p *policyLag) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPatch || !strings.Contains(r.URL.Path, "/applications/") {
		return p.next.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if !bytes.Contains(body, []byte("identifierUris")) || p.refused.Add(1) > 2 {
		return p.next.RoundTrip(r)
	}
	return &http.Response{
		StatusCode: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		Body: io.NopCloser(strings.NewReader(`{"error":{"code":"Request_BadRequest","message":"All newly added URIs ` +
			`must contain a tenant verified domain. See https://aka.ms/identifier-uri-formatting-error"}}`)),
	}, nil
}

// The first apply of a new tenant waits until the SAML mode is replicated.
func TestIdentifierPolicyLag(t *testing.T) {
	l := newEmulatorLab(t, fakegraph.Options{}, "")
	lag := &policyLag{next: l.http.Transport}
	l.http = &http.Client{Transport: lag}
	l.applied()
	if got := lag.refused.Load(); got != 3 {
		t.Errorf("%d attempts to set the identifier, want 3", got)
	}
}
