package aws

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/admin/metadata"
	"github.com/o365aws/o365aws/internal/admin/spec"
)

// Terraform is what apply makes in one account, for HashiCorp's AWS provider.
// It makes no access key: that would be readable in the state.
func Terraform(s *spec.Spec, m metadata.Metadata) (string, error) {
	h := &configuration{}
	h.line("# %s", exportNote)
	h.block("terraform", func() {
		h.block("required_providers", func() {
			h.line("aws = {")
			h.line("  source = \"hashicorp/aws\"")
			h.line("}")
		})
	})
	h.block(`data "aws_caller_identity" "current"`, nil)
	h.block(`resource "aws_iam_saml_provider" "this"`, func() {
		h.pairs(
			pair{"name", quoted(s.Provider.Name)}, pair{"saml_metadata_document", quoted(string(m.Essence()))},
			pair{"tags", h.object(ours(s, s.Provider.Tags))},
		)
	})
	for _, r := range s.Roles {
		terraformRole(s, h, r)
	}
	if s.Provisioning.Style == spec.StyleImport {
		h.block(`resource "aws_iam_user" "import"`, func() {
			h.pairs(pair{"name", quoted(s.Provisioning.User)}, pair{"tags", h.object(ours(s, nil))})
		})
		h.block(`resource "aws_iam_user_policy" "import"`, func() {
			h.pairs(
				pair{"name", quoted(importPolicy)}, pair{"user", "aws_iam_user.import.name"},
				pair{"policy", encoded(object(importDocument))},
			)
		})
	}
	return h.String(), nil
}

func terraformRole(s *spec.Spec, h *configuration, r spec.Role) {
	id := identifier(r.Name)
	h.block(`resource "aws_iam_role" `+quoted(id), func() {
		pairs := []pair{
			{"name", quoted(r.Name)}, {"path", quoted(r.Path)}, {"max_session_duration", itoa(r.Session.Seconds())},
		}
		if r.Description != "" {
			pairs = append(pairs, pair{"description", quoted(r.Description)})
		}
		if r.Boundary != "" {
			pairs = append(pairs, pair{"permissions_boundary", terraformPolicy(s, r.Boundary)})
		}
		h.pairs(
			append(
				pairs, pair{"assume_role_policy", encoded(trust(s, expression("aws_iam_saml_provider.this.arn")))},
				pair{"tags", h.object(ours(s, r.Tags))},
			)...)
	})
	for i, policy := range r.Policies {
		h.block(fmt.Sprintf(`resource "aws_iam_role_policy_attachment" "%s_%d"`, id, i+1), func() {
			h.pairs(pair{"role", "aws_iam_role." + id + ".name"}, pair{"policy_arn", terraformPolicy(s, policy)})
		})
	}
	for i, name := range slices.Sorted(maps.Keys(r.Inline)) {
		h.block(fmt.Sprintf(`resource "aws_iam_role_policy" "%s_%d"`, id, i+1), func() {
			h.pairs(
				pair{"name", quoted(name)}, pair{"role", "aws_iam_role." + id + ".name"},
				pair{"policy", encoded(r.Inline[name].Document)},
			)
		})
	}
}

func terraformPolicy(s *spec.Spec, policy string) string {
	return strings.ReplaceAll(
		quoted(s.PolicyARN("{account}", policy)), "{account}", "${data.aws_caller_identity.current.account_id}",
	)
}

var notIdentifier = regexp.MustCompile(`[^A-Za-z0-9_]`)

// identifier makes a role's name one that Terraform takes. Names that differ
// in other characters only get a number of their own by their bytes.
func identifier(name string) string {
	return "role_" + notIdentifier.ReplaceAllStringFunc(name, func(c string) string {
		if c == "." || c == "-" {
			return map[string]string{".": "_", "-": "__"}[c]
		}
		return fmt.Sprintf("_x%x_", c)
	})
}

// configuration writes the configuration language, formatted as terraform fmt would.
type configuration struct {
	strings.Builder
	depth int
}

type pair struct{ name, value string }

func (h *configuration) line(format string, args ...any) {
	h.WriteString(strings.Repeat("  ", h.depth))
	fmt.Fprintf(h, format+"\n", args...)
}

func (h *configuration) block(head string, body func()) {
	if h.depth == 0 {
		h.WriteString("\n")
	}
	if body == nil {
		h.line("%s {}", head)
		return
	}
	h.line("%s {", head)
	h.depth++
	body()
	h.depth--
	h.line("}")
}

// pairs writes attributes, aligned; one of several lines ends an alignment.
func (h *configuration) pairs(pairs ...pair) {
	width := 0
	for _, p := range pairs {
		width = max(width, len(p.name))
	}
	for _, p := range pairs {
		h.line("%-*s = %s", width, p.name, p.value)
	}
}

// object writes a map in one line.
func (h *configuration) object(m map[string]string) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, quoted(key)+" = "+quoted(m[key]))
	}
	return "{ " + strings.Join(parts, ", ") + " }"
}

// expression is a value that stands as it is.
type expression string

// encoded is a policy document, written as what jsonencode makes one of.
func encoded(document any) string { return "jsonencode(" + literal(document) + ")" }

func literal(v any) string {
	switch v := v.(type) {
	case expression:
		return string(v)
	case string:
		return quoted(v)
	case []string:
		return "[" + strings.Join(written(v, func(s string) string { return quoted(s) }), ", ") + "]"
	case []any:
		return "[" + strings.Join(written(v, literal), ", ") + "]"
	case map[string]any:
		if len(v) == 0 {
			return "{}"
		}
		return "{ " + strings.Join(written(slices.Sorted(maps.Keys(v)), func(key string) string { return quoted(key) + " : " + literal(v[key]) }), ", ") + " }"
	}
	return spec.CompactJSON(v) // numbers, true, false, null are JSON's
}

func written[T any](list []T, write func(T) string) []string {
	all := make([]string, len(list))
	for i, one := range list {
		all[i] = write(one)
	}
	return all
}

// quoted is a string literal.
func quoted(text string) string {
	return `"` + escaped(
		strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text),
	) + `"`
}

// escaped keeps ${ and %{ from being Terraform's: IAM has variables too.
func escaped(text string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(text)
}
