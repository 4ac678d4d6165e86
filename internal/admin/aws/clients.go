package aws

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"

	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
)

// Clients holds the clients of each account. Unlike a sign-in, they use the
// credentials that the AWS CLI would use.
type Clients struct {
	Profile string // for accounts that name none
	Region  string // for the spec's partition; "" is its default
	// Proxy returns the proxy for a request; nil reads the environment as net/http does.
	Proxy func(*http.Request) (*url.URL, error)
	// Code prompts for a code of the MFA device that a role of the profile
	// requires; nil does not prompt.
	Code func(ctx context.Context, device string) (string, error)
	// Record is called with each attempt of a call. It may be nil.
	Record func(service, operation string, status int, code string)

	limits   limits
	asking   sync.Mutex
	mu       sync.Mutex
	profiles map[string]aws.Config
	entrance map[string]*sts.Client     // by profile: a client keeps some 60 kB
	accounts map[string]*accountClients // by account and its credentials

	proof sync.Mutex
	units []string // of the organization, verified to exist
}

// accountClients are the clients of one account, with credentials for it.
type accountClients struct {
	iam *iam.Client
	cfg aws.Config

	mu     sync.Mutex
	proved bool // the credentials belong to the account
}

// maxAttempts bounds how often a throttled or failed call is tried. The quota
// of an account is shared by all its callers.
const (
	maxAttempts = 10
	maxBackoff  = 20 * time.Second
)

// profile returns the SDK's configuration of a profile, loaded once.
func (c *Clients) profile(ctx context.Context, s *spec.Spec, name string) (aws.Config, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if name == "" {
		name = c.Profile
	}
	if cfg, ok := c.profiles[name]; ok {
		return cfg, nil
	}
	limits := c.limits.orUsual()
	options := append(limits.options(c.Proxy),
		config.WithAppID("o365aws"),
		config.WithAPIOptions([]func(*middleware.Stack) error{c.recordCalls}),
		config.WithLogger(logging.Nop{}), // the SDK would write to stderr
		config.WithAssumeRoleCredentialOptions(c.withCode(ctx)),
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts, o.MaxBackoff = maxAttempts, maxBackoff
				// The SDK's quota of retries is shared: many accounts that are each
				// throttled a little would use it up.
				o.RateLimiter = ratelimit.None
				o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(unanswered)}, o.Retryables...)
			})
		}),
	)
	if name != "" {
		options = append(options, config.WithSharedConfigProfile(name))
	}
	if c.Region != "" {
		options = append(options, config.WithRegion(c.Region))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return cfg, fault.Wrap(
			fault.Config, err, "the AWS configuration cannot be read", "check the profile and AWS_PROFILE",
		)
	}
	if cfg.Region == "" || saml.PartitionOf(cfg.Region).ID != s.Partition {
		cfg.Region = spec.PartitionOf(s.Partition).DefaultRegion
	}
	cfg.HTTPClient, cfg.Credentials = limits.shared(cfg.HTTPClient), patient{cfg.Credentials, limits.credentials}
	if c.profiles == nil {
		c.profiles = map[string]aws.Config{}
	}
	c.profiles[name] = cfg
	return cfg, nil
}

// withCode sets the prompt for MFA codes, which the SDK leaves to its caller.
func (c *Clients) withCode(ctx context.Context) func(*stscreds.AssumeRoleOptions) {
	return func(o *stscreds.AssumeRoleOptions) {
		if o.SerialNumber == nil || c.Code == nil {
			return
		}
		o.TokenProvider = func() (string, error) {
			c.asking.Lock() // one prompt at a time
			defer c.asking.Unlock()
			return c.Code(ctx, *o.SerialNumber)
		}
	}
}

// account returns the clients of an account.
func (c *Clients) account(ctx context.Context, s *spec.Spec, a spec.Account) (*accountClients, error) {
	cfg, err := c.profile(ctx, s, a.Profile)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key := strings.Join([]string{a.ID, a.Profile, a.AssumeRole, a.ExternalID}, " ")
	if clients, ok := c.accounts[key]; ok {
		return clients, nil
	}
	if arn := (inAccount{clients: c, spec: s, account: a}).assumed(); arn != "" {
		door := c.entrance[a.Profile]
		if door == nil {
			door = sts.NewFromConfig(cfg)
			if c.entrance == nil {
				c.entrance = map[string]*sts.Client{}
			}
			c.entrance[a.Profile] = door
		}
		cfg = cfg.Copy()
		cfg.Credentials = aws.NewCredentialsCache(
			stscreds.NewAssumeRoleProvider(door, arn, func(o *stscreds.AssumeRoleOptions) {
				o.RoleSessionName = "o365aws-admin"
				if a.ExternalID != "" {
					o.ExternalID = aws.String(a.ExternalID)
				}
			}),
		)
	}
	clients := &accountClients{iam: iam.NewFromConfig(cfg), cfg: cfg}
	if c.accounts == nil {
		c.accounts = map[string]*accountClients{}
	}
	c.accounts[key] = clients
	return clients, nil
}
