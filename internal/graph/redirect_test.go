package graph

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// constant is a credential with one token.
type constant struct{}

func (constant) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "token", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// at returns a client that uses a test server as Graph.
func at(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.Close)
	return New(Options{
		Cloud: Cloud{Graph: server.URL, Login: server.URL}, HTTP: server.Client(), RetryDelay: time.Millisecond,
		Identity: Identity{Credential: constant{}, Scopes: []string{"scope"}},
	})
}

// A redirect is not followed: 307 would repeat the body, and on the same host name
// the token, in clear text.
func TestRedirectsAreNotFollowed(t *testing.T) {
	stolen := ""
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		stolen += r.Header.Get("Authorization") + string(body)
	}))
	defer thief.Close()
	c := at(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, thief.URL+r.URL.Path, http.StatusTemporaryRedirect)
	})
	for _, k := range []call{
		{method: http.MethodGet, path: "/applications", what: "read"},
		{method: http.MethodPut, path: "/secrets", in: map[string]string{
			"value": "provisioning secret",
		}, what: "write"},
	} {
		if err := c.do(t.Context(), k); err == nil || !strings.Contains(err.Error(), "307") {
			t.Errorf("%s: got %v, want an error with status 307", k.what, err)
		}
	}
	if _, err := c.Metadata(t.Context(), "tenant", "app"); err == nil {
		t.Error("metadata: got no error")
	}
	if stolen != "" {
		t.Errorf("got %q sent to another host, want nothing", stolen)
	}
}

// The client of azidentity, which sends client secrets, does not follow redirects either.
func TestSignInFollowsNoRedirect(t *testing.T) {
	reached := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			reached = true
		}
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	o := clientOptions(SignInOptions{HTTP: server.Client(), Cloud: Cloud{Login: server.URL}})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader("client_secret=x"))
	if err != nil {
		t.Fatal(err)
	}
	response, err := o.Transport.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusTemporaryRedirect || reached {
		t.Errorf(
			"got status %d, reached %v, want %d, false", response.StatusCode, reached, http.StatusTemporaryRedirect,
		)
	}
}

// The size of a collection is limited: a server can neither make the client read pages
// indefinitely nor redirect it to another host.
func TestPagingIsBounded(t *testing.T) {
	requests := 0
	var c *Client
	next := func(r *http.Request) string { return "https://" + r.Host + "/v1.0/groups?page=" + fmt.Sprint(requests) }
	filler := ""
	c = at(t, func(w http.ResponseWriter, r *http.Request) {
		requests++
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"value":[],"x":%q,"@odata.nextLink":%q}`, filler, next(r))
	})
	c.maxPages, c.maxCollection = 20, 1<<20
	get := func() error {
		_, err := list[struct{}](t.Context(), c, call{path: "/groups", what: "list the groups"})
		return err
	}
	if err := get(); err == nil || !strings.Contains(err.Error(), "too large") || requests != c.maxPages {
		t.Errorf("empty pages: got %v after %d requests, want too large after %d", err, requests, c.maxPages)
	}
	requests, filler = 0, strings.Repeat("x", 128<<10)
	if err := get(); err == nil || !strings.Contains(err.Error(), "too large") || requests > 10 {
		t.Errorf("large pages: got %v after %d requests", err, requests)
	}
	elsewhere := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer other.Close()
	for _, link := range []string{
		other.URL + "/v1.0/groups", c.cloud.Graph + ".evil.example/v1.0/groups",
		strings.Replace(c.cloud.Graph, "https:", "http:", 1) + "/v1.0/groups",
	} {
		next = func(*http.Request) string { return link }
		requests, filler = 0, ""
		if err := get(); err == nil || requests != 1 || elsewhere != 0 {
			u, _ := url.Parse(link)
			t.Errorf("%s: got %v after %d requests and %d elsewhere, want an error after 1 and 0", u, err, requests, elsewhere)
		}
	}
}
