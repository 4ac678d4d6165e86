package spec

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// only reports whether text consists of letters, digits and some other characters
// of ASCII.
func only(text, others string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune(others, r)
	})
}

// isDescription reports whether IAM accepts the characters of a description.
// Source: docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
func isDescription(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return !strings.ContainsRune("\t\n\r", r) && (r < ' ' || r > '~') && (r < 0xa1 || r > 0xff)
	})
}

// isPolicyName reports whether IAM accepts the name of an inline policy.
// Source: docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
func isPolicyName(name string) bool { return name != "" && len(name) <= 128 && only(name, "_+=,.@-") }

// isAction reports whether text has the form of an action in a policy.
func isAction(text string) bool {
	service, action, _ := strings.Cut(text, ":")
	return text == "*" || service != "" && action != "" && only(service, "-") && only(action, "*?")
}

// MaxAssertion is the number of characters that AWS STS accepts as assertion.
// Source: docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
const MaxAssertion = 100_000

// AssertionSize estimates the length of an assertion with some role values, in
// base64. Certificate, signature and other claims take some 6,000 characters.
func AssertionSize(values []string) int {
	const overhead, element = 6000, 45
	n := 0
	for _, value := range values {
		n += len(value) + element
	}
	return overhead + n*4/3
}

func (c *checker) description(path, text string) {
	if utf8.RuneCountInString(text) > maxDescription {
		c.complain(path, "", "is longer than %d characters", maxDescription)
	}
	if !isDescription(text) {
		c.complain(path, "use ASCII and Latin-1: a hyphen instead of a dash", "has characters that IAM does not allow")
	}
}

func (c *checker) inline(path string, policies map[string]Policy) {
	for name, policy := range policies {
		at := join(path, name)
		if !isPolicyName(name) {
			c.complain(at, "up to 128 letters, digits and _+=,.@-", "is not a valid name of an inline policy")
		}
		document, _ := policy.Document.(map[string]any)
		for _, s := range listOf(document["Statement"]) {
			statement, ok := s.(map[string]any)
			if !ok {
				c.complain(at, "", "has a statement that is not a mapping")
				continue
			}
			if effect := statement["Effect"]; effect != "Allow" && effect != "Deny" {
				c.complain(at, "", "has the effect %v; use Allow or Deny", effect)
			}
			for _, key := range []string{"Action", "NotAction"} {
				if statement[key] == nil {
					continue
				}
				for _, action := range listOf(statement[key]) {
					if !isAction(fmt.Sprint(action)) {
						c.complain(at, "e.g. s3:GetObject", "%q is not an action", fmt.Sprint(action))
					}
				}
			}
		}
	}
}

// assertionSize refuses assignments with which a sign-in would be too large.
func (c *checker) assertionSize() {
	if c.spec.Provisioning.Style == StyleNone {
		return
	}
	for i, a := range c.spec.Assignments {
		values := c.spec.ValuesOf(a)
		if n := AssertionSize(values); n > MaxAssertion {
			c.complain(
				fmt.Sprintf("assignments[%d]", i), "assign fewer roles or accounts, or use several applications",
				"%d roles make sign-ins of about %d characters; AWS accepts %d", len(values), n, MaxAssertion,
			)
		}
	}
}

// sameTags reports the tags whose keys differ in case only.
func (c *checker) sameTags(path string, tags map[string]string) {
	seen := map[string]bool{}
	for key := range tags {
		lower := strings.ToLower(key)
		if seen[lower] {
			c.complain(join(path, key), "", "differs from another tag in case only, which IAM does not allow")
		}
		seen[lower] = true
	}
}
