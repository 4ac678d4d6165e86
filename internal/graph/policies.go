package graph

import (
	"context"
	"net/http"
	"net/url"
)

var (
	writePolicies = Need{
		"Policy.ReadWrite.ApplicationConfiguration", "Policy.ReadWrite.ApplicationConfiguration",
		"Application Administrator or Cloud Application Administrator",
	}
	assignPolicies = Need{
		"Application.ReadWrite.All and Policy.Read.All", "Application.ReadWrite.OwnedBy and Policy.Read.All",
		"Application Administrator or Cloud Application Administrator",
	}
	readPolicies = Need{"Policy.Read.All", "Policy.Read.All", ""}
)

func policiesOf(principalID string) string {
	return "/servicePrincipals/" + url.PathEscape(principalID) + "/claimsMappingPolicies"
}

// PoliciesOf lists the claims policies of a principal.
func (c *Client) PoliciesOf(ctx context.Context, principalID string) ([]ClaimsPolicy, error) {
	return list[ClaimsPolicy](
		ctx, c, call{path: policiesOf(principalID), what: "read the claims policy", need: readPolicies},
	)
}

// Policies lists the claims policies of the tenant.
func (c *Client) Policies(ctx context.Context) ([]ClaimsPolicy, error) {
	return list[ClaimsPolicy](
		ctx, c, call{path: "/policies/claimsMappingPolicies", what: "list the claims policies", need: readPolicies},
	)
}

// CreatePolicy creates a claims policy without assigning it.
func (c *Client) CreatePolicy(ctx context.Context, p ClaimsPolicy) (ClaimsPolicy, error) {
	var out ClaimsPolicy
	err := c.do(ctx, call{
		method: http.MethodPost, path: "/policies/claimsMappingPolicies", creates: true, in: p, out: &out,
		what: "create the claims policy", need: writePolicies,
	})
	return out, err
}

// PatchPolicy changes a claims policy.
func (c *Client) PatchPolicy(ctx context.Context, id string, p ClaimsPolicy) error {
	return c.do(ctx, call{
		method: http.MethodPatch, path: "/policies/claimsMappingPolicies/" + url.PathEscape(id), in: p,
		what: "change the claims policy", need: writePolicies,
	})
}

// DeletePolicy deletes a claims policy.
func (c *Client) DeletePolicy(ctx context.Context, id string) error {
	return c.do(ctx, call{
		method: http.MethodDelete, path: "/policies/claimsMappingPolicies/" + url.PathEscape(id),
		what: "delete the claims policy", need: writePolicies,
	})
}

// UsePolicy assigns a claims policy to a principal.
func (c *Client) UsePolicy(ctx context.Context, principalID, policyID string) error {
	return c.refer(ctx, call{
		path: policiesOf(principalID) + "/$ref",
		in: reference{
			c.cloud.Graph + "/v1.0/policies/claimsMappingPolicies/" + policyID,
		}, what: "use the claims policy", need: assignPolicies,
	})
}

// DropPolicy removes a claims policy from a principal.
func (c *Client) DropPolicy(ctx context.Context, principalID, policyID string) error {
	return c.do(ctx, call{
		method: http.MethodDelete, path: policiesOf(principalID) + "/" + url.PathEscape(policyID) + "/$ref",
		what: "drop the claims policy", need: assignPolicies,
	})
}
