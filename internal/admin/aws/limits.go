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

// limits bound what the SDK waits for, both where it is told to ask and where
// it asks by itself to get credentials: it has none of its own for most.
type limits struct {
	answer      time.Duration // until an answer begins; it may take as long again
	credentials time.Duration // until there are credentials
	reply       int64         // of an answer, in bytes
}

// orUsual fills in what is not set. The longest answer holds a template of
// CloudFormation, which may be 1 MB and is escaped.
func (l limits) orUsual() limits {
	return limits{cmp.Or(l.answer, time.Minute), cmp.Or(l.credentials, 2*time.Minute), cmp.Or(l.reply, 16<<20)}
}

// options have the SDK make all its clients so.
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
		), // which takes no other
		config.WithAPIOptions([]func(*middleware.Stack) error{l.boundAnswers}),
	}
}

// shared makes all clients use one set of connections: each would make its
// own out of the SDK's, a handshake and two buffers for every account.
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

// boundAnswers is shared's bound, for the clients that the SDK has made for
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

// unanswered keeps a call from being made again to who has not answered in
// time: a proxy that swallows everything would be waited for ten times.
func unanswered(err error) aws.Ternary {
	var late interface{ Timeout() bool }
	if errors.As(err, &late) && late.Timeout() {
		return aws.FalseTernary
	}
	return aws.UnknownTernary
}

// patient gives up credentials that do not come. The SDK ends a
// credential_process after a minute, but not what that has started, and waits
// for it.
type patient struct {
	next  aws.CredentialsProvider
	limit time.Duration
}

// errLate has no comma: what a person is told is behind the last one.
var errLate = errors.New("they did not come in time")

// Retrieve implements aws.CredentialsProvider. The SDK's cache, which comes
// next, lets go of what it waits for when ctx ends.
func (p patient) Retrieve(ctx context.Context) (aws.Credentials, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, p.limit, errLate)
	defer cancel()
	found, err := p.next.Retrieve(ctx)
	if err != nil && context.Cause(ctx) == errLate {
		err = errLate
	}
	return found, err
}
