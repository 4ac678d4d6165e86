package sts

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

// MaxChained is the maximum session duration with role chaining.
// Source: docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const MaxChained = time.Hour

// Chain is a role to assume with the credentials of another role.
type Chain struct {
	RoleARN    string
	ExternalID string // "" for none
	Session    string // name of the role session: the same as that of the first role
}

// AssumeChained returns credentials of the role of a chain. AWS preserves the source
// identity and transitive tags of creds.
func (c *Client) AssumeChained(
	ctx context.Context, creds awscreds.Credentials, chain Chain, want time.Duration,
) (awscreds.Credentials, error) {
	role := saml.Role{ARN: chain.RoleARN}
	if err := c.o.Policies.check(role); err != nil {
		return awscreds.Credentials{}, err
	}
	t, err := c.target(ctx, role.Partition(), func(msg string) { c.o.Log.Debug(msg) })
	if err != nil {
		return awscreds.Credentials{}, err
	}
	input := &awssts.AssumeRoleInput{RoleArn: aws.String(role.ARN), RoleSessionName: aws.String(chain.Session)}
	input.PolicyArns, input.Policy = c.o.Policies.input(role)
	if chain.ExternalID != "" {
		input.ExternalId = aws.String(chain.ExternalID)
	}
	if want > 0 {
		input.DurationSeconds = aws.Int32(int32(min(want, MaxChained) / time.Second))
	}
	static := awscredentials.NewStaticCredentialsProvider(
		creds.AccessKeyID, creds.SecretAccessKey.Reveal(), creds.SessionToken.Reveal(),
	)
	out, err := c.client(t, static).AssumeRole(ctx, input)
	if err != nil {
		return awscreds.Credentials{}, explain(ctx, err, slices.Concat(chainRows, policyRows, identityRows), failing{
			what: "the role " + role.ARN, host: t.host, region: t.region,
			secrets: []secret.Text{creds.SecretAccessKey, creds.SessionToken, secret.New(chain.ExternalID)},
		})
	}
	return credentials(out.Credentials, out.AssumedRoleUser, role)
}

// NewChain returns the chain for command line arguments. Errors are of kind Config.
func NewChain(roleARN, externalID string) (Chain, error) {
	if roleARN == "" && externalID != "" {
		return Chain{}, fault.New(fault.Config, "--external-id requires --assume")
	}
	if _, ok := saml.ParseRoleARN(roleARN); !ok && roleARN != "" {
		return Chain{}, fault.Newf(fault.Config, "--assume %q is not the ARN of a role", roleARN).
			Hint("an example is arn:aws:iam::111122223333:role/deploy")
	}
	return Chain{RoleARN: roleARN, ExternalID: externalID}, nil
}

// chainRows explains refusals of AssumeRole.
var chainRows = []row{
	{"AccessDenied", "", "the role of the sign-in may not assume it, or its trust policy does not allow the session", []string{
		"ask your admin to allow sts:AssumeRole in the policy of the first role and in the trust policy of the second",
		"the trust policy may require --external-id; for sessions with a source identity it must allow sts:SetSourceIdentity, " +
			"and for session tags sts:TagSession",
	}},
	{"ValidationError", "role chaining", "AWS limits sessions of chained roles to one hour", []string{
		"use --duration 1h or less",
	}},
}
