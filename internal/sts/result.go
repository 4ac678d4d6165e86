package sts

import (
	"regexp"
	"strings"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

// assumedARN matches the ARN of a role session, which leaves out the role's
// path. Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
var assumedARN = regexp.MustCompile(
	`^arn:(aws|aws-us-gov|aws-cn):sts::([0-9]{12}):assumed-role/([A-Za-z0-9_+=,.@-]+)/[A-Za-z0-9_+=,.@-]+$`,
)

// credentials takes the keys from an answer, if they are of the chosen role.
// The assertion was read without verifying its signature, so this is where a
// forged one would come to light.
func credentials(out *awssts.AssumeRoleWithSAMLOutput, role saml.Role) (awscreds.Credentials, error) {
	if out == nil || out.Credentials == nil || out.AssumedRoleUser == nil {
		return awscreds.Credentials{}, fault.New(fault.Role, "AWS STS answered without credentials")
	}
	got := aws.ToString(out.AssumedRoleUser.Arn)
	if !sessionOf(got, role) {
		return awscreds.Credentials{}, fault.Newf(
			fault.Role, "AWS STS gave credentials of %s, not of the chosen role %s", termtext.Printable(got, 200),
			role.ARN,
		).Hint("the credentials were discarded; show this line to your admin")
	}
	k := out.Credentials
	if aws.ToString(k.AccessKeyId) == "" || aws.ToString(k.SecretAccessKey) == "" ||
		aws.ToString(k.SessionToken) == "" ||
		k.Expiration == nil {
		return awscreds.Credentials{}, fault.New(fault.Role, "AWS STS answered with incomplete credentials")
	}
	return awscreds.Credentials{
		AccessKeyID: *k.AccessKeyId, SecretAccessKey: secret.New(*k.SecretAccessKey), SessionToken: secret.New(*k.SessionToken),
		Expires: k.Expiration.UTC(), AssumedRoleARN: got,
	}, nil
}

// sessionOf reports whether a session ARN is of the role. Names of roles are
// unique in an account whatever their case, and STS returns them as they were
// created.
func sessionOf(arn string, role saml.Role) bool {
	m := assumedARN.FindStringSubmatch(arn)
	return m != nil && m[1] == role.Partition() && m[2] == role.Account() && strings.EqualFold(m[3], role.Name())
}
