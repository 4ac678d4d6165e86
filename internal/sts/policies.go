package sts

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/termtext"
)

// Policies holds session policies, which restrict a session to what both the role and one
// of the policies allow. The zero value does not restrict it.
type Policies struct {
	ReadOnly bool     // AWS's ReadOnlyAccess
	ARNs     []string // managed policies
	Document string   // an inline policy, compact JSON
}

// Limits of session policies.
// Source: docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
const (
	maxPolicyARNs     = 10
	maxPolicyARN      = 2048
	maxPolicyDocument = 2048 // characters
)

const readOnly = "read-only"

// NewPolicies returns the session policies of a command line or a profile. Errors are of
// kind Config.
func NewPolicies(onlyRead bool, arns []string, document []byte) (Policies, error) {
	p := Policies{ReadOnly: onlyRead, ARNs: slices.Clone(arns)}
	slices.Sort(p.ARNs)
	p.ARNs = slices.Compact(p.ARNs)
	if len(p.ARNs) > maxPolicyARNs {
		return Policies{}, fault.Newf(
			fault.Config, "%d session policies, but AWS accepts %d", len(p.ARNs), maxPolicyARNs,
		)
	}
	for _, arn := range p.ARNs {
		if _, ok := saml.ParsePolicyARN(arn); !ok || len(arn) > maxPolicyARN {
			return Policies{}, fault.Newf(fault.Config, "invalid policy ARN %q", termtext.Printable(arn, 200)).
				Hint("an example is arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")
		}
	}
	if len(document) > 0 {
		var compact bytes.Buffer
		if err := json.Compact(&compact, document); err != nil || compact.Bytes()[0] != '{' {
			return Policies{}, fault.New(fault.Config, "the session policy is not a JSON object")
		}
		p.Document = compact.String()
	}
	if n := len([]rune(p.Document)); n > maxPolicyDocument {
		return Policies{}, fault.Newf(
			fault.Config, "the session policy has %d characters without white space, but AWS accepts %d", n,
			maxPolicyDocument,
		).Hint("make it a managed policy and pass its ARN with --policy-arn")
	}
	if onlyRead && (len(p.ARNs) > 0 || p.Document != "") {
		return Policies{}, fault.New(
			fault.Config, "--read-only cannot be combined with other session policies, which would allow more",
			"to allow both, pass the ARN of ReadOnlyAccess with --policy-arn as well",
		)
	}
	return p, nil
}

// IsZero reports whether p does not restrict the session.
func (p Policies) IsZero() bool { return !p.ReadOnly && len(p.ARNs) == 0 && p.Document == "" }

// Key returns a text that identifies the policies. It is "" for the zero value and has no
// spaces inside its fields.
func (p Policies) Key() string {
	fields := slices.Clone(p.ARNs)
	if p.ReadOnly {
		fields = append(fields, readOnly)
	}
	if p.Document != "" {
		fields = append(fields, fmt.Sprintf("inline:%x", sha256.Sum256([]byte(p.Document))))
	}
	return strings.Join(fields, " ")
}

// DescribePolicies returns a short description of a key: "read-only", the names of the
// policies, or "".
func DescribePolicies(key string) string {
	var names []string
	for _, field := range strings.Fields(key) {
		if strings.HasPrefix(field, "inline:") {
			field = "inline policy"
		}
		names = append(names, field[strings.LastIndexByte(field, '/')+1:])
	}
	return termtext.Printable(strings.Join(names, ", "), 100)
}

// check returns an error for policies that a session of the role cannot have.
func (p Policies) check(role saml.Role) error {
	for _, arn := range p.ARNs {
		policy, _ := saml.ParsePolicyARN(arn)
		if policy.Partition != role.Partition() {
			return fault.Newf(
				fault.Config, "the policy %s is in the partition %s, but the role in %s", arn, policy.Partition,
				role.Partition(),
			)
		}
		if policy.Account != "aws" && policy.Account != role.Account() {
			return fault.Newf(
				fault.Config, "the policy %s is in another account than the role (%s)", arn, role.Account(),
			).Hint("session policies are AWS's own or of the role's account: create the policy there")
		}
	}
	return nil
}

// input returns the policies as request parameters for a role.
func (p Policies) input(role saml.Role) (managed []types.PolicyDescriptorType, document *string) {
	arns := p.ARNs
	if p.ReadOnly {
		arns = []string{"arn:" + role.Partition() + ":iam::aws:policy/ReadOnlyAccess"}
	}
	for _, arn := range arns {
		managed = append(managed, types.PolicyDescriptorType{Arn: aws.String(arn)})
	}
	if p.Document != "" {
		document = aws.String(p.Document)
	}
	return managed, document
}

// policyRows explains refusals of session policies. It precedes assumeRows.
var policyRows = []row{
	{"PackedPolicyTooLarge", "", "the session policies and the session tags are too large together", []string{
		"pass fewer --policy-arn flags or a shorter --policy-file",
		"or ask your admin to send fewer or shorter PrincipalTag claims",
	}},
	{"MalformedPolicyDocument", "", "the session policy is not a valid IAM policy", []string{
		"check --policy-file: aws accessanalyzer validate-policy --policy-type IDENTITY_POLICY reports its errors",
	}},
	{"ValidationError", "polic", "AWS rejected a session policy", []string{"check that each policy exists"}},
}
