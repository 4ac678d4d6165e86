package admin

import "strings"

// partition is what differs between the separate clouds of AWS.
type partition struct {
	id     string
	acs    string // where sign-ins arrive, without a region
	host   string // suffix of the regional sign-in hosts
	region string // where IAM's calls are signed for
}

// Sources: docs.aws.amazon.com/general/latest/gr/signin-service.html,
// docs.aws.amazon.com/general/latest/gr/iam-service.html and the like of the
// other partitions.
var partitions = []partition{
	{"aws", "https://signin.aws.amazon.com/saml", "signin.aws.amazon.com", "us-east-1"},
	{"aws-us-gov", "https://signin.amazonaws-us-gov.com/saml", "signin.amazonaws-us-gov.com", "us-gov-west-1"},
	{"aws-cn", "https://signin.amazonaws.cn/saml", "signin.amazonaws.cn", "cn-northwest-1"},
}

func partitionOf(id string) partition {
	for _, p := range partitions {
		if p.id == id {
			return p
		}
	}
	return partitions[0]
}

// contains reports whether a region is of the partition.
func (p partition) contains(region string) bool {
	switch {
	case strings.HasPrefix(region, "us-gov-"):
		return p.id == "aws-us-gov"
	case strings.HasPrefix(region, "cn-"):
		return p.id == "aws-cn"
	}
	return p.id == "aws"
}

// regional is the sign-in endpoint of a region. That of us-east-1 has no
// region in its name.
func (p partition) regional(region string) string {
	if region == "us-east-1" {
		return p.acs
	}
	return "https://" + region + "." + p.host + "/saml"
}

// ReplyURLs are where sign-ins may arrive: the application's reply URLs, and
// the SAML:aud of every trust policy. AWS compares SAML:aud with the
// Recipient, which is the reply URL that Entra sent the response to.
func (s *Spec) ReplyURLs() []string {
	p := partitionOf(s.Partition)
	var urls []string
	add := func(url string) {
		for _, u := range urls {
			if u == url {
				return
			}
		}
		urls = append(urls, url)
	}
	if !s.SignIn.NoDefault {
		add(p.acs)
	}
	for _, region := range s.SignIn.Regions {
		add(p.regional(region))
	}
	if s.SignIn.Loopback != "" {
		add(s.SignIn.Loopback)
	}
	return urls
}
