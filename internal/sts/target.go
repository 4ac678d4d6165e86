package sts

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
)

// target is the endpoint for a call.
type target struct {
	region   string
	host     string // for messages
	endpoint string // "" selects that of the region
}

// legacyRegions lists the regions that use the global endpoint with
// sts_regional_endpoints = legacy. The SDK for Go no longer supports that setting.
var legacyRegions = []string{
	"ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1",
	"eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}

// regionName matches region names. A region becomes part of the endpoint's host name.
var regionName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)

// target returns the endpoint for a role in a partition. If the configured region is in
// another partition, it uses the default region of the role's partition.
func (c *Client) target(ctx context.Context, partition string, notify func(string)) (target, error) {
	home, ok := saml.PartitionByID(partition)
	if !ok {
		return target{}, fault.Newf(fault.Role, "the partition %s is not supported", termtext.Printable(partition, 32))
	}
	t := target{region: c.o.Region, endpoint: c.o.Endpoint}
	switch {
	case t.region == "":
		t.region = home.DefaultRegion
	case !regionName.MatchString(t.region) || len(t.region) > 32:
		return target{}, fault.Newf(fault.Config, "%q is not an AWS region", termtext.Printable(t.region, 32)).
			Hint("check region in the profile, AWS_REGION and --region")
	case saml.PartitionOf(t.region).ID != home.ID && !isNew(t.region, home):
		notify(
			fmt.Sprintf(
				"region %s is not in the partition %s of the role; using AWS STS in %s", t.region, home.ID,
				home.DefaultRegion,
			),
		)
		t.region = home.DefaultRegion
	}
	if t.endpoint != "" {
		if c.o.FIPS || c.o.DualStack {
			return target{}, fault.New(
				fault.Config,
				"endpoint_url cannot be combined with use_fips_endpoint or use_dualstack_endpoint",
				"remove those two, or endpoint_url (AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL)",
			)
		}
		return t.at(t.endpoint)
	}
	if c.o.Legacy && !c.o.FIPS && !c.o.DualStack && slices.Contains(legacyRegions, t.region) {
		t.region, t.endpoint = "us-east-1", "https://sts.amazonaws.com"
		return t.at(t.endpoint)
	}
	// Resolve the endpoint here as well as in the SDK, to distinguish an invalid setting
	// from a network failure.
	found, err := awssts.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, awssts.EndpointParameters{
		Region: aws.String(
			t.region,
		), UseFIPS: aws.Bool(c.o.FIPS), UseDualStack: aws.Bool(c.o.DualStack), UseGlobalEndpoint: aws.Bool(false),
	})
	if err != nil {
		return target{}, fault.Wrap(
			fault.Config, err, "no AWS STS endpoint exists in "+t.region+" with these settings",
			"check region, use_fips_endpoint and use_dualstack_endpoint",
		)
	}
	return t.at(found.URI.String())
}

// isNew reports whether a region of no known partition may be a new region of home. Only
// AWS's commercial partition gets regions with new name patterns, and the SDK makes the
// same assumption.
func isNew(region string, home saml.Partition) bool {
	return home.ID == "aws" && saml.PartitionOf(region).ID == ""
}

// Check returns an error if the settings yield no endpoint. Call it before the user signs
// in.
func (c *Client) Check(ctx context.Context) error {
	_, err := c.Endpoint(ctx, c.partition(""))
	return err
}

// partition returns the partition of an ARN, or else of the region, or else aws.
func (c *Client) partition(arn string) string {
	if parts := strings.Split(arn, ":"); len(parts) > 1 {
		return parts[1]
	}
	return cmp.Or(saml.PartitionOf(c.o.Region).ID, "aws")
}

// Endpoint returns the URL of the endpoint for a role in a partition.
func (c *Client) Endpoint(ctx context.Context, partition string) (string, error) {
	t, err := c.target(ctx, partition, func(string) {})
	return cmp.Or(t.endpoint, "https://"+t.host), err
}

// at sets the host from an endpoint URL, which must be https or on this machine.
func (t target) at(endpoint string) (target, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return target{}, fault.New(
			fault.Config, "the STS endpoint is not an https URL",
			"check endpoint_url, AWS_ENDPOINT_URL_STS and AWS_ENDPOINT_URL",
		)
	}
	local := u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
	if u.Scheme == "http" && !local {
		return target{}, fault.Newf(fault.Config, "the STS endpoint at %s is not https", termtext.Printable(u.Host, 100)).
			Hint("plain http is allowed for this machine only: the reply contains keys")
	}
	t.host = u.Host
	return t, nil
}

// client returns the SDK's client for a target. It does not load the SDK's configuration,
// which would read the files that o365aws writes.
func (c *Client) client(t target, creds aws.CredentialsProvider) *awssts.Client {
	o := awssts.Options{
		Region: t.region, Credentials: creds, AppID: "o365aws",
		Retryer: retry.NewStandard(func(s *retry.StandardOptions) {
			s.MaxAttempts = maxAttempts
			s.Backoff = c.backoff
		}),
	}
	if c.o.HTTP != nil {
		o.HTTPClient = c.o.HTTP
	}
	if t.endpoint != "" {
		o.BaseEndpoint = aws.String(t.endpoint)
	}
	if c.o.FIPS {
		o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled
	}
	if c.o.DualStack {
		o.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateEnabled
	}
	return awssts.New(o)
}
