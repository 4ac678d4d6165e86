// Package sts exchanges a SAML assertion for temporary credentials at AWS STS. It selects
// the endpoint, the duration and the retries, and explains each refusal. It does not read
// AWS configuration files.
package sts

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/network"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

// Bounds of AssumeRoleWithSAML.
// Source: docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
const (
	maxAssertion = 100_000 // base64 characters
	minDuration  = 15 * time.Minute
	maxDuration  = 12 * time.Hour
	maxAttempts  = 5 // with the backoff of the SDK's standard retryer
)

// DurationMemory stores the longest session that a role allows, so that a refused
// duration is not requested again.
type DurationMemory interface {
	Longest(roleARN string) (time.Duration, bool)
	Remember(roleARN string, d time.Duration) error
}

// Options configures a Client. The zero value uses AWS's public endpoint.
type Options struct {
	Region    string         // "" selects the default region of the role's partition
	Endpoint  string         // URL that replaces AWS's own; https, or http on this machine
	HTTP      *http.Client   // nil selects the SDK's client; redirects are never followed
	FIPS      bool           // use the FIPS endpoint
	DualStack bool           // use the endpoint that also supports IPv6
	Legacy    bool           // use the global endpoint for AWS's oldest regions
	Log       *slog.Logger   // nil logs nothing; bodies are never logged
	Memory    DurationMemory // nil remembers nothing
	Policies  Policies       // session policies
	Subject   string         // expected user of the assertion; "" accepts any
}

// Client calls STS. It is safe for concurrent use if its Memory is.
type Client struct {
	o       Options
	backoff retry.BackoffDelayer // nil selects the SDK's own
}

// New returns a client. It makes no network connection.
func New(o Options) *Client {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.HTTP != nil {
		// A redirect with status 307 would send the assertion to another host.
		c := *o.HTTP
		c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		c.Transport = network.BoundedTransport(cmp.Or(c.Transport, http.DefaultTransport), maxReply)
		o.HTTP = &c
	}
	return &Client{o: o}
}

// maxReply is the maximum size of a reply, in bytes.
const maxReply = 1 << 20

// Assume returns credentials of role for the duration want, or for the maximum of the
// role if that is shorter; if want is 0, STS chooses. notify, which may be nil, shows
// messages to the user. Errors are of kind Config if a setting is invalid, Role if the
// assertion is invalid or STS refuses, Network if STS does not reply, or the error of
// ctx.
func (c *Client) Assume(
	ctx context.Context, assertion secret.Text, role saml.Role, want time.Duration, notify func(msg string),
) (awscreds.Credentials, error) {
	if notify == nil {
		notify = func(string) {}
	}
	if err := check(assertion, role, want); err != nil {
		return awscreds.Credentials{}, err
	}
	rows := assumeRows
	if !c.o.Policies.IsZero() {
		if err := c.o.Policies.check(role); err != nil {
			return awscreds.Credentials{}, err
		}
		rows = slices.Concat(policyRows, assumeRows)
	}
	target, err := c.target(ctx, role.Partition(), notify)
	if err != nil {
		return awscreds.Credentials{}, err
	}
	call := func(d time.Duration) (*awssts.AssumeRoleWithSAMLOutput, error) {
		input := &awssts.AssumeRoleWithSAMLInput{
			PrincipalArn: aws.String(role.Provider), RoleArn: aws.String(role.ARN),
			SAMLAssertion: aws.String(assertion.Reveal()),
		}
		input.PolicyArns, input.Policy = c.o.Policies.input(role)
		if d > 0 {
			input.DurationSeconds = aws.Int32(int32(d / time.Second)) // #nosec G115 -- at most 12 h
		}
		c.o.Log.Debug("calling AWS STS", "host", target.host, "region", target.region, "role", role.ARN, "duration", d)
		return c.client(target, aws.AnonymousCredentials{}).AssumeRoleWithSAML(ctx, input)
	}
	out, err := c.stepDown(role, want, call, notify)
	if err != nil {
		return awscreds.Credentials{}, explain(ctx, err, rows, failing{
			what: "the role " + role.ARN, host: target.host, region: target.region, secrets: []secret.Text{assertion},
		})
	}
	if err := c.checkSubject(out); err != nil {
		return awscreds.Credentials{}, err
	}
	return credentials(out.Credentials, out.AssumedRoleUser, role)
}

// check refuses what STS would refuse, before the assertion is sent.
func check(assertion secret.Text, role saml.Role, want time.Duration) error {
	switch {
	case role.Name() == "":
		return fault.New(fault.Role, "no role is selected")
	case assertion.IsZero():
		return fault.New(fault.Role, "there is no SAML response for AWS STS")
	case assertion.Len() > maxAssertion:
		return fault.Newf(
			fault.Role, "the SAML response has %d characters and AWS STS accepts %d", assertion.Len(), maxAssertion,
		).
			Hint("ask your admin to assign you fewer roles or groups in the AWS application, or to send fewer claims")
	case want != 0 && (want < minDuration || want > maxDuration):
		return fault.Newf(fault.Config, "the duration %s is not between 15 minutes and 12 hours", want)
	}
	return nil
}
