package saml

import (
	"fmt"
	"strconv"
	"time"

	"github.com/o365aws/o365aws/internal/termtext"
)

// Attributes that AWS reads.
// Source:
// docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
const (
	attrRole     = "https://aws.amazon.com/SAML/Attributes/Role"
	attrSession  = "https://aws.amazon.com/SAML/Attributes/RoleSessionName"
	attrDuration = "https://aws.amazon.com/SAML/Attributes/SessionDuration"
)

// maxWarnings is the number of role values that get individual warnings.
const maxWarnings = 10

// readAttributes reads roles, session name and duration from the attributes.
func (r *Response) readAttributes(assertion *node) {
	seen, leftOut := map[Role]bool{}, 0
	for _, statement := range assertion.all(nsAssertion, "AttributeStatement") {
		for _, attribute := range statement.all(nsAssertion, "Attribute") {
			for _, value := range attribute.all(nsAssertion, "AttributeValue") {
				switch attribute.attr("Name") {
				case attrRole:
					if !r.readRole(value, seen) {
						leftOut++
					}
				case attrSession:
					r.SessionName = value.value()
				case attrDuration:
					r.SessionDuration = sessionDuration(value.value())
				}
			}
		}
	}
	if more := leftOut - maxWarnings; more > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("ignored %d more role values", more))
	}
}

// readRole adds a role that is not in seen, or else a warning. It reports whether the
// value is well-formed.
func (r *Response) readRole(value *node, seen map[Role]bool) bool {
	role, err := ParseRole(value.value())
	if value.comment || len(value.children) > 0 {
		err = fmt.Errorf("it contains markup")
	}
	if err != nil {
		if len(r.Warnings) < maxWarnings {
			r.Warnings = append(
				r.Warnings,
				fmt.Sprintf(
					"ignored the role value \"%s\": %s", termtext.Printable(trim(string(value.text)), 200), err,
				),
			)
		}
		return false
	}
	if !seen[role] {
		seen[role] = true
		r.Roles = append(r.Roles, role)
	}
	return true
}

// sessionDuration parses a number of seconds within the bounds of AWS. It returns 0 for
// any other text.
func sessionDuration(text string) time.Duration {
	n, err := strconv.Atoi(text)
	if err != nil || n < 900 || n > 43200 {
		return 0
	}
	return time.Duration(n) * time.Second
}
