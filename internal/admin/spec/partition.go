package spec

import (
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/graph"
	"github.com/o365aws/o365aws/internal/saml"
)

// PartitionOf returns the partition of an id that the spec's check has accepted.
func PartitionOf(id string) saml.Partition {
	p, _ := saml.PartitionByID(id)
	return p
}

// GraphCloud returns the Microsoft cloud of the spec, which the check has accepted.
func (s *Spec) GraphCloud() graph.Cloud {
	c, _ := graph.CloudByName(s.Cloud)
	return c
}

// regionalACS returns the sign-in endpoint of a region. That of us-east-1 has no
// region in its name; those of aws-eusc always have one.
// Source: docs.aws.amazon.com/general/latest/gr/signin-service.html
func regionalACS(p saml.Partition, region string) string {
	if region == "us-east-1" {
		return p.ACS
	}
	if strings.HasPrefix(p.ACS, "https://"+p.DefaultRegion+".") {
		return strings.Replace(p.ACS, p.DefaultRegion, region, 1)
	}
	return "https://" + region + "." + strings.TrimPrefix(p.ACS, "https://")
}

// ReplyURLs returns the application's reply URLs, which are also the values of
// SAML:aud in every trust policy. AWS compares SAML:aud with the
// Recipient, which is the reply URL that Entra sent the response to.
func (s *Spec) ReplyURLs() []string {
	p := PartitionOf(s.Partition)
	var urls []string
	if !s.SignIn.OnlyRegions {
		urls = append(urls, p.ACS)
	}
	for _, region := range s.SignIn.Regions {
		urls = append(urls, regionalACS(p, region))
	}
	if s.SignIn.Loopback != "" {
		urls = append(urls, s.SignIn.Loopback)
	}
	var once []string
	for _, u := range urls {
		if !slices.Contains(once, u) {
			once = append(once, u)
		}
	}
	return once
}
