package aws

import (
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/admin/spec"
)

// The trust policy allows session tags and a source identity only if claims or
// the role need them, and has the conditions of the role.
func TestTrustPolicy(t *testing.T) {
	const one, tags, source = `"sts:AssumeRoleWithSAML"`, `,"sts:TagSession"`, `,"sts:SetSourceIdentity"`
	const audience = `"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}`
	for name, c := range map[string]struct{ spec, actions, conditions string }{
		"default":         {"roles: [{name: a}]", one, audience},
		"tags":            {"application: {claims: {principal_tags: {Team: department}}}\nroles: [{name: a}]", one + tags, audience},
		"source identity": {"application: {claims: {source_identity: mail}}\nroles: [{name: a}]", one + source, audience},
		"of the role":     {"roles: [{name: a, trust: {session_tags: true, source_identity: true}}]", one + tags + source, audience},
		"conditions": {
			"roles: [{name: a, trust: {conditions: {StringEquals: {'SAML:sub': ada}, IpAddress: {'aws:SourceIp': 10.0.0.0/8}}}}]",
			one, `"IpAddress":{"aws:SourceIp":"10.0.0.0/8"},` + strings.Replace(audience, "{", `{"SAML:sub":"ada",`, 1),
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := admintest.MustParse(t, "tenant: a.b\naccounts: [{id: '123456789012'}]\n"+c.spec)
			got := TrustPolicy(s, "123456789012", s.Roles[0])
			want := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` +
				s.ProviderARN("123456789012") + `"},"Action":[` + c.actions + `],"Condition":{` + c.conditions + `}}]}`
			if !spec.SamePolicy(got, want) {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}
