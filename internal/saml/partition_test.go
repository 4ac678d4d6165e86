package saml

import (
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/signin"

	"github.com/o365aws/o365aws/internal/fault"
)

// The region determines the partition, and each partition has a valid ACS.
func TestPartitionOf(t *testing.T) {
	for region, id := range map[string]string{
		"": "aws", "us-east-1": "aws", "eu-central-1": "aws", "us-gov-west-1": "aws-us-gov", "cn-north-1": "aws-cn",
		"mx-central-1": "aws", "aws-global": "aws", "eusc-de-east-1": "aws-eusc",
	} {
		t.Run(region, func(t *testing.T) {
			p := PartitionOf(region)
			u, err := url.Parse(p.ACS)
			if p.ID != id || err != nil || !IsACS(u) {
				t.Errorf("%q: %+v %v", region, p, err)
			}
			if again, ok := PartitionByID(id); !ok || again != p || PartitionOf(p.DefaultRegion).ID != id {
				t.Errorf("%q: %+v", id, again)
			}
		})
	}
	for _, region := range []string{"cnx", "x-cn-1", "x-us-gov-1", "nz-north-1", "mars"} {
		if p := PartitionOf(region); p.ID != "" || p.ACS != "" || p.Isolated() {
			t.Errorf("%q: got %+v, want no partition", region, p)
		}
	}
	for region, id := range map[string]string{
		"us-iso-east-1": "aws-iso", "us-isob-east-1": "aws-iso-b", "eu-isoe-west-1": "aws-iso-e", "us-isof-south-1": "aws-iso-f",
	} {
		if p := PartitionOf(region); p.ID != id || !p.Isolated() {
			t.Errorf("%q: got %+v, want the isolated partition %s", region, p, id)
		}
	}
	for _, id := range []string{"aws-moon", "aw", "gov", "", "aws-iso"} {
		if p, ok := PartitionByID(id); ok {
			t.Errorf("%q was found: %+v", id, p)
		}
	}
}

// An endpoint that looks like AWS's is not an ACS.
func TestIsNotACS(t *testing.T) {
	for _, raw := range []string{
		"", "/saml", "https:///saml", "https://signin.aws.amazon.com", "https://signin.aws.amazon.com/saml/acs/", "https://signin.aws.amazon.com/saml/acs/a/b",
		"https://signin.aws.amazon.com/x/saml", "https://signin.aws.amazon.com:4430/saml", "httpsx://signin.aws.amazon.com/saml", "xhttps://signin.aws.amazon.com/saml",
		"https://signin.aws.amazon.com/samlx", "https://a.b.signin.aws.amazon.com/saml", "https://signin.aws.amazon.com@evil.example/saml",
		"https://signin.aws.amazon.com.mcas.ms.evil.example/saml", "https://signin-aws.amazon.com/saml", "wss://signin.aws.amazon.com/saml",
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if IsACS(u) {
			t.Errorf("%s was accepted", raw)
		}
	}
	if u, err := url.Parse("https://SignIn.AWS.amazon.com:443/saml"); err != nil || !IsACS(u) {
		t.Errorf("upper case was rejected: %v", err)
	}
	if IsACS(nil) {
		t.Error("nil was accepted")
	}
}

// Every sign-in host of the AWS SDK is recognized, and no other host is.
func TestSignInHosts(t *testing.T) {
	for _, region := range []string{
		"us-east-1", "us-gov-west-1", "us-gov-east-1", "cn-north-1", "eusc-de-east-1", "us-iso-east-1", "us-isob-east-1",
		"eu-isoe-west-1", "us-isof-south-1",
	} {
		for _, fips := range []bool{false, true} {
			for _, dual := range []bool{false, true} {
				endpoint, err := signin.NewDefaultEndpointResolverV2().ResolveEndpoint(t.Context(), signin.EndpointParameters{
					Region: aws.String(region), UseFIPS: aws.Bool(fips), UseDualStack: aws.Bool(dual),
				})
				if err != nil {
					continue // not supported by the partition
				}
				u := endpoint.URI
				u.Path = "/saml"
				if !IsACS(&u) {
					t.Errorf("%s, FIPS %v, dual stack %v: %s is not a sign-in host", region, fips, dual, u.Host)
				}
			}
		}
	}
	for _, host := range []string{
		"signin.evil.example", "signin.us-east-1.amazonaws.com.evil.example", "evilsignin.aws.amazon.com",
		"a.b.signin.aws.amazon.com", "signin.api.aws", "xsignin.us-east-1.api.aws", "signin-fips.us-east-1.evil-aws.com",
	} {
		if IsSignInHost(host) {
			t.Errorf("%s was accepted", host)
		}
	}
}

// A tenant or host from a shared settings file cannot produce another URL.
func TestRequestURLRefused(t *testing.T) {
	for _, row := range [][2]string{
		{"evil.example/x", "contoso.example"},
		{"a@evil.example", "contoso.example"},
		{"", "contoso.example"},
		{"login.microsoftonline.com", ""},
		{"login.microsoftonline.com", "../x"},
		{"login.microsoftonline.com", "a/b"},
		{"login.microsoftonline.com", "a?b"},
		{"login\u202e", "contoso.example"},
		{"login.microsoftonline.com", "a\u202e"},
	} {
		if got, err := (AuthnRequest{}).URL(row[0], row[1], ""); fault.KindOf(err) != fault.Config || got != "" ||
			strings.Contains(err.Error(), "\u202e") {
			t.Errorf("%q gave %q", row, got)
		}
	}
}

// A profile without a region is in the partition of its role, or else in that of the
// Microsoft cloud.
func TestHome(t *testing.T) {
	const role = ":iam::111122223333:role/azure.reader"
	for _, row := range []struct{ region, role, cloud, want string }{
		{"", "", "global", "aws"},
		{"", "", "usgov", "aws-us-gov"},
		{"", "", "china", "aws-cn"},
		{"", "arn:aws" + role, "usgov", "aws"},
		{"", "arn:aws-cn" + role, "global", "aws-cn"},
		{"", "azure.*", "china", "aws-cn"},
		{"eu-central-1", "arn:aws-cn" + role, "china", "aws"},
		{"cn-north-1", "", "global", "aws-cn"},
		{"eusc-de-east-1", "", "global", "aws-eusc"},
		{"", "arn:aws-eusc" + role, "global", "aws-eusc"},
		{"nz-north-1", "arn:aws" + role, "global", ""},
	} {
		if got := Home(row.region, row.role, row.cloud).ID; got != row.want {
			t.Errorf("%+v: %s", row, got)
		}
	}
}
