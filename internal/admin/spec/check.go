package spec

import (
	"fmt"
	"net"
	"net/url"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/o365aws/o365aws/internal/saml"
)

// checker collects the problems of a spec.
type checker struct {
	spec     *Spec
	problems []problem
}

func (c *checker) complain(path, hint, format string, args ...any) {
	c.problems = append(c.problems, problem{c.spec.positions.at(path), path, fmt.Sprintf(format, args...), hint})
}

// check returns the problems that the shape of the file does not reveal.
func (s *Spec) check() []problem {
	c := &checker{spec: s}
	c.patterns(reflect.ValueOf(s).Elem(), "")
	c.signIn()
	c.application()
	c.roles()
	c.accounts()
	c.organization()
	c.provisioning()
	c.assignments()
	c.assertionSize()
	return c.problems
}

// patterns checks each value against the pattern or the enum of its tag.
func (c *checker) patterns(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			c.patterns(v.Elem(), path)
		}
	case reflect.Slice:
		for i := range v.Len() {
			c.patterns(v.Index(i), path+"["+strconv.Itoa(i)+"]")
		}
	case reflect.Struct:
		for _, f := range fieldsOf(v.Type()) {
			at, value := join(path, f.name), v.Field(f.index)
			if value.Kind() == reflect.String {
				c.pattern(at, value.String(), f)
				continue
			}
			c.patterns(value, at)
		}
	}
}

func (c *checker) pattern(path, value string, f field) {
	if value == "" {
		return
	}
	if pattern := f.tag.Get("pattern"); pattern != "" && !regexp.MustCompile(pattern).MatchString(value) {
		c.complain(path, "use "+f.tag.Get("form"), "invalid value %q", value)
	}
	if enum := f.tag.Get("enum"); enum != "" {
		for _, word := range strings.Split(enum, ",") {
			if word == value {
				return
			}
		}
		c.complain(path, "use one of "+strings.ReplaceAll(enum, ",", ", "), "unknown value %q", value)
	}
}

