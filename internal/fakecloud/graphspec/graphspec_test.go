package graphspec

import (
	"net/http"
	"testing"

	"github.com/o365aws/o365aws/internal/fakecloud/graph"
)

// The check finds violations.
func TestViolation(t *testing.T) {
	if Check(t) == nil {
		return // said so
	}
	const base = "https://graph.microsoft.com/v1.0"
	good := graph.Call{
		Method: http.MethodPatch, URL: base + "/servicePrincipals/x",
		Body: []byte(`{"preferredSingleSignOnMode":"saml"}`), Status: http.StatusNoContent,
	}
	if err := Violation(good); err != nil {
		t.Errorf("a valid call: %v", err)
	}
	for name, call := range map[string]graph.Call{
		"misspelt property": {Method: http.MethodPatch, URL: base + "/servicePrincipals/x", Body: []byte(
			`{"preferredSingleSignonMode":"saml"}`,
		), Status: 204},
		"wrong type": {Method: http.MethodPatch, URL: base + "/servicePrincipals/x", Body: []byte(
			`{"appRoleAssignmentRequired":"yes"}`,
		), Status: 204},
		"misspelt select": {Method: http.MethodGet, URL: base + "/applications/x?$select=identifieruris", Status: 200, Answer: []byte(`{}`)},
		"no such call":    {Method: http.MethodPost, URL: base + "/applications/x/frobnicate", Status: 204},
		"wrong status":    {Method: http.MethodPatch, URL: base + "/servicePrincipals/x", Body: []byte(`{}`), Status: 201},
		"wrong answer": {Method: http.MethodGet, URL: base + "/applications/x", Status: 200, Answer: []byte(
			`{"identifierUris":"x"}`,
		)},
	} {
		if Violation(call) == nil {
			t.Errorf("%s: no violation", name)
		}
	}
}
