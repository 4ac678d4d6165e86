package aws

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/o365aws/o365aws/internal/admin/metadata"
	"github.com/o365aws/o365aws/internal/admin/spec"
)

// Terraform returns what apply creates in one account, for HashiCorp's AWS
// provider. It creates no access key: the state would show it.
func Terraform(s *spec.Spec, m metadata.Metadata) (string, error) {
	file := hclwrite.NewEmptyFile()
	root := file.Body()
	root.AppendUnstructuredTokens(hclwrite.Tokens{
		{Type: hclsyntax.TokenComment, Bytes: []byte("# " + exportNote + "\n")},
	})
	settings := block(root, "terraform")
	settings.AppendNewBlock("required_providers", nil).Body().SetAttributeValue(
		"aws", cty.ObjectVal(map[string]cty.Value{"source": cty.StringVal("hashicorp/aws")}),
	)
	block(root, "data", "aws_caller_identity", "current")

	provider := block(root, "resource", "aws_iam_saml_provider", "this")
	provider.SetAttributeValue("name", cty.StringVal(s.Provider.Name))
	provider.SetAttributeValue("saml_metadata_document", cty.StringVal(string(m.Essence())))
	provider.SetAttributeValue("tags", stringMap(ours(s, s.Provider.Tags)))
	for _, r := range s.Roles {
		terraformRole(root, s, r)
	}
	if s.Provisioning.Style == spec.StyleImport {
		user := block(root, "resource", "aws_iam_user", "import")
		user.SetAttributeValue("name", cty.StringVal(s.Provisioning.User))
		user.SetAttributeValue("tags", stringMap(ours(s, nil)))
		policy := block(root, "resource", "aws_iam_user_policy", "import")
		policy.SetAttributeValue("name", cty.StringVal(importPolicy))
		policy.SetAttributeTraversal("user", traversal("aws_iam_user.import.name"))
		policy.SetAttributeRaw("policy", encoded(object(importDocument)))
	}
	return string(hclwrite.Format(file.Bytes())), nil
}

func terraformRole(root *hclwrite.Body, s *spec.Spec, r spec.Role) {
	id := identifier(r.Name)
	role := block(root, "resource", "aws_iam_role", id)
	role.SetAttributeValue("name", cty.StringVal(r.Name))
	role.SetAttributeValue("path", cty.StringVal(r.Path))
	role.SetAttributeValue("max_session_duration", cty.NumberIntVal(int64(r.Session.Seconds())))
	if r.Description != "" {
		role.SetAttributeValue("description", cty.StringVal(r.Description))
	}
	if r.Boundary != "" {
		role.SetAttributeRaw("permissions_boundary", terraformPolicy(s, r.Boundary))
	}
	role.SetAttributeRaw("assume_role_policy", encoded(trust(s, r, traversal("aws_iam_saml_provider.this.arn"))))
	role.SetAttributeValue("tags", stringMap(ours(s, r.Tags)))

	name := traversal("aws_iam_role." + id + ".name")
	for i, policy := range r.Policies {
		attached := block(root, "resource", "aws_iam_role_policy_attachment", fmt.Sprintf("%s_%d", id, i+1))
		attached.SetAttributeTraversal("role", name)
		attached.SetAttributeRaw("policy_arn", terraformPolicy(s, policy))
	}
	for i, policy := range slices.Sorted(maps.Keys(r.Inline)) {
		inline := block(root, "resource", "aws_iam_role_policy", fmt.Sprintf("%s_%d", id, i+1))
		inline.SetAttributeValue("name", cty.StringVal(policy))
		inline.SetAttributeTraversal("role", name)
		inline.SetAttributeRaw("policy", encoded(r.Inline[policy].Replace(spec.PartitionPlaceholder, s.Partition).Document))
	}
}

// block appends a block after an empty line, and returns its body.
func block(root *hclwrite.Body, kind string, labels ...string) *hclwrite.Body {
	root.AppendNewline()
	return root.AppendNewBlock(kind, labels).Body()
}

// terraformPolicy returns the ARN of a policy, in the account of the provider.
func terraformPolicy(s *spec.Spec, policy string) hclwrite.Tokens {
	return inProviderAccount(s.PolicyARN(spec.AccountPlaceholder, policy))
}

// inProviderAccount returns a text with the account of the provider.
func inProviderAccount(text string) hclwrite.Tokens {
	before, after, found := strings.Cut(text, spec.AccountPlaceholder)
	quoted := hclwrite.TokensForValue(cty.StringVal(before))
	if !found {
		return quoted
	}
	account := hclwrite.TokensForTraversal(traversal("data.aws_caller_identity.current.account_id"))
	tokens := slices.Clone(quoted[:len(quoted)-1]) // without the closing quote
	tokens = append(tokens, &hclwrite.Token{Type: hclsyntax.TokenTemplateInterp, Bytes: []byte("${")})
	tokens = append(tokens, account...)
	tokens = append(tokens, &hclwrite.Token{Type: hclsyntax.TokenTemplateSeqEnd, Bytes: []byte("}")})
	return append(tokens, inProviderAccount(after)[1:]...) // without the opening quote
}

var notIdentifier = regexp.MustCompile(`[^A-Za-z0-9_]`)

// identifier returns a Terraform identifier for the name of a role. Different
// names get different identifiers.
func identifier(name string) string {
	return "role_" + notIdentifier.ReplaceAllStringFunc(name, func(c string) string {
		if c == "." || c == "-" {
			return map[string]string{".": "_", "-": "__"}[c]
		}
		return fmt.Sprintf("_x%x_", c)
	})
}

// traversal returns a reference such as aws_iam_user.import.name.
func traversal(path string) hcl.Traversal {
	names := strings.Split(path, ".")
	t := hcl.Traversal{hcl.TraverseRoot{Name: names[0]}}
	for _, name := range names[1:] {
		t = append(t, hcl.TraverseAttr{Name: name})
	}
	return t
}

func stringMap(m map[string]string) cty.Value {
	values := map[string]cty.Value{}
	for key, value := range m {
		values[key] = cty.StringVal(value)
	}
	return cty.ObjectVal(values)
}

// encoded returns a call of jsonencode with a policy document.
func encoded(document any) hclwrite.Tokens {
	return hclwrite.TokensForFunctionCall("jsonencode", expression(document))
}

// expression returns the expression of a value of JSON, in which references may
// stand.
func expression(v any) hclwrite.Tokens {
	switch v := v.(type) {
	case hcl.Traversal:
		return hclwrite.TokensForTraversal(v)
	case string:
		return inProviderAccount(v)
	case bool:
		return hclwrite.TokensForValue(cty.BoolVal(v))
	case nil:
		return hclwrite.TokensForValue(cty.NullVal(cty.DynamicPseudoType))
	case []string:
		return tuple(v)
	case []any:
		return tuple(v)
	case map[string]any:
		var attributes []hclwrite.ObjectAttrTokens
		for _, key := range slices.Sorted(maps.Keys(v)) {
			attributes = append(attributes, hclwrite.ObjectAttrTokens{
				Name: hclwrite.TokensForValue(cty.StringVal(key)), Value: expression(v[key]),
			})
		}
		return hclwrite.TokensForObject(attributes)
	}
	return hclwrite.TokensForIdentifier(spec.CompactJSON(v)) // a number
}

func tuple[T any](list []T) hclwrite.Tokens {
	all := make([]hclwrite.Tokens, len(list))
	for i, one := range list {
		all[i] = expression(one)
	}
	return hclwrite.TokensForTuple(all)
}
