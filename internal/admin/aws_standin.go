package admin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

// What stands in for AWS at an endpoint of its own, moto's server above all,
// knows less than AWS. It is met where that would stop a set-up there, and
// nowhere else: AWS itself is always taken at its word.

// standsIn reports whether a client asks something else than AWS. An endpoint
// of the settings may be AWS's own, as a company's in its network is.
func standsIn(endpoint *string) bool {
	if endpoint == nil {
		return false
	}
	address, err := url.Parse(*endpoint)
	return err == nil && !slices.ContainsFunc(awsDomains, func(domain string) bool {
		return strings.HasSuffix("."+strings.ToLower(strings.TrimSuffix(address.Hostname(), ".")), "."+domain)
	})
}

// awsDomains are those of the endpoints of the partitions that a spec may be
// for: dual-stack, FIPS and VPC endpoints too.
// Source: partitions.json of AWS's SDKs, and
// docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html
var awsDomains = []string{"amazonaws.com", "amazonaws.com.cn", "api.aws", "api.amazonwebservices.com.cn"}

// unknownThere reports whether the answer is that of a server which does not
// know the call: none of AWS's errors.
func unknownThere(err error) bool {
	var reply *awshttp.ResponseError
	if !errors.As(err, &reply) {
		return false
	}
	status := reply.HTTPStatusCode()
	return status == http.StatusNotImplemented || status >= http.StatusInternalServerError && code(err) == ""
}

// deleteLeft takes away the stacks that a deletion by units left there: moto
// reads the list of accounts only, which AWS refuses for a service-managed set.
func (o inOrganization) deleteLeft(ctx context.Context, client *cloudformation.Client) error {
	left, err := o.instances(ctx, client)
	if err != nil || len(left) == 0 {
		return err
	}
	_, err = client.DeleteStackInstances(ctx, &cloudformation.DeleteStackInstancesInput{
		StackSetName: aws.String(o.spec.Organization.StackSet), CallAs: o.callAs(), Accounts: keysOf(left),
		Regions: []string{o.spec.Organization.Region}, RetainStacks: aws.Bool(false),
	})
	return err
}
