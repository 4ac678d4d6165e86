package entra

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/graph"
)

// The claims policy contains the claims of the spec.
func TestClaimsDefinition(t *testing.T) {
	s := admintest.MustParse(t, "tenant: a.b\n"+admintest.OneAccount+"application: {claims: {session_name: employeeid, "+
		"source_identity: mail, principal_tags: {Team: department}, transitive_tags: [Team]}}\n")
	want := `{"ClaimsMappingPolicy":{"ClaimsSchema":[` +
		`{"ID":"assignedroles","SamlClaimType":"` + claimBase + `Role","Source":"user"},` +
		`{"ID":"employeeid","SamlClaimType":"` + claimBase + `RoleSessionName","Source":"user"},` +
		`{"ID":"mail","SamlClaimType":"` + claimBase + `SourceIdentity","Source":"user"},` +
		`{"ID":"department","SamlClaimType":"` + claimBase + `PrincipalTag:Team","Source":"user"},` +
		`{"SamlClaimType":"` + claimBase + `TransitiveTagKeys","Value":"Team"}` +
		`],"IncludeBasicClaimSet":"true","Version":1}}`
	if diff := cmp.Diff(want, claimsDefinition(s)); diff != "" {
		t.Errorf("definition (-want +got):\n%s", diff)
	}
}

// A warning names users with a session name that AWS refuses, and the setting.
func TestSessionNameWarnings(t *testing.T) {
	guest := graph.User{ID: "1", DisplayName: "Bob", PrincipalName: "bob_b.example#EXT#@a.b", Mail: "bob@b.example"}
	noMail := graph.User{ID: "2", DisplayName: "Eve", PrincipalName: "eve@a.b"}
	for attribute, want := range map[string][]string{
		"": {"Bob"}, "userPrincipalName": {"Bob"}, "mail": {"Eve"}, "employeeid": nil,
	} {
		t.Run(attribute, func(t *testing.T) {
			s := admintest.MustParse(t, "tenant: a.b\n"+admintest.OneAccount+
				"application: {claims: {session_name: '"+attribute+"'}}\n")
			got := sessionNameWarnings([]Assignment{Assignment{}.ofUser(s, guest), Assignment{}.ofUser(s, noMail)})
			for _, name := range want {
				if !slices.ContainsFunc(got, func(w string) bool {
					return strings.HasPrefix(w, name+" (") && strings.Contains(w, "set application.claims.session_name")
				}) {
					t.Errorf("got %q, want a warning about %s", got, name)
				}
			}
			if len(got) != len(want) {
				t.Errorf("got %q, want %d", got, len(want))
			}
		})
	}
}
