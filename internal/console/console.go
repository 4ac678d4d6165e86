// Package console returns URLs that sign a browser in to the AWS console with temporary
// credentials. It supports the hosts of each partition.
package console

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

// Target is the console page to open.
type Target struct {
	Partition string // aws, aws-us-gov, aws-cn or aws-eusc
	Region    string // "" for the console's default
	Service   string // "" for the home page
}

// issuer is the page to which the console redirects when the session expires.
const issuer = "https://myapps.microsoft.com/"

// Destination returns the URL of the console page.
func Destination(t Target) (string, error) {
	p, ok := saml.PartitionByID(t.Partition)
	if !ok {
		return "", fault.Newf(fault.Config, "no console for partition %q", t.Partition)
	}
	path, err := pathOf(t.Service)
	if err != nil {
		return "", err
	}
	u := url.URL{Scheme: "https", Host: p.Console, Path: "/" + path + "/home"}
	if t.Region != "" {
		if !region.MatchString(t.Region) {
			return "", fault.Newf(fault.Config, "invalid --region %q", t.Region).
				Hint("use a region name, e.g. eu-central-1")
		}
		u.RawQuery = url.Values{"region": {t.Region}}.Encode()
	}
	return u.String(), nil
}

var (
	region  = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]+$`)
	service = regexp.MustCompile(`^[a-z0-9-]+(/[A-Za-z0-9._-]+)*$`)
)

// paths maps short names, and services whose path differs from their name, to console
// paths.
var paths = map[string]string{
	"": "console", "cfn": "cloudformation", "cw": "cloudwatch", "logs": "cloudwatch", "ddb": "dynamodbv2",
	"dynamodb": "dynamodbv2",
	"ec2":      "ec2/v2", "param": "systems-manager/parameters", "r53": "route53/v2", "redshift": "redshiftv2",
	"route53": "route53/v2",
	"sfn":     "states", "sns": "sns/v3", "sqs": "sqs/v3", "ssm": "systems-manager", "sso": "singlesignon",
	"stepfunctions": "states",
}

// pathOf returns the console path of a service.
func pathOf(name string) (string, error) {
	if path, ok := paths[name]; ok {
		return path, nil
	}
	if !service.MatchString(name) {
		return "", fault.Newf(fault.Config, "invalid --service %q", name).
			Hint("use the path in the URL of its console page, e.g. s3, ec2, cloudformation, " +
				"systems-manager/parameters")
	}
	return name, nil
}

// Services returns service names for completion. Other console paths work too.
func Services() []string {
	names := []string{
		"athena", "billing", "cloudformation", "cloudfront", "cloudtrail", "cloudwatch", "ecr", "ecs", "eks", "iam",
		"kms", "lambda", "rds", "s3", "secretsmanager", "vpc",
	}
	for name := range paths {
		if name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// maxAnswer is the maximum size of a response, in bytes.
const maxAnswer = 1 << 20

// URL exchanges credentials for a sign-in token and returns a URL that signs in with it,
// valid for 15 minutes. The keys are sent in a POST body, because proxies log the query
// of a GET.
// Source:
// docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html
func URL(ctx context.Context, client *http.Client, creds awscreds.Credentials, t Target) (secret.Text, error) {
	destination, err := Destination(t)
	if err != nil {
		return secret.Text{}, err
	}
	p, _ := saml.PartitionByID(t.Partition)
	endpoint := strings.TrimSuffix(p.ACS, "/saml") + "/federation"
	token, err := signinToken(ctx, client, endpoint, creds)
	if err != nil {
		return secret.Text{}, err
	}
	return secret.New(endpoint + "?" + url.Values{
		"Action": {"login"}, "Issuer": {issuer}, "Destination": {destination}, "SigninToken": {token.Reveal()},
	}.Encode()), nil
}

func signinToken(
	ctx context.Context, client *http.Client, endpoint string, creds awscreds.Credentials,
) (secret.Text, error) {
	session, err := json.Marshal(map[string]string{
		"sessionId": creds.AccessKeyID, "sessionKey": creds.SecretAccessKey.Reveal(),
		"sessionToken": creds.SessionToken.Reveal(),
	})
	if err != nil {
		return secret.Text{}, err
	}
	form := url.Values{"Action": {"getSigninToken"}, "Session": {string(session)}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return secret.Text{}, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	once := *client // do not follow redirects, which would send the keys to another host
	once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := once.Do(r)
	if err != nil {
		if ctx.Err() != nil {
			return secret.Text{}, ctx.Err()
		}
		return secret.Text{}, fault.Wrap(
			fault.Network, cause(err), "cannot reach the AWS sign-in endpoint", fault.ReachAdvice,
		)
	}
	defer func() { _ = response.Body.Close() }()
	var answer struct{ SigninToken string }
	err = json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(&answer)
	if response.StatusCode != http.StatusOK || err != nil || answer.SigninToken == "" {
		// The body is not shown, because it may contain a key.
		return secret.Text{}, fault.Newf(
			fault.Role, "the AWS sign-in endpoint refused the credentials (status %d)", response.StatusCode,
		).
			Hint("sign in again: o365aws login --force")
	}
	return secret.New(answer.SigninToken), nil
}

// cause removes the URL from an error of net/http.
func cause(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