var region = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]$`)

func (c *checker) signIn() {
	s := c.spec
	for i, name := range s.SignIn.Regions {
		path := fmt.Sprintf("sign_in.regions[%d]", i)
		if !region.MatchString(name) {
			c.complain(path, "", "%q is not an AWS region", name)
		} else if saml.PartitionOf(name).ID != s.Partition {
			c.complain(path, "", "region %s is not in the partition %s", name, s.Partition)
		}
	}
	if s.SignIn.OnlyRegions && len(s.SignIn.Regions) == 0 {
		c.complain("sign_in.only_regions", "", "requires sign_in.regions")
	}
	if loopback := s.SignIn.Loopback; loopback != "" {
		u, err := url.Parse(loopback)
		if err != nil || u.Scheme != "http" || u.Hostname() != "localhost" && !net.ParseIP(u.Hostname()).IsLoopback() {
			c.complain(
				"sign_in.loopback", "e.g. http://localhost:8365/saml", "%q is not an http URL on this machine", loopback,
			)
		}
	}
}

func (c *checker) application() {
	s := c.spec
	if d := time.Duration(s.Application.Claims.SessionDuration); d != 0 && (d < 15*time.Minute || d > 12*time.Hour) {
		c.complain("application.claims.session_duration", "", "is not between 15m and 12h")
	}
	if tags := s.Application.Claims.TransitiveTags; len(tags) > 1 {
		c.complain("application.claims.transitive_tags", "keep one tag", "a claims policy can send only one tag name")
	} else if len(tags) == 1 && s.Application.Claims.PrincipalTags[tags[0]] == "" {
		c.complain("application.claims.transitive_tags[0]", "add it to principal_tags", "no session tag %q", tags[0])
	}
	if years := s.Application.CertificateYears; years < 1 || years > 3 {
		c.complain("application.certificate_years", "", "%d is not between 1 and 3", years)
	}
	if base, _, _ := strings.Cut(s.Application.Identifier, "#"); base != PartitionOf(s.Partition).ACS {
		c.complain(
			"application.identifier", "use "+PartitionOf(s.Partition).ACS+", with #2 for a second application",
			"AWS does not accept %q", s.Application.Identifier,
		)
	}
	if m := s.Provider.Metadata; strings.HasPrefix(m, "http://") {
		c.complain("provider.metadata", "", "http is not secure: use https, or a file")
	}
	c.tags("provider.tags", s.Provider.Tags)
}

// Limits of IAM, docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	maxManaged     = 20 // 10 by default
	maxDescription = 1000
	maxTags        = 49 // 50, and ours
	MaxPair        = 240
)

func (c *checker) roles() {
	s := c.spec
	if len(s.Roles) == 0 {
		c.complain("roles", "", "has no roles")
	}
	seen := map[string]bool{}
	for i, r := range s.Roles {
		path := fmt.Sprintf("roles[%d]", i)
		if r.Name == "" {
			c.complain(path, "", "has no name")
			continue
		}
		// IAM does not distinguish names by case.
		if seen[strings.ToLower(r.Name)] {
			c.complain(path+".name", "", "role %s is listed twice", r.Name)
		}
		seen[strings.ToLower(r.Name)] = true
		if d := time.Duration(r.Session); d < time.Hour || d > 12*time.Hour || d%time.Second != 0 {
			c.complain(path+".session", "", "is not between 1h and 12h")
		}
		c.description(path+".description", r.Description)
		c.inline(path+".inline", r.Inline)
		if len(r.Policies) > maxManaged {
			c.complain(path+".policies", "", "IAM allows at most %d managed policies for a role", maxManaged)
		}
		// Entra's import silently skips longer pairs.
		if pair := len(s.RoleValue("123456789012", r)); pair >= MaxPair && s.Provisioning.Style != StyleNone {
			c.complain(
				path+".name", "shorten the role, its path or the provider's name",
				"the ARNs of role and provider are %d characters; Entra accepts at most %d", pair, MaxPair-1,
			)
		}
		for operator, keys := range r.Trust.Conditions {
			for key := range keys {
				if strings.EqualFold(key, audienceKey) {
					c.complain(path+".trust.conditions", "set sign_in", "%s: %s is set by o365aws", operator, key)
				}
			}
		}
		c.policies(path, r)
		c.tags(path+".tags", r.Tags)
	}
}

var policyARN = regexp.MustCompile(`^arn:[a-z-]+:iam::(aws|[0-9]{12}|\{account\}):policy/[!-~]+$`)

func (c *checker) policies(path string, r Role) {
	seen := map[string]bool{}
	for i, policy := range r.Policies {
		at := fmt.Sprintf("%s.policies[%d]", path, i)
		arn := c.spec.PolicyARN("{account}", policy)
		if seen[arn] {
			c.complain(at, "", "%s is listed twice", policy)
		}
		seen[arn] = true
		c.policyName(at, policy)
	}
	if r.Boundary != "" {
		c.policyName(path+".permissions_boundary", r.Boundary)
	}
}

func (c *checker) policyName(at, policy string) {
	if strings.HasPrefix(policy, "arn:") {
		if !policyARN.MatchString(policy) {
			c.complain(
				at, "e.g. arn:aws:iam::aws:policy/AdministratorAccess, or arn:aws:iam::{account}:policy/NAME",
				"%q is not a policy ARN", policy,
			)
		} else if !strings.HasPrefix(policy, "arn:"+c.spec.Partition+":") {
			c.complain(at, "", "%s is not in the partition %s", policy, c.spec.Partition)
		}
		return
	}
	if policy == "" || strings.ContainsAny(policy, " :") {
		c.complain(at, "", "%q is not a policy name", policy)
	}
}

// isTagText reports whether IAM accepts text as the key or value of a tag.
// Source: docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html
func isTagText(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.Z, unicode.N) && !strings.ContainsRune("_.:/=+-@", r)
	})
}

func (c *checker) tags(path string, tags map[string]string) {
	if len(tags) > maxTags {
		c.complain(path, "", "IAM allows %d tags in addition to the tag of o365aws", maxTags)
	}
	c.sameTags(path, tags)
	for key, value := range tags {
		if strings.HasPrefix(strings.ToLower(key), "aws:") || utf8.RuneCountInString(key) > 128 || utf8.RuneCountInString(value) > 256 || key == "" {
			c.complain(join(path, key), "", "is not a valid IAM tag")
		}
		if !isTagText(key) || !isTagText(value) {
			c.complain(
				join(path, key), "letters, digits, spaces and _ . : / = + - @",
				"has characters that IAM tags do not allow",
			)
		}
		if key == TagKey {
			c.complain(join(path, key), "", "is reserved: o365aws tags what it creates with it")
		}
	}
}
