package aws

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/o365aws/o365aws/internal/admin/metadata"
	"github.com/o365aws/o365aws/internal/admin/spec"
)

// template returns what apply creates in an account as a CloudFormation
// template, for the stack set and for export. It contains the metadata, which
// exceeds the 4,096 bytes of a parameter.
//
// ids holds the logical ids of roles that are deployed, by name in lower case:
// a role that moved to another logical id would fail, because its name is taken.
func template(s *spec.Spec, roles []spec.Role, m metadata.Metadata, withUser bool, ids map[string]string) map[string]any {
	resources := map[string]any{
		"Provider": resource("AWS::IAM::SAMLProvider", map[string]any{
			"Name": s.Provider.Name, "SamlMetadataDocument": string(m.Document), "Tags": cfnTags(ours(s, s.Provider.Tags)),
		}),
	}
	outputs := map[string]any{
		"Provider": map[string]any{"Description": "ARN of the SAML provider", "Value": ref("Provider")},
	}
	for _, r := range roles {
		name := cmp.Or(ids[strings.ToLower(r.Name)], logicalID(r.Name))
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
		"Description":              "SAML provider and roles for sign-in with Microsoft Entra, created by o365aws (" + s.Name + ")",
		"Resources":                resources,
		"Outputs":                  outputs,
	}
}

// logicalID returns the logical id of a role. It depends on the name only, so
// that other roles can be added, removed and reordered; IAM ignores case.
func logicalID(role string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(role)))
	id := "Role"
	for _, word := range strings.FieldsFunc(role, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	}) {
		id += strings.ToUpper(word[:1]) + word[1:]
	}
	return id + hex.EncodeToString(sum[:4])
}

func cfnRole(s *spec.Spec, r spec.Role) map[string]any {
	role := map[string]any{
		"RoleName": r.Name, "Path": r.Path, "MaxSessionDuration": int(r.Session.Seconds()), "Tags": cfnTags(ours(s, r.Tags)),
		"AssumeRolePolicyDocument": trust(s, r, ref("Provider")),
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
		inline = append(inline, map[string]any{"PolicyName": name, "PolicyDocument": cfnDocument(s, r.Inline[name])})
	}
	if inline != nil {
		role["Policies"] = inline
	}
	return role
}

// cfnDocument returns an inline policy in the account of the stack.
func cfnDocument(s *spec.Spec, policy spec.Policy) any {
	return spec.Walk(policy.Replace(spec.PartitionPlaceholder, s.Partition).Document, func(text string) any {
		if !strings.Contains(text, spec.AccountPlaceholder) {
			return text
		}
		text = strings.ReplaceAll(text, "${", "${!") // variables of IAM
		return map[string]any{"Fn::Sub": strings.ReplaceAll(text, spec.AccountPlaceholder, "${AWS::AccountId}")}
	})
}

// cfnPolicy returns the ARN of a policy in the account of the stack.
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

// object parses a JSON constant.
func object(text string) any {
	var v any
	_ = yaml.Unmarshal([]byte(text), &v) // JSON is YAML; a constant
	return v
}

// CloudFormation returns the template of an account as YAML. It creates no
// access key, which would be readable in the stack.
func CloudFormation(s *spec.Spec, m metadata.Metadata) (string, error) {
	m.Document = m.Essence()
	var b strings.Builder
	b.WriteString("# " + exportNote + "\n")
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(template(s, s.Roles, m, s.Provisioning.Style == spec.StyleImport, nil)); err != nil {
		return "", err
	}
	return b.String(), e.Close()
}

const exportNote = "Generated by o365aws admin export from the spec file: what o365aws admin apply would create in an account."
