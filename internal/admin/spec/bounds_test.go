package spec

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/fault"
)

// Both sides of every bound: what a spec may just say, and what it may not.
func TestSpecBounds(t *testing.T) {
	policies := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf("'arn:aws:iam::aws:policy/X%d'", i))
		}
		return strings.Join(list, ", ")
	}
	for text, good := range map[string]bool{
		"sign_in: {loopback: 'http://localhost:1/x'}": true, "sign_in: {loopback: 'http://127.0.0.1:1/x'}": true, "sign_in: {loopback: 'http://[::1]:1/x'}": true,
		"sign_in: {loopback: 'https://localhost:1/x'}": false, "sign_in: {loopback: 'http://10.0.0.1:1/x'}": false, "sign_in: {loopback: 'http://localhost.example/x'}": false,
		"sign_in: {loopback: 'http://xlocalhost/x'}": false,
		"sign_in: {regions: [eu-central-1]}":         true, "sign_in: {regions: [cn-north-1]}": false, "sign_in: {regions: [Frankfurt]}": false,
		"sign_in: {only_regions: true}": false, "sign_in: {only_regions: true, regions: [eu-west-1]}": true,
		"application: {claims: {session_duration: 15m}}": true, "application: {claims: {session_duration: 14m59s}}": false,
		"application: {claims: {principal_tags: {a: mail}, transitive_tags: [a]}}":             true,
		"application: {claims: {transitive_tags: [a]}}":                                        false,
		"application: {claims: {principal_tags: {a: mail, b: mail}, transitive_tags: [a, b]}}": false,
		"application: {claims: {session_duration: 12h}}":                                       true, "application: {claims: {session_duration: 12h1s}}": false,
		"application: {certificate_years: 1}": true, "application: {certificate_years: 3}": true, "application: " +
			"{certificate_years: 4}": false, "application: {certificate_years: -1}": false,
		"application: {identifier: 'https://signin.aws.amazon.com/saml#2'}": true, "application: {identifier: " +
			"'https://signin.aws.amazon.com/saml2'}": false,
		"application: {identifier: 'https://evil.example/saml'}": false, "provider: {metadata: 'https://x/y'}": true,
		"roles: [{name: a, session: 1h}]": true, "roles: [{name: a, session: 59m59s}]": false, "roles: [{name: a, " +
			"session: 12h}]": true, "roles: [{name: a, session: 12h1s}]": false,
		"roles: [{name: a, session: 1h500ms}]": false, "roles: [{path: /x/}]": false, "roles: []": false,
		fmt.Sprintf("roles: [{name: a, description: %s}]", strings.Repeat("d", 1000)): true, fmt.Sprintf("roles: [{name: a, description: %s}]", strings.Repeat("d", 1001)): false,
		fmt.Sprintf("roles: [{name: a, policies: [%s]}]", policies(20)): true, fmt.Sprintf("roles: [{name: a, "+
			"policies: [%s]}]", policies(21)): false,
	} {
		checkValid(t, smallSpec+text, good)
	}
}

// checkValid checks that Parse accepts a spec, or rejects it as a config fault.
func checkValid(t *testing.T, text string, valid bool) {
	t.Helper()
	t.Run(text[:min(len(text), 200)], func(t *testing.T) {
		_, err := Parse("o365aws.yaml", []byte(text+"\n"))
		if (err == nil) != valid || err != nil && fault.KindOf(err) != fault.Config {
			t.Errorf("got error %v, want valid = %t", err, valid)
		}
	})
}

// Values of the wrong YAML type are rejected.
func TestSpecShapes(t *testing.T) {
	for text, good := range map[string]bool{
		"cloud: usgov": true, "cloud: mars": false, "partition: mars": false, "provisioning: {style: none}": true, "provisioning: {style: all}": false,
		"provider: {name: 'a b'}": false, "name: '-'": false, "name: a-b": true, "provider: x": false, "provider: {tags: x}": false, "provider: {tags: [x]}": false,
		"provider: {tags: {a: b, a: c}}": false, "provider: {tags: {a: [b]}}": false, "provider: {name: [x]}": false, "provider: {metadata: 'http://idp.example/y'}": false,
		"roles: [x]": false, "roles: {name: a}": false, "roles: [{name: a, adopt: maybe}]": false, "roles: [{name: a, adopt: true}]": true,
		"application: {certificate_years: x}": false, "application: {certificate_years: 1.5}": false, "application: null": true, "provider: {tags: null}": true,
	} {
		checkValid(t, smallSpec+text, good)
	}
	s := parse(t, smallSpec+"provider: {tags: {a: b, c: ''}}\nroles: [{name: a, tags: {d: e}}]")
	if !maps.Equal(s.Provider.Tags, map[string]string{"a": "b", "c": ""}) ||
		!maps.Equal(s.Roles[0].Tags, map[string]string{"d": "e"}) {
		t.Errorf("tags %v and %v", s.Provider.Tags, s.Roles[0].Tags)
	}
}

