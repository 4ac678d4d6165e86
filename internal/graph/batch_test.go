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

// recorder is a Graph that refuses every write and records calls.
type recorder struct{ calls []string }

// RoundTrip implements http.RoundTripper.
func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	r.calls = append(r.calls, request.Method+" "+request.URL.Path)
	status, body := http.StatusOK, `{"value":[]}`
	if request.Method == http.MethodPost {
		status, body = http.StatusBadRequest, `{"error":{"code":"Request_BadRequest",`+
			`"message":"Permission being assigned already exists on the object"}}`
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)), Request: request,
	}, nil
}

// A few reads and a single assignment are sent without a batch, which would be a POST.
func TestWithoutBatches(t *testing.T) {
	global, _ := CloudByName("")
	graph := &recorder{}
	client := New(
		Options{
			Cloud: global, Identity: Identity{Credential: anyToken{}, Scopes: []string{"x"}},
			HTTP: &http.Client{Transport: graph}, RetryDelay: time.Millisecond,
		},
	)
	one := Assignment{PrincipalID: "p", RoleID: "r", ResourceID: "app"}
	users := func() error { _, err := client.Users(t.Context(), []string{"ada@example.com"}); return err }
	assign := func() error { _, err := client.Assign(t.Context(), []Assignment{one}); return err }
	for name, tc := range map[string]struct {
		do   func() error
		want []string
	}{
		"users": {users, []string{"GET /v1.0/users", "GET /v1.0/users"}},
		"one":   {assign, []string{"POST /v1.0" + assignedTo("app")}},
	} {
		t.Run(name, func(t *testing.T) {
			graph.calls = nil
			if err := tc.do(); err != nil || !slices.Equal(graph.calls, tc.want) {
				t.Errorf("got %q and error %v, want %q", graph.calls, err, tc.want)
			}
		})
	}
}
