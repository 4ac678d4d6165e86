package sts

import (
	"context"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// Identity calls GetCallerIdentity, which needs no permission. account and arn are safe
// to print. Errors are of the same kinds as those of Assume.
func (c *Client) Identity(ctx context.Context, creds awscreds.Credentials) (account, arn string, err error) {
	if creds.AccessKeyID == "" || creds.SecretAccessKey.IsZero() {
		return "", "", fault.New(fault.Role, "there are no credentials to check", "run o365aws login")
	}
	t, err := c.target(ctx, c.partition(creds.AssumedRoleARN), func(msg string) { c.o.Log.Debug(msg) })
	if err != nil {
		return "", "", err
	}
	static := awscredentials.NewStaticCredentialsProvider(
		creds.AccessKeyID, creds.SecretAccessKey.Reveal(), creds.SessionToken.Reveal(),
	)
	out, err := c.client(t, static).GetCallerIdentity(ctx, &awssts.GetCallerIdentityInput{})
	if err != nil {
		return "", "", explain(ctx, err, identityRows, failing{
			what: "these credentials", host: t.host, region: t.region,
			secrets: []secret.Text{creds.SecretAccessKey, creds.SessionToken},
		})
	}
	return termtext.Printable(aws.ToString(out.Account), 32), termtext.Printable(aws.ToString(out.Arn), 2048), nil
}