// Limits of IAM for policies and tags of a role, and of Entra's import for the
// pair of role and provider.
func TestSpecRoleBounds(t *testing.T) {
	for role, good := range map[string]bool{
		"policies: [X, X]": false, "policies: [X, 'arn:aws:iam::aws:policy/X']": false,
		"description: 'für dich'": true, "description: a – b": false,
		"description: " + strings.Repeat("ü", 1000): true, "description: " + strings.Repeat("ü", 1001): false,
		"inline: {own logs: {Statement: []}}": false, "inline: {own-logs: {Statement: [x]}}": false,
		"inline: {p: {Statement: {Effect: Allow, Action: ['s3:Get*', '*'], Resource: '*'}}}": true,
		"inline: {p: {Statement: {Effect: allow, Action: '*', Resource: '*'}}}":              false,
		"inline: {p: {Statement: {Effect: Allow, Action: 's3', Resource: '*'}}}":             false,
		"tags: {Team: a, team: b}": false, "tags: {é: " + strings.Repeat("é", 256) + "}": true,
		"policies: [X, job-function/Y]": true, "policies: ['']": false, "policies: ['a b']": false, "policies: ['a:b']": false,
		"policies: ['arn:aws:iam::123456789012:policy/X']": true, "policies: ['arn:aws:iam::{account}:policy/X']": true,
		"policies: ['arn:aws:iam::12:policy/X']": false, "policies: ['arn:aws:iam::aws:role/X']": false, "policies: ['arn:aws-cn:iam::aws:policy/X']": false,
		"trust: {conditions: {IpAddress: {'aws:SourceIp': [203.0.113.0/24]}}, session_tags: true}": true,
		"trust: {conditions: {StringLike: {'saml:AUD': x}}}":                                       false, "trust: {conditions: [x]}": false,
		"permissions_boundary: X": true, "permissions_boundary: 'arn:aws:s3:::x'": false, "permissions_boundary: " +
			"'a b'": false,
		"tags: {a: b, é: 'x y_.:/=+-@1'}": true, "tags: {'a<': b}": false, "tags: {a: 'b!'}": false, "tags: {'': b}": false,
		"tags: {'aws:x': b}": false, "tags: {'AWS:x': b}": false, "tags: {" + TagKey + ": b}": false,
		"tags: {" + strings.Repeat("k", 128) + ": b}": true, "tags: {" + strings.Repeat("k", 129) + ": b}": false,
		"tags: {a: " + strings.Repeat("v", 256) + "}": true, "tags: {a: " + strings.Repeat("v", 257) + "}": false,
		"tags: {" + manyTags(49) + "}": true, "tags: {" + manyTags(50) + "}": false,
	} {
		checkValid(t, smallSpec+"roles: [{name: a, "+role+"}]", good)
	}
	checkValid(t, smallSpec+"provider: {tags: {a: b}}", true)
	checkValid(t, smallSpec+"provider: {tags: {'aws:x': b}}", false)
	s := parse(t, smallSpec)
	pad := 239 - len(s.RoleValue("123456789012", Role{Name: "a", Path: "//"}))
	for n, style := range map[int]string{pad: StyleImport, pad + 1: StyleNone} {
		role := "roles: [{name: a, path: /" + strings.Repeat("x", n) + "/}]\nprovisioning: {style: "
		checkValid(t, smallSpec+role+style+"}", true)
		checkValid(t, smallSpec+role+StyleMerge+"}", n == pad)
	}
}

func manyTags(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf("k%d: v", i))
	}
	return strings.Join(list, ", ")
}

