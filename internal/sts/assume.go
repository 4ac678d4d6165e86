// Package sts trades a SAML assertion for temporary credentials at AWS
// STS. It owns where STS is asked, for how long, how often, and what each of
// its refusals means to a person. It reads no AWS configuration of its own:
// the shared files are what the result is written to.
package sts

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
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
	maxAttempts  = 5 // with pauses that double, as the SDK's standard retryer makes them
)

// DurationMemory keeps the longest session that a role is known to allow, so
// that STS is not asked again for what it has refused.
type DurationMemory interface {
	Longest(roleARN string) (time.Duration, bool)
	Remember(roleARN string, d time.Duration) error
}

// Options say how STS is reached. The zero value asks AWS's public endpoint.
type Options struct {
	Region    string         // "" is the default region of the role's partition
	Endpoint  string         // URL in place of AWS's own; https, or http to this machine
	HTTP      *http.Client   // nil is the SDK's own client; redirects are never followed
	FIPS      bool           // ask the FIPS endpoint
	DualStack bool           // ask the endpoint that also answers by IPv6
	Legacy    bool           // ask the global endpoint in AWS's first regions
	Log       *slog.Logger   // nil is silent; no bodies are ever logged
	Memory    DurationMemory // nil forgets
}

// Client asks STS. It is safe for use by several goroutines when the Memory
// is.
type Client struct {
	o       Options
	backoff retry.BackoffDelayer // nil is the SDK's own
}

// New returns a client; it does not touch the network.
func New(o Options) *Client {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.HTTP != nil {
		// A redirect with status 307 would carry the assertion to another host.
		c := *o.HTTP
		c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		c.Transport = network.BoundedTransport(cmp.Or(c.Transport, http.DefaultTransport), maxAnswer)
		o.HTTP = &c
	}
	return &Client{o: o}
}

// maxAnswer bounds an answer of STS, in bytes.
const maxAnswer = 1 << 20

// Assume returns credentials of role for want, or for as long as the role
// allows when that is less; 0 leaves the duration to STS. notify, which may be
// nil, is told what a person should know. Errors are of kind Config when a
// setting is wrong, Role when the assertion or STS says no, Network when STS
// does not answer, and the context's own error when that has ended.
func (c *Client) Assume(
	ctx context.Context, assertion secret.Text, role saml.Role, want time.Duration, notify func(msg string),
) (awscreds.Credentials, error) {
	if notify == nil {
		notify = func(string) {}
	}
	if err := check(assertion, role, want); err != nil {
		return awscreds.Credentials{}, err
	}
	target, err := c.target(ctx, role.Partition(), notify)
	if err != nil {
		return awscreds.Credentials{}, err
	}
	ask := func(d time.Duration) (*awssts.AssumeRoleWithSAMLOutput, error) {
		input := &awssts.AssumeRoleWithSAMLInput{
			PrincipalArn: aws.String(role.Provider), RoleArn: aws.String(role.ARN),
			SAMLAssertion: aws.String(assertion.Reveal()),
		}
		if d > 0 {
			input.DurationSeconds = aws.Int32(int32(d / time.Second)) // #nosec G115 -- at most 12 h
		}
		c.o.Log.Debug("asking AWS STS", "host", target.host, "region", target.region, "role", role.ARN, "duration", d)
		return c.client(target, aws.AnonymousCredentials{}).AssumeRoleWithSAML(ctx, input)
	}
	out, err := c.stepDown(role, want, ask, notify)
	if err != nil {
		return awscreds.Credentials{}, explain(ctx, err, assumeRows, failing{
			what: "the role " + role.ARN, host: target.host, region: target.region, secrets: []secret.Text{assertion},
		})
	}
	return credentials(out, role)
}

// check refuses what STS would refuse anyway, without handing it the
// assertion.
func check(assertion secret.Text, role saml.Role, want time.Duration) error {
	switch {
	case role.Name() == "":
		return fault.New(fault.Role, "no role was chosen")
	case assertion.IsZero():
		return fault.New(fault.Role, "there is no SAML response to give to AWS STS")
	case assertion.Len() > maxAssertion:
		return fault.Newf(fault.Role, "the SAML response has %d characters and AWS STS accepts %d", assertion.Len(), maxAssertion).
			Hint("ask your admin to assign you fewer roles or groups in the AWS application, or to send fewer claims")
	case want != 0 && (want < minDuration || want > maxDuration):
		return fault.Newf(fault.Config, "the duration %s is not between 15 minutes and 12 hours", want)
	}
	return nil
}
