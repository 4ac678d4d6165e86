package spec

import (
	"errors"

	"go.yaml.in/yaml/v3"
)

// Trust holds what the trust policy of a role allows and requires in addition to
// sign-ins of the provider.
type Trust struct {
	SessionTags    bool       `yaml:"session_tags" doc:"Allow sts:TagSession, which sign-ins with session tags need. Set by application.claims.principal_tags; needed for tags that the portal sends."`
	SourceIdentity bool       `yaml:"source_identity" doc:"Allow sts:SetSourceIdentity, which sign-ins with a source identity need. Set by application.claims.source_identity; needed for a claim that the portal sends."`
	Conditions     Conditions `yaml:"conditions" doc:"Conditions in addition to SAML:aud, as in IAM: operator, key and values, e.g. IpAddress: {aws:SourceIp: 203.0.113.0/24}."`
}

// Conditions are the conditions of a policy statement.
type Conditions map[string]map[string]any

// audienceKey is the condition key that o365aws sets itself.
const audienceKey = "SAML:aud"

// UnmarshalYAML implements yaml.Unmarshaler.
func (c *Conditions) UnmarshalYAML(node *yaml.Node) error {
	if err := node.Decode((*map[string]map[string]any)(c)); err != nil {
		return errors.New("is not a mapping of operators to keys and values")
	}
	return nil
}

// Actions returns the actions that the trust policy of a role allows. AWS rejects
// sign-ins with session tags or a source identity without the extra ones; Entra's
// import of roles is reported to skip roles that have them.
func (s *Spec) Actions(r Role) []string {
	actions := []string{"sts:AssumeRoleWithSAML"}
	if len(s.Application.Claims.PrincipalTags) > 0 || r.Trust.SessionTags {
		actions = append(actions, "sts:TagSession")
	}
	if s.Application.Claims.SourceIdentity != "" || r.Trust.SourceIdentity {
		actions = append(actions, "sts:SetSourceIdentity")
	}
	return actions
}

// TrustConditions returns the conditions of the trust policy of a role.
func (s *Spec) TrustConditions(r Role) Conditions {
	all := Conditions{}
	for operator, keys := range r.Trust.Conditions {
		all[operator] = map[string]any{}
		for key, value := range keys {
			all[operator][key] = value
		}
	}
	if all["StringEquals"] == nil {
		all["StringEquals"] = map[string]any{}
	}
	var audience any = s.ReplyURLs()
	if urls := s.ReplyURLs(); len(urls) == 1 {
		audience = urls[0]
	}
	all["StringEquals"][audienceKey] = audience
	return all
}
