package graph

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

type anyToken struct{}

// GetToken implements azcore.TokenCredential.
func (anyToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "token", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// batchless is a Graph that knows no batches, and the calls it was sent.
type batchless struct{ calls []string }

// RoundTrip implements http.RoundTripper.
func (b *batchless) RoundTrip(r *http.Request) (*http.Response, error) {
	b.calls = append(b.calls, r.Method+" "+r.URL.Path)
	status, body := http.StatusOK, `{"value":[]}`
	switch {
	case strings.HasSuffix(r.URL.Path, "/$batch"):
		status, body = http.StatusNotFound, `{"error":{"code":"BadRequest","message":"Resource not found for the segment '$batch'."}}`
	case r.Method == http.MethodPost:
		status, body = http.StatusBadRequest, `{"error":{"code":"Request_BadRequest","message":"Permission being assigned already exists on the object"}}`
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}, nil
}

// Looking at an ordinary set-up sends no POST; a single assignment needs no
// batch, and where there are none, several go one by one.
func TestWithoutBatches(t *testing.T) {
	global, _ := CloudByName("")
	graph := &batchless{}
	client := New(
		Options{
			Cloud: global, Identity: Identity{Credential: anyToken{}, Scopes: []string{"x"}},
			HTTP: &http.Client{Transport: graph}, RetryDelay: time.Millisecond,
		},
	)
	one := Assignment{PrincipalID: "p", RoleID: "r", ResourceID: "app"}
	assigned := "POST /v1.0" + assignedTo("app")
	for name, tc := range map[string]struct {
		do   func() error
		want []string
	}{
		"users": {func() error { _, err := client.Users(t.Context(), []string{"ada@example.com"}); return err }, []string{"GET /v1.0/users", "GET /v1.0/users"}},
		"one":   {func() error { _, err := client.Assign(t.Context(), []Assignment{one}); return err }, []string{assigned}},
		"two":   {func() error { _, err := client.Assign(t.Context(), []Assignment{one, one}); return err }, []string{"POST /v1.0/$batch", assigned, assigned}},
	} {
		graph.calls = nil
		if err := tc.do(); err != nil || !slices.Equal(graph.calls, tc.want) {
			t.Errorf("%s: %v %q", name, err, graph.calls)
		}
	}
}
