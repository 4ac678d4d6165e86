package fakecloud

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// application is the enterprise application "AWS Single-Account Access".
type application struct {
	id          string   // GUID
	name        string   // display name
	identifiers []string // identifierUris
	replyURLs   []string // web.redirectUris; the first is the default
}

// LoopbackACS is the reply URL for a sign-in in the user's own browser.
const LoopbackACS = "http://localhost:8365/saml"

// awsApplication returns an application with a reply URL for each partition, for some
// regions, and for a listener on this machine. The part after # in an identifier
// distinguishes applications of a tenant.
func awsApplication(scenario string) application {
	app := application{
		id: "b9f0a3de-51c7-4c9c-8e07-2f6b8d4a7c11", name: "AWS Single-Account Access",
		identifiers: []string{
			"https://signin.aws.amazon.com/saml", "https://signin.aws.amazon.com/saml#2",
			"https://signin.amazonaws.cn/saml", "https://signin.amazonaws-us-gov.com/saml",
			"https://eusc-de-east-1.signin.amazonaws-eusc.eu/saml",
		},
		replyURLs: []string{
			"https://signin.aws.amazon.com/saml",
			"https://us-west-2.signin.aws.amazon.com/saml",
			"https://eu-west-1.signin.aws.amazon.com/saml",
			"https://eu-central-1.signin.aws.amazon.com/saml",
			"https://signin.amazonaws-us-gov.com/saml",
			"https://us-gov-east-1.signin.amazonaws-us-gov.com/saml",
			"https://signin.amazonaws.cn/saml",
			"https://cn-north-1.signin.amazonaws.cn/saml",
			"https://eusc-de-east-1.signin.amazonaws-eusc.eu/saml",
			LoopbackACS,
		},
	}
	if scenario == "regional-reply-urls" {
		app.replyURLs = slices.DeleteFunc(app.replyURLs, func(u string) bool {
			return !strings.HasSuffix(u, ".signin.aws.amazon.com/saml")
		})
	}
	return app
}

// audience returns the audience of an assertion for an identifier.
func audience(identifier string) string {
	before, _, _ := strings.Cut(identifier, "#")
	return before
}

// partitionOfACS returns the AWS partition of a reply URL. A listener on localhost
// belongs to the partition aws.
func partitionOfACS(acs string) string {
	switch {
	case strings.Contains(acs, "amazonaws.cn/"):
		return "aws-cn"
	case strings.Contains(acs, "amazonaws-us-gov.com/"):
		return "aws-us-gov"
	case strings.Contains(acs, "amazonaws-eusc.eu/"):
		return "aws-eusc"
	}
	return "aws"
}

// iamRole is a role of an AWS account that trusts the tenant.
type iamRole struct {
	arn        string
	providers  []string // of the trust policy
	maxSession time.Duration
	audiences  []string // SAML:aud of the trust policy
}

// account returns the account ID of the role.
func (r iamRole) account() string { return strings.Split(r.arn, ":")[4] }

// name returns the role's name without its path.
func (r iamRole) name() string { return r.arn[strings.LastIndex(r.arn, "/")+1:] }

var partitionIDs = []string{"aws", "aws-us-gov", "aws-cn", "aws-eusc"}

// newIAM creates the roles that exist in AWS, in every partition, by ARN.
func (c *Cloud) newIAM() map[string]iamRole {
	maxSession := 12 * time.Hour
	if c.opts.Scenario == "sts-duration" {
		maxSession = time.Hour
	}
	roles := make(map[string]iamRole)
	for _, partition := range partitionIDs {
		var audiences []string
		for _, acs := range c.app.replyURLs {
			if partitionOfACS(acs) == partition {
				audiences = append(audiences, acs)
			}
		}
		for _, r := range c.claimedRoles(partition) {
			r.maxSession, r.audiences = maxSession, audiences
			roles[r.arn] = r
		}
	}
	return roles
}

func newRole(partition, account, path string) iamRole {
	return iamRole{
		arn:       fmt.Sprintf("arn:%s:iam::%s:role/%s", partition, account, path),
		providers: []string{fmt.Sprintf("arn:%s:iam::%s:saml-provider/AzureAD", partition, account)},
	}
}

// claimedRoles returns the roles that the application claims for its users, in the order
// of the assertion (unsorted).
func (c *Cloud) claimedRoles(partition string) []iamRole {
	switch c.opts.Scenario {
	case "no-roles":
		return nil
	case "one-role":
		return []iamRole{newRole(partition, "111122223333", "azure.admin")}
	case "fifty-roles":
		var roles []iamRole
		for i := range 50 {
			roles = append(roles, newRole(partition, fmt.Sprintf("%012d", 100000000000+i*1111), "azure.admin"))
		}
		return roles
	case "many-roles":
		names := []string{
			"azure.admin", "azure.reader", "billing", "teams/data/engineer", "support", "Break-Glass_1",
			"deploy@prod",
		}
		var roles []iamRole
		for i := range 250 {
			roles = append(roles, newRole(partition, fmt.Sprintf("%012d", 100000000000+i%40*1111), names[i/40]))
		}
		return roles
	}
	return []iamRole{
		newRole(partition, "444455556666", "azure.reader"),
		newRole(partition, "111122223333", "azure.admin"),
		newRole(partition, "444455556666", "azure.admin"),
		newRole(partition, "111122223333", "azure.reader"),
	}
}

// roleValues returns the values of the Role attribute. AWS accepts role and
// provider in either order, and real applications send both.
func (c *Cloud) roleValues(partition string) []string {
	roles := c.claimedRoles(partition)
	var values []string
	for i, r := range roles {
		pair := []string{r.arn, r.providers[0]}
		if i%2 == 1 {
			slices.Reverse(pair)
		}
		values = append(values, strings.Join(pair, ","))
	}
	if c.opts.Scenario == "odd-roles" {
		values[0] = "  " + strings.Replace(values[0], ",", " , ", 1) + "\n"
		values = append(values,
			values[1], // a duplicate
			"arn:aws:iam::111122223333:role/alone",
			"arn:aws:iam::111122223333:role/a,arn:aws:iam::111122223333:role/b",
			"arn:aws:iam::12345:role/short,arn:aws:iam::12345:saml-provider/AzureAD",
			"arn:aws:iam::111122223333:role/\u202enimda\u0085,arn:aws:iam::111122223333:saml-provider/AzureAD",
			"")
	}
	return values
}
