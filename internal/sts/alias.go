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

// MinDuration is the shortest session that STS allows.
const MinDuration = minDuration

// Alias returns the alias of the account of creds, or "" if it has none. It fails if the
// role may not list aliases or IAM cannot be reached.
func (c *Client) Alias(ctx context.Context, creds awscreds.Credentials) (string, error) {
	home, _ := saml.PartitionByID(c.partition(creds.AssumedRoleARN))
	o := iam.Options{
		Region: home.DefaultRegion, AppID: "o365aws", Retryer: retry.NewStandard(
			func(s *retry.StandardOptions) { s.MaxAttempts = maxAttempts },
		),
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

// maxAlias is the maximum length of an alias.
const maxAlias = 63
