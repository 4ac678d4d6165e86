// Package saml creates the SAML request of a sign-in to AWS and parses the response.
// It does not verify signatures: AWS STS does, and the response is only used to
// choose what to request from STS.
package saml

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// Partition is one of the separate clouds of AWS.
type Partition struct {
	ID            string // aws, aws-us-gov, aws-cn
	ACS           string // URL that takes the SAML response, without a region
	DefaultRegion string // where to ask STS when no region is set
}

// Sources: docs.aws.amazon.com/general/latest/gr/signin-service.html,
// docs.amazonaws.cn/en_us/aws/latest/userguide/endpoints-Beijing.html,
// docs.aws.amazon.com/govcloud-us/latest/UserGuide/using-govcloud-endpoints.html
var partitions = [...]Partition{
	{"aws", "https://signin.aws.amazon.com/saml", "us-east-1"},
	{"aws-us-gov", "https://signin.amazonaws-us-gov.com/saml", "us-gov-west-1"},
	{"aws-cn", "https://signin.amazonaws.cn/saml", "cn-north-1"},
}

// PartitionOf returns the partition of a region; the empty region is in aws.
func PartitionOf(region string) Partition {
	switch {
	case strings.HasPrefix(region, "us-gov-"):
		return partitions[1]
	case strings.HasPrefix(region, "cn-"):
		return partitions[2]
	}
	return partitions[0]
}

// Home returns the partition that a profile is of: its region's, else its
// role's, else the one that goes with the cloud of Microsoft.
func Home(region, role, cloud string) Partition {
	if region != "" {
		return PartitionOf(region)
	}
	if p, ok := PartitionByID(Role{ARN: role}.Partition()); ok {
		return p
	}
	switch cloud {
	case "usgov":
		return partitions[1]
	case "china":
		return partitions[2]
	}
	return partitions[0]
}

// PartitionByID returns the partition called id in ARNs.
func PartitionByID(id string) (Partition, bool) {
	for _, p := range partitions {
		if p.ID == id {
			return p, true
		}
	}
	return Partition{}, false
}

// PartitionByACS returns the partition with a global assertion consumer
// service.
func PartitionByACS(acs string) (Partition, bool) {
	for _, p := range partitions {
		if p.ACS == acs {
			return p, true
		}
	}
	return Partition{}, false
}

// acsHost matches the sign-in hosts of AWS, with or without a region, and as
// Microsoft Defender for Cloud Apps rewrites them.
var acsHost = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(
		`^([a-z0-9-]+\.)?signin\.(aws\.amazon\.com|amazonaws-us-gov\.com|amazonaws\.cn)(\.mcas\.ms)?$`,
	)
})

// acsPath matches the path of an ACS; a provider with encrypted assertions has
// one of its own.
var acsPath = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^/saml(/|/acs/[A-Za-z0-9_-]+/?)?$`)
})

// IsACS reports whether a POST to u hands a SAML response to AWS.
// Source: docs.aws.amazon.com/general/latest/gr/signin-service.html
func IsACS(u *url.URL) bool {
	if u == nil || u.Scheme != "https" || (u.Port() != "" && u.Port() != "443") {
		return false
	}
	return acsHost().MatchString(strings.ToLower(u.Hostname())) && acsPath().MatchString(u.Path)
}
