package aws

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/o365aws/o365aws/internal/admin/spec"
)

// FederatedRole is a role in AWS that SAML providers may sign in to.
type FederatedRole struct {
	ARN       string
	Providers []string
}

// Federated returns the roles of an account with a SAML provider in their trust
// policy.
func (c *Clients) Federated(ctx context.Context, s *spec.Spec, a spec.Account) ([]FederatedRole, error) {
	clients, err := inAccount{clients: c, spec: s, account: a}.enter(ctx)
	if err != nil {
		return nil, err
	}
	var roles []FederatedRole
	pages := iam.NewListRolesPaginator(clients.iam, &iam.ListRolesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, explain(ctx, err, "roles of account "+a.ID, "")
		}
		for _, r := range page.Roles {
			if providers := samlProviders(decoded(aws.ToString(r.AssumeRolePolicyDocument))); len(providers) > 0 {
				roles = append(roles, FederatedRole{aws.ToString(r.Arn), providers})
			}
		}
	}
	return roles, nil
}

// Scanned returns the members with a scan role, of those that LearnMembers found.
func Scanned(s *spec.Spec) []spec.Account {
	var all []spec.Account
	for _, target := range s.Targets() {
		if target.ScanRole == "" {
			continue
		}
		for _, id := range s.Members(target) {
			all = append(all, inOrganization{org: target}.entry(id))
		}
	}
	return all
}

// samlProviders returns the SAML providers that a trust policy names.
func samlProviders(document string) []string {
	var policy struct {
		Statement json.RawMessage
	}
	if json.Unmarshal([]byte(document), &policy) != nil {
		return nil
	}
	var statements []struct{ Principal any }
	if json.Unmarshal(policy.Statement, &statements) != nil {
		statements = make([]struct{ Principal any }, 1)
		if json.Unmarshal(policy.Statement, &statements[0]) != nil {
			return nil
		}
	}
	var providers []string
	for _, statement := range statements {
		principal, _ := statement.Principal.(map[string]any)
		for _, name := range flatten(principal["Federated"]) {
			if strings.Contains(name, ":saml-provider/") && !slices.Contains(providers, name) {
				providers = append(providers, name)
			}
		}
	}
	return providers
}

func flatten(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, x := range v {
			all = append(all, flatten(x)...)
		}
		return all
	}
	return nil
}
