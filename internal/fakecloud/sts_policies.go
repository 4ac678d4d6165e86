package fakecloud

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Limits of session policies. AWS packs them into a binary format; the emulator counts
// characters instead.
// Source: docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
const (
	maxPolicies   = 10
	maxPolicy     = 2048
	maxPackedSize = 3000
)

var policyARN = regexp.MustCompile(`^arn:(aws[a-z-]*):iam::(aws|[0-9]{12}):policy/([\x21-\x7e]*/)?[A-Za-z0-9_+=,.@-]+$`)

// sessionPolicies returns the session policies of a request, or an error.
func sessionPolicies(form url.Values) ([]string, error) {
	invalid := func(format string, args ...any) error {
		return stsRefuse(http.StatusBadRequest, "ValidationError", "1 validation error detected: "+format, args...)
	}
	var policies []string
	packed := 0
	roleParts := strings.Split(form.Get("RoleArn"), ":")
	for i := 1; form.Has(fmt.Sprintf("PolicyArns.member.%d.arn", i)); i++ {
		arn := form.Get(fmt.Sprintf("PolicyArns.member.%d.arn", i))
		m := policyARN.FindStringSubmatch(arn)
		if m == nil {
			return nil, invalid("Value at 'policyArns.%d.member.arn' failed to satisfy constraint", i)
		}
		if m[1] != roleParts[1] || m[2] != "aws" && m[2] != roleParts[4] {
			return nil, invalid("The policy %s is not in the account of the role", arn)
		}
		policies, packed = append(policies, arn), packed+len(arn)
	}
	if len(policies) > maxPolicies {
		return nil, invalid(
			"Value at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to 10",
		)
	}
	for name := range form {
		if strings.HasPrefix(name, "PolicyArns.") && !slices.Contains(policies, form.Get(name)) {
			return nil, invalid("Unexpected member %s", name)
		}
	}
	if text := form.Get("Policy"); text != "" {
		var policy struct {
			Version   string
			Statement json.RawMessage
		}
		if len(text) > maxPolicy {
			return nil, invalid(
				"Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048",
			)
		}
		if json.Unmarshal([]byte(text), &policy) != nil || len(policy.Statement) == 0 {
			return nil, stsRefuse(http.StatusBadRequest, "MalformedPolicyDocument", "Syntax errors in policy.")
		}
		policies, packed = append(policies, text), packed+len(text)
	}
	if packed > maxPackedSize {
		return nil, stsRefuse(
			http.StatusBadRequest, "PackedPolicyTooLarge",
			"Packed policy consumes %d%% of allotted space, please use smaller policy.", packed*100/maxPackedSize,
		)
	}
	return policies, nil
}

// SessionPolicies returns the session policies of the last session that STS created.
func (c *Cloud) SessionPolicies() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.lastPolicies)
}
