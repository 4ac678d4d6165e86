package sts

import (
	"strings"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

// credentials returns the keys in a reply if they are for the selected role. This detects
// forged assertions, whose signatures this program does not verify.
func credentials(k *types.Credentials, user *types.AssumedRoleUser, role saml.Role) (awscreds.Credentials, error) {
	if k == nil || user == nil {
		return awscreds.Credentials{}, fault.New(fault.Role, "the reply of AWS STS has no credentials")
	}
	got := aws.ToString(user.Arn)
	if !sessionOf(got, role) {
		return awscreds.Credentials{}, fault.Newf(
			fault.Role, "AWS STS returned credentials of %s, not of the selected role %s", termtext.Printable(got, 200),
			role.ARN,
		).Hint("the credentials were discarded; show this line to your admin")
	}
	if aws.ToString(k.AccessKeyId) == "" || aws.ToString(k.SecretAccessKey) == "" ||
		aws.ToString(k.SessionToken) == "" ||
		k.Expiration == nil {
		return awscreds.Credentials{}, fault.New(fault.Role, "the reply of AWS STS has incomplete credentials")
	}
	return awscreds.Credentials{
		AccessKeyID: *k.AccessKeyId, SecretAccessKey: secret.New(*k.SecretAccessKey),
		SessionToken: secret.New(*k.SessionToken),
		Expires:      k.Expiration.UTC(), AssumedRoleARN: got,
	}, nil
}

// checkSubject returns an error if the assertion is for another user. It is used with
// encrypted assertions, which only STS can read.
func (c *Client) checkSubject(out *awssts.AssumeRoleWithSAMLOutput) error {
	if c.o.Subject == "" || out == nil || out.AssumedRoleUser == nil {
		return nil
	}
	arn := aws.ToString(out.AssumedRoleUser.Arn)
	session := arn[strings.LastIndexByte(arn, '/')+1:]
	if strings.EqualFold(aws.ToString(out.Subject), c.o.Subject) || strings.EqualFold(session, c.o.Subject) {
		return nil
	}
	return fault.Newf(
		fault.Auth, "Microsoft signed in %s, but the profile is for %s", termtext.Printable(
			aws.ToString(out.Subject), 100,
		),
		c.o.Subject,
	).Hint("the credentials were discarded; check azure_default_username")
}

// sessionOf reports whether a session ARN belongs to the role. Role names are unique
// within an account regardless of case, and STS returns them in their original case.
func sessionOf(arn string, role saml.Role) bool {
	got, ok := saml.ParseSessionARN(arn)
	return ok && got.Partition == role.Partition() && got.Account == role.Account() &&
		strings.EqualFold(got.Name, role.Name())
}
