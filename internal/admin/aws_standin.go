package admin

import (
	"context"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

// What stands in for AWS at an endpoint of its own, moto's server above all,
// knows less than AWS. It is met where that would stop a set-up there, and
// nowhere else: AWS itself is always taken at its word.

// standsIn reports whether a client asks at another endpoint than AWS's.
func standsIn(endpoint *string) bool { return endpoint != nil }

// unknownThere reports whether the answer is that of a server which does not
// know the call: none of AWS's errors.
func unknownThere(err error) bool {
	var reply *awshttp.ResponseError
	return errors.As(err, &reply) && reply.HTTPStatusCode() >= http.StatusInternalServerError && code(err) == ""
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