// Accounts must be valid, listed once, and assume a role of the same account.
func TestSpecAccountBounds(t *testing.T) {
	const tenant, two, org = "tenant: example.com\n", "{id: '123456789012'}, {id: '210987654321'}", "organization: {units: [r-ab12]"
	for text, good := range map[string]bool{
		"": false, "accounts: [{id: '123456789012'}]": true, "accounts: [{name: a}]": false,
		"accounts: [{id: '123456789012', roles: [azure.admin]}]": true, "accounts: [{id: '123456789012', roles: [x]}]": false,
		"accounts: [{id: '123456789012', roles: [azure.admin]}]\n" +
			"assignments: [{group: g, roles: [azure.reader], accounts: ['123456789012']}]": false,
		org + ", roles: [azure.reader]}": true, org + ", roles: [x]}": false,
		"accounts: [" + two + "]": true, "accounts: [{id: '123456789012'}, {id: '123456789012'}]": false,
		"accounts: [{id: '123456789012', assume_role: X, external_id: y}]": true, "accounts: [{id: '123456789012', " +
			"external_id: y}]": false,
		"accounts: [{id: '123456789012', assume_role: 'arn:aws:iam::123456789012:role/X'}]": true,
		"accounts: [{id: '123456789012', assume_role: 'arn:aws:iam::210987654321:role/X'}]": false,
		org + "}": true, "organization: {profile: x}": false, "organization: {units: [ou-ab12-12345678]}": true, "organization: {units: [ou-ab12]}": false, "organization: {units: [x]}": false,
		org + ", accounts: ['123456789012']}": true, org + ", accounts: ['12']}": false, org + ", exclude: " +
			"['123456789012']}": true, org + ", exclude: ['12']}": false,
		org + ", accounts: ['123456789012'], exclude: ['210987654321']}": false,
		org + ", region: eu-west-1}":                                     true, org + ", region: cn-north-1}": false, org + ", region: Frankfurt}": false,
		org + ", max_parallel_percent: 1}": true, org + ", max_parallel_percent: 100}": true, org + ", max_parallel_percent: -1}": false, org + ", max_parallel_percent: 101}": false,
		org + ", failure_tolerance_percent: 100}": true, org + ", failure_tolerance_percent: 101}": false, org + ", failure_tolerance_percent: -1}": false,
		org + ", management: {id: '123456789012'}}": true, org + ", management: {name: x}}": false, org + ", management: {id: '123456789012', external_id: x}}": false,
		org + ", management: {id: '123456789012'}}\naccounts: [" + two + "]": false,
		org + "}\nprovisioning: {style: import}":                             false, "accounts: [" + two + "]\nprovisioning: {style: import}": false,
		"accounts: [" + two + "]\nprovisioning: {style: merge}":                              true,
		"partition: aws-cn\naccounts: [{id: '123456789012'}]":                                true,
		"partition: aws-cn\naccounts: [{id: '123456789012'}]\nprovisioning: {style: import}": false,
		"partition: aws-eusc\nsign_in: {regions: [eusc-de-east-1]}\n" + org + "}":            true,
		"partition: aws-us-gov\nsign_in: {regions: [us-gov-west-1]}\n" + org + "}":           true,
	} {
		checkValid(t, tenant+text, good)
	}
	checkValid(t, "tenant: 'a b'\naccounts: ["+two+"]", false)
	checkValid(t, "accounts: ["+two+"]\nprovider: {metadata: metadata.xml}", true)
}

// An assignment names a user or a group, and existing roles.
func TestSpecAssignmentBounds(t *testing.T) {
	for assignment, good := range map[string]bool{
		"user: a@b.c, roles: [azure.admin]": true, "group: x, roles: [azure.admin, azure.reader]": true,
		"roles: [azure.admin]": false, "user: a@b.c, group: x, roles: [azure.admin]": false, "user: a@b.c": false, "user: a@b.c, roles: []": false,
		"group: x, roles: [azure.admin, other]": false, "group: x, roles: [Azure.admin]": false,
		"group: x, roles: [azure.admin], accounts: [" + strings.Repeat("'123456789012', ", 450) + "]": true,
		"group: x, roles: [azure.admin], accounts: [" + strings.Repeat("'123456789012', ", 600) + "]": false,
		"group: x, roles: [azure.admin], accounts: ['123456789012']":                                  true, "group: x, roles: [azure.admin], " +
			"accounts: ['123456789012', '12']": false,
	} {
		checkValid(t, smallSpec+"assignments: [{"+assignment+"}]", good)
	}
}
