// Package saml creates the SAML request of a sign-in to AWS and parses the response. It
// does not verify signatures: AWS STS does. The response is only used to decide what to
// request from STS.
package saml

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// Partition is an AWS partition.
type Partition struct {
	ID            string // aws, aws-us-gov, ...; "" if unknown
	ACS           string // URL that receives the SAML response; "" for an isolated partition
	DefaultRegion string // region of STS if none is set
	Console       string // host of the AWS console
}

// names holds the host and region names of a partition.
type names struct {
	Partition
	signIn  []string // domains of the sign-in hosts
	regions []string // prefixes of region names
}

// The ACS of aws-eusc is inferred from the endpoint of the signin service in the AWS SDK
// and the paths of the other partitions.
// Sources: docs.aws.amazon.com/general/latest/gr/signin-service.html,
// docs.amazonaws.cn/en_us/aws/latest/userguide/endpoints-Beijing.html,
// docs.aws.amazon.com/govcloud-us/latest/UserGuide/using-govcloud-endpoints.html,
// docs.aws.eu/esc/latest/gr/endpoints.html, and the endpoint rules of the AWS SDK
var partitions = []names{
	{
		Partition{
			"aws-us-gov", "https://signin.amazonaws-us-gov.com/saml", "us-gov-west-1", "console.amazonaws-us-gov.com",
		},
		[]string{"signin.amazonaws-us-gov.com", "signin-fips.amazonaws-us-gov.com"},
		[]string{"us-gov-", "aws-us-gov-"},
	},
	{
		Partition{"aws-cn", "https://signin.amazonaws.cn/saml", "cn-north-1", "console.amazonaws.cn"},
		[]string{"signin.amazonaws.cn"},
		[]string{"cn-", "aws-cn-"},
	},
	{
		Partition{
			"aws-eusc", "https://eusc-de-east-1.signin.amazonaws-eusc.eu/saml", "eusc-de-east-1",
			"console.amazonaws-eusc.eu",
		},
		[]string{"signin.amazonaws-eusc.eu"},
		[]string{"eusc-"},
	},
	{
		Partition{"aws-iso", "", "us-iso-east-1", ""},
		[]string{"signin.c2shome.ic.gov"},
		[]string{"us-iso-", "aws-iso-global"},
	},
	{
		Partition{"aws-iso-b", "", "us-isob-east-1", ""},
		[]string{"signin.sc2shome.sgov.gov"},
		[]string{"us-isob-", "aws-iso-b-"},
	},
	{
		Partition{"aws-iso-e", "", "eu-isoe-west-1", ""},
		[]string{"signin.csphome.adc-e.uk"},
		[]string{"eu-isoe-", "aws-iso-e-"},
	},
	{
		Partition{"aws-iso-f", "", "us-isof-south-1", ""},
		[]string{"signin.csphome.hci.ic.gov"},
		[]string{"us-isof-", "aws-iso-f-"},
	},
	{
		Partition{"aws", "https://signin.aws.amazon.com/saml", "us-east-1", "console.aws.amazon.com"},
		[]string{"signin.aws.amazon.com"},
		[]string{"us-", "eu-", "ap-", "sa-", "ca-", "me-", "af-", "il-", "mx-", "aws-global"},
	},
}

// Isolated reports whether the partition is not connected to the internet.
func (p Partition) Isolated() bool { return p.ID != "" && p.ACS == "" }

// PartitionOf returns the partition of a region, or the zero Partition if it is unknown.
// An empty region is in aws.
func PartitionOf(region string) Partition {
	if region == "" {
		return commercial()
	}
	for _, p := range partitions {
		for _, start := range p.regions {
			if strings.HasPrefix(region, start) {
				return p.Partition
			}
		}
	}
	return Partition{}
}

// Home returns the partition of a profile: that of its region, or else of its role, or
// else the one that corresponds to the Microsoft cloud.
func Home(region, role, cloud string) Partition {
	if region != "" {
		return PartitionOf(region)
	}
	if p, ok := PartitionByID(Role{ARN: role}.Partition()); ok {
		return p
	}
	switch cloud {
	case "usgov":
		return PartitionOf("us-gov-")
	case "china":
		return PartitionOf("cn-")
	}
	return commercial()
}

func commercial() Partition { return partitions[len(partitions)-1].Partition }

// PartitionByID returns the partition with the given ID in ARNs. Isolated partitions are
// not supported.
func PartitionByID(id string) (Partition, bool) {
	for _, p := range partitions {
		if p.ID == id && !p.Isolated() {
			return p.Partition, true
		}
	}
	return Partition{}, false
}

// PartitionByACS returns the partition with the given default assertion consumer service.
func PartitionByACS(acs string) (Partition, bool) {
	for _, p := range partitions {
		if p.ACS == acs && acs != "" {
			return p.Partition, true
		}
	}
	return Partition{}, false
}

// SignInDomains returns the domains of the sign-in hosts of all partitions. A host may be
// preceded by a region and followed by the domain of Microsoft Defender for Cloud Apps.
func SignInDomains() []string {
	var domains []string
	for _, p := range partitions {
		domains = append(domains, p.signIn...)
	}
	return domains
}

// otherSignIn matches sign-in hosts with a region in the middle, such as those of
// dual-stack and FIPS endpoints.
var otherSignIn = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^signin(-fips)?\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|amazonaws\.eu|` +
		`api\.aws|api\.amazonwebservices\.(com\.cn|eu)|c2s\.ic\.gov|api\.aws\.ic\.gov|sc2s\.sgov\.gov|api\.aws\.scloud|` +
		`cloud\.adc-e\.uk|api\.cloud-aws\.adc-e\.uk|csp\.hci\.ic\.gov|api\.aws\.hci\.ic\.gov)$`)
})

// IsSignInHost reports whether a host is a sign-in host of AWS.
func IsSignInHost(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".mcas.ms")
	for _, domain := range SignInDomains() {
		front, found := strings.CutSuffix(host, domain)
		region, dot := strings.CutSuffix(front, ".")
		if found && (front == "" || dot && consists(region, isOfRegion)) {
			return true
		}
	}
	return otherSignIn().MatchString(host)
}

func isOfRegion(b byte) bool { return isDigit(b) || 'a' <= b && b <= 'z' || b == '-' }

// acsPath matches the path of an ACS; a provider with encrypted assertions has its own.
var acsPath = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^/saml(/|/acs/[A-Za-z0-9_-]+/?)?$`)
})

// IsACS reports whether a POST to u sends a SAML response to AWS.
// Source: docs.aws.amazon.com/general/latest/gr/signin-service.html
func IsACS(u *url.URL) bool {
	if u == nil || u.Scheme != "https" || (u.Port() != "" && u.Port() != "443") {
		return false
	}
	return IsSignInHost(u.Hostname()) && acsPath().MatchString(u.Path)
}
