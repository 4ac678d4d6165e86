package aws

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/o365aws/o365aws/internal/network"
)

// limits bounds the SDK's calls, including those it makes to get credentials:
// most have no limits of their own.
type limits struct {
	answer      time.Duration // until a response begins; its body may take as long again
	credentials time.Duration // until there are credentials
	reply       int64         // bytes of a response
}

// orUsual returns l with defaults. The longest response holds an escaped
// CloudFormation template of up to 1 MB.
func (l limits) orUsual() limits {
	return limits{cmp.Or(l.answer, time.Minute), cmp.Or(l.credentials, 2*time.Minute), cmp.Or(l.reply, 16<<20)}
}

// options returns the SDK options that apply the limits to all its clients.
func (l limits) options(proxy func(*http.Request) (*url.URL, error)) []func(*config.LoadOptions) error {
	client := awshttp.NewBuildableClient().WithTimeout(2 * l.answer).WithTransportOptions(func(t *http.Transport) {
		t.ResponseHeaderTimeout = l.answer
		if proxy != nil {
			t.Proxy = proxy
		}
	})
	return []func(*config.LoadOptions) error{
		config.WithHTTPClient(client),
		config.WithEndpointCredentialOptions(
			func(o *endpointcreds.Options) { o.HTTPClient = client },
		), // which ignores WithHTTPClient
		config.WithAPIOptions([]func(*middleware.Stack) error{l.boundAnswers}),
	}
}

// shared returns a client with one set of connections for all accounts: the SDK
// would open one for each, with its own handshake and buffers.
func (l limits) shared(client aws.HTTPClient) aws.HTTPClient {
	buildable, ok := client.(*awshttp.BuildableClient)
	if !ok {
		return client
	}
	return &http.Client{
		Transport: network.BoundedTransport(buildable.GetTransport(), l.reply), Timeout: buildable.GetTimeout(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// boundAnswers bounds the responses of the clients that the SDK creates for
// credentials before there is a shared one.
func (l limits) boundAnswers(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("o365aws:Bound", func(
		ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
	) (middleware.DeserializeOutput, middleware.Metadata, error) {
		out, metadata, err := next.HandleDeserialize(ctx, in)
		if r, ok := out.RawResponse.(*smithyhttp.Response); ok && r.Response != nil && r.Request != nil {
			network.BoundBody(r.Response, r.Request.URL.Host, l.reply)
		}
		return out, metadata, err
	}), middleware.After)
}

// unanswered reports calls that timed out as not retryable: a proxy that drops
// everything would be waited for ten times.
func unanswered(err error) aws.Ternary {
	var late interface{ Timeout() bool }
	if errors.As(err, &late) && late.Timeout() {
		return aws.FalseTernary
	}
	return aws.UnknownTernary
}

// patient is a credentials provider with a time limit. The SDK kills a
// credential_process after a minute, but waits for its children.
type patient struct {
	next  aws.CredentialsProvider
	limit time.Duration
}

// errLate has no comma: messages show what follows the last one.
var errLate = errors.New("timed out")

// Retrieve implements aws.CredentialsProvider.
func (p patient) Retrieve(ctx context.Context) (aws.Credentials, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, p.limit, errLate)
	defer cancel()
	found, err := p.next.Retrieve(ctx)
	if err != nil && context.Cause(ctx) == errLate {
		err = errLate
	}
	return found, err
}
