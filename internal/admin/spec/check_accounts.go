package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/termtext"
)

var (
	accountNumber = regexp.MustCompile(`^[0-9]{12}$`)
	guid          = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	tenantName    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]+$`)
)

// maxStackSet is the maximum length of the name of a stack set.
const maxStackSet = 128

// isUnit reports whether text is the id of a root or of an organizational unit:
// r-ROOT or ou-ROOT-UNIT. A regular expression with these counts would be
// compiled at every start of the program.
func isUnit(text string) bool {
	if root, ok := strings.CutPrefix(text, "r-"); ok {
		return isUnitPart(root, 4)
	}
	rest, ok := strings.CutPrefix(text, "ou-")
	root, unit, _ := strings.Cut(rest, "-")
	return ok && isUnitPart(root, 4) && isUnitPart(unit, 8)
}

// isUnitPart reports whether text has at least shortest and at most 32 lower-case
// letters and digits.
func isUnitPart(text string, shortest int) bool {
	return len(text) >= shortest && len(text) <= 32 &&
		!strings.ContainsFunc(text, func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') })
}

// IsGUID reports whether text is a GUID.
func IsGUID(text string) bool { return guid.MatchString(text) }

// IsAccountNumber reports whether text is the number of an AWS account.
func IsAccountNumber(text string) bool { return accountNumber.MatchString(text) }

func (c *checker) accounts() {
	s := c.spec
	if s.Tenant != "" && !tenantName.MatchString(s.Tenant) {
		c.complain("tenant", "e.g. example.onmicrosoft.com", "%q is neither a GUID nor a domain", s.Tenant)
	}
	if s.Tenant == "" && s.Provider.Metadata == MetadataTenant {
		c.complain("tenant", "e.g. tenant: example.onmicrosoft.com", "is missing")
	}
	if len(s.Accounts) == 0 && s.Organization == nil {
		c.complain(
			"accounts", `e.g. accounts: [{id: "123456789012"}]`, "missing: the spec has neither accounts nor an "+
				"organization",
		)
	}
	seen := map[string]bool{}
	for i, a := range s.Accounts {
		path := fmt.Sprintf("accounts[%d]", i)
		c.account(path, a)
		if seen[a.ID] {
			c.complain(path+".id", "", "account %s is listed twice", a.ID)
		}
		seen[a.ID] = true
	}
}

func (c *checker) account(path string, a Account) {
	if a.ID == "" {
		c.complain(path, `e.g. id: "123456789012"`, "has no id")
	}
	if strings.HasPrefix(a.AssumeRole, "arn:") && !strings.Contains(a.AssumeRole, ":"+a.ID+":role/") {
		c.complain(path+".assume_role", "", "is not a role of account %s", a.ID)
	}
	c.roleNames(path+".roles", a.Roles)
	if a.ExternalID != "" && a.AssumeRole == "" {
		c.complain(path+".external_id", "", "requires assume_role")
	}
}

func (c *checker) organization() {
	o := c.spec.Organization
	if o == nil {
		return
	}
	if len(o.Targets) > 0 && len(o.Units)+len(o.Accounts)+len(o.Exclude)+len(o.Roles) > 0 {
		c.complain("organization.targets", "", "set either targets, or units, accounts, exclude and roles")
	}
	if len(o.Targets) == 0 {
		c.target("organization", Target{
			Name: "-", Units: o.Units, Accounts: o.Accounts, Exclude: o.Exclude, Roles: o.Roles,
		})
	}
	names := map[string]bool{}
	for i, t := range o.Targets {
		path := fmt.Sprintf("organization.targets[%d]", i)
		c.target(path, t)
		if n := len(o.StackSet + "-" + t.Name); n > maxStackSet {
			c.complain(path+".name", "shorten it, or set organization.stack_set",
				"makes the name of the stack set %d characters long; CloudFormation accepts %d", n, maxStackSet)
		}
		if names[t.Name] {
			c.complain(path+".name", "", "target %s is listed twice", t.Name)
		}
		names[t.Name] = true
	}
	if !region.MatchString(o.Region) || saml.PartitionOf(o.Region).ID != c.spec.Partition {
		c.complain("organization.region", "", "%q is not a region of the partition %s", o.Region, c.spec.Partition)
	}
	if o.MaxParallel < 1 || o.MaxParallel > 100 {
		c.complain("organization.max_parallel_percent", "", "%d is not between 1 and 100", o.MaxParallel)
	}
	if o.Tolerance < 0 || o.Tolerance > 100 {
		c.complain("organization.failure_tolerance_percent", "", "%d is not between 0 and 100", o.Tolerance)
	}
	if o.Management != nil {
		c.account("organization.management", *o.Management)
		if slices.ContainsFunc(c.spec.Accounts, func(a Account) bool { return a.ID == o.Management.ID }) {
			c.complain("organization.management.id", "", "account %s is also listed under accounts", o.Management.ID)
		}
	}
}

// target checks a part of an organization.
func (c *checker) target(path string, t Target) {
	if t.Name == "" {
		c.complain(path, "e.g. name: production", "has no name")
	}
	if len(t.Units) == 0 {
		c.complain(path, "units: [r-xxxx] selects the root, so all accounts", "has no units")
	}
	for i, unit := range t.Units {
		if !isUnit(unit) {
			c.complain(
				fmt.Sprintf("%s.units[%d]", path, i),
				"aws organizations list-roots, list-organizational-units-for-parent",
				"%q is neither a root (r-...) nor a unit (ou-...)", unit,
			)
		}
	}
	for key, list := range map[string][]string{"accounts": t.Accounts, "exclude": t.Exclude} {
		for i, account := range list {
			if !IsAccountNumber(account) {
				c.complain(
					fmt.Sprintf("%s.%s[%d]", path, key, i), "write it in quotes",
					"%q is not an account number", account,
				)
			}
		}
	}
	if len(t.Accounts) > 0 && len(t.Exclude) > 0 {
		c.complain(path+".exclude", "", "set either accounts or exclude, not both")
	}
	c.roleNames(path+".roles", t.Roles)
}

func (c *checker) provisioning() {
	s := c.spec
	if s.Provisioning.Style != StyleImport {
		return
	}
	if s.several() {
		c.complain(
			"provisioning.style",
			"style: merge writes the roles of all accounts into the application, without user and key",
			"Entra's import supports one account for each application",
		)
	}
	if s.Partition != "aws" {
		c.complain(
			"provisioning.style", "use style: merge", "Entra's import does not support the partition %s", s.Partition,
		)
	}
}

func (c *checker) assignments() {
	s := c.spec
	for i, a := range s.Assignments {
		path := fmt.Sprintf("assignments[%d]", i)
		if (a.User == "") == (a.Group == "") {
			c.complain(path, "", "needs either a user or a group")
		}
		if len(a.Roles) == 0 {
			c.complain(path, "", "names no roles")
		}
		c.roleNames(path+".roles", a.Roles)
		for j, account := range a.Accounts {
			if !IsAccountNumber(account) {
				c.complain(
					fmt.Sprintf("%s.accounts[%d]", path, j), "write it in quotes", "%q is not an account number", account,
				)
			}
			for _, role := range a.Roles {
				if !slices.ContainsFunc(s.RolesIn(account), func(r Role) bool { return r.Name == role }) {
					c.complain(fmt.Sprintf("%s.accounts[%d]", path, j), "", "account %s has no role %q", account, role)
				}
			}
		}
	}
}

// roleNames checks that the spec has the roles of a list.
func (c *checker) roleNames(path string, list []string) {
	var names []string
	for _, r := range c.spec.Roles {
		names = append(names, r.Name)
	}
	for i, role := range list {
		if slices.Contains(names, role) {
			continue
		}
		hint := "the roles are " + strings.Join(names, ", ")
		if near := termtext.Nearest(role, names); near != "" {
			hint = "did you mean " + near + "?"
		}
		c.complain(fmt.Sprintf("%s[%d]", path, i), hint, "no role %q in the spec", role)
	}
}
