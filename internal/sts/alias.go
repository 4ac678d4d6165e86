package sts

import (
	"context"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/o365aws/o365aws/internal/saml"
)

// MinDuration is the shortest session that STS gives.
const MinDuration = minDuration

// Alias asks IAM for the alias of the account that credentials are of; "" when
// it has none. Errors say that the role may not ask, or that IAM could not be
// reached: neither is worth more than a word.
func (c *Client) Alias(ctx context.Context, creds awscreds.Credentials) (string, error) {
	region := saml.PartitionOf(c.o.Region).DefaultRegion
	o := iam.Options{
		Region: region, AppID: "o365aws", Retryer: retry.NewStandard(func(s *retry.StandardOptions) { s.MaxAttempts = maxAttempts }),
		Credentials: awscredentials.NewStaticCredentialsProvider(
			creds.AccessKeyID, creds.SecretAccessKey.Reveal(), creds.SessionToken.Reveal(),
		),
	}
	if c.o.HTTP != nil {
		o.HTTPClient = c.o.HTTP
	}
	out, err := iam.New(o).ListAccountAliases(ctx, &iam.ListAccountAliasesInput{MaxItems: aws.Int32(1)})
	if err != nil || len(out.AccountAliases) == 0 {
		return "", err
	}
	return termtext.Printable(out.AccountAliases[0], maxAlias), nil
}

// maxAlias is the longest that IAM allows.
const maxAlias = 63
