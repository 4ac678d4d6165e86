package aws

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/o365aws/o365aws/internal/admin/metadata"
	"github.com/o365aws/o365aws/internal/admin/spec"
)

// template is what apply makes in one account, as CloudFormation: the body of
// the stack set, and of export. The metadata stands in it: a stack's parameter
// holds 4,096 bytes at most.
func template(s *spec.Spec, m metadata.Metadata, withUser bool) map[string]any {
	resources := map[string]any{
		"Provider": resource("AWS::IAM::SAMLProvider", map[string]any{
			"Name": s.Provider.Name, "SamlMetadataDocument": string(m.Document), "Tags": cfnTags(ours(s, s.Provider.Tags)),
		}),
	}
	outputs := map[string]any{
		"Provider": map[string]any{"Description": "ARN of the SAML provider", "Value": ref("Provider")},
	}
	for i, r := range s.Roles {
		name := "Role" + strconv.Itoa(i+1)
		resources[name] = resource("AWS::IAM::Role", cfnRole(s, r))
		outputs[name] = map[string]any{
			"Description": "ARN of " + r.Name, "Value": map[string]any{"Fn::GetAtt": []any{name, "Arn"}},
		}
	}
	if withUser {
		resources["ImportUser"] = resource("AWS::IAM::User", map[string]any{
			"UserName": s.Provisioning.User, "Tags": cfnTags(ours(s, nil)),
			"Policies": []any{map[string]any{"PolicyName": importPolicy, "PolicyDocument": object(importDocument)}},
		})
	}
	return map[string]any{
		"AWSTemplateFormatVersion": "2010-09-09",
		"Description":              "SAML provider and roles for sign-in with Microsoft Entra, made by o365aws (" + s.Name + ")",
		"Resources":                resources,
		"Outputs":                  outputs,
	}
}

func cfnRole(s *spec.Spec, r spec.Role) map[string]any {
	role := map[string]any{
		"RoleName": r.Name, "Path": r.Path, "MaxSessionDuration": int(r.Session.Seconds()), "Tags": cfnTags(ours(s, r.Tags)),
		"AssumeRolePolicyDocument": trust(s, ref("Provider")),
	}
	if r.Description != "" {
		role["Description"] = r.Description
	}
	if len(r.Policies) > 0 {
		var arns []any
		for _, policy := range r.Policies {
			arns = append(arns, cfnPolicy(s, policy))
		}
		role["ManagedPolicyArns"] = arns
	}
	if r.Boundary != "" {
		role["PermissionsBoundary"] = cfnPolicy(s, r.Boundary)
	}
	var inline []any
	for _, name := range slices.Sorted(maps.Keys(r.Inline)) {
		inline = append(inline, map[string]any{"PolicyName": name, "PolicyDocument": r.Inline[name].Document})
	}
	if inline != nil {
		role["Policies"] = inline
	}
	return role
}

// cfnPolicy is the ARN of a policy, in the account of the stack.
func cfnPolicy(s *spec.Spec, policy string) any {
	arn := s.PolicyARN("{account}", policy)
	if strings.Contains(arn, "{account}") {
		return map[string]any{"Fn::Sub": strings.ReplaceAll(arn, "{account}", "${AWS::AccountId}")}
	}
	return arn
}

func resource(kind string, properties map[string]any) map[string]any {
	return map[string]any{"Type": kind, "Properties": properties}
}

func ref(name string) map[string]any { return map[string]any{"Ref": name} }

func cfnTags(tags map[string]string) []any {
	var list []any
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, map[string]any{"Key": key, "Value": tags[key]})
	}
	return list
}

// object reads JSON that we wrote.
func object(text string) any {
	var v any
	_ = yaml.Unmarshal([]byte(text), &v) // JSON is YAML; a constant
	return v
}

// CloudFormation is the template of an account as YAML, for places where
// tools may not write. It makes no access key: that would be readable in the
// stack.
func CloudFormation(s *spec.Spec, m metadata.Metadata) (string, error) {
	m.Document = m.Essence()
	var b strings.Builder
	b.WriteString("# " + exportNote + "\n")
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(template(s, m, s.Provisioning.Style == spec.StyleImport)); err != nil {
		return "", err
	}
	return b.String(), e.Close()
}

const exportNote = "Made by o365aws admin export from the spec file; what o365aws admin apply would make in an account."
