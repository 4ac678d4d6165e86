// Package graph is a thin client for Microsoft Graph v1.0, on azcore's pipeline,
// with the calls for connecting a tenant with AWS. It retries, pages and batches.
package graph

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/network"
)

// Options configures a Client.
type Options struct {
	Cloud    Cloud
	Identity Identity
	HTTP     *http.Client
	Log      *slog.Logger // nil discards; receives no bodies or tokens
	Notice   func(string) // reports waiting; may be nil
	// Record receives each call; the path contains identifiers. It may be nil.
	Record     func(method, path string, status int, code string)
	RetryDelay time.Duration // first delay without Retry-After; 0 means half a second
}

// Client calls Graph. It is safe for concurrent use.
type Client struct {
	cloud Cloud
	who   Identity
	http  *http.Client
	pipe  runtime.Pipeline
	retry policy.RetryOptions
	pace  *pacer
	told  func(method, path string, status int, code string)

	maxPages, maxCollection int // of a collection
}

// Limits for retries of a call. The service may request delays of minutes.
const (
	maxRetries    = 8
	maxRetryDelay = 3 * time.Minute
	maxAnswer     = 32 << 20 // bytes
)

// New returns a client.
func New(o Options) *Client {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Notice == nil {
		o.Notice = func(string) {}
	}
	if o.Record == nil {
		o.Record = func(string, string, int, string) {}
	}
	if o.RetryDelay == 0 {
		o.RetryDelay = 500 * time.Millisecond
	}
	client := network.NoRedirects(o.HTTP)
	c := &Client{cloud: o.Cloud, who: o.Identity, http: client, pace: &pacer{log: o.Log, notice: o.Notice}, told: o.Record}
	c.maxPages, c.maxCollection = maxPages, maxCollection
	c.retry = policy.RetryOptions{
		MaxRetries: maxRetries, RetryDelay: o.RetryDelay, MaxRetryDelay: maxRetryDelay,
		ShouldRetry: retryRead,
	}
	bearer := runtime.NewBearerTokenPolicy(o.Identity.Credential, o.Identity.Scopes, nil)
	c.pipe = runtime.NewPipeline(
		"o365aws",
		"v1",
		runtime.PipelineOptions{PerRetry: []policy.Policy{bearer, c.pace}},
		&policy.ClientOptions{
			Transport: client, Retry: c.retry, Telemetry: policy.TelemetryOptions{ApplicationID: "o365aws"},
		},
	)
	return c
}

// Cloud returns the cloud of the client.
func (c *Client) Cloud() Cloud { return c.cloud }

// transient lists the status codes after which a read is retried.
var transient = []int{
	http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
	http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}

// retryRead reports whether to retry an idempotent call.
func retryRead(response *http.Response, err error) bool {
	if err != nil {
		var f *fault.Error
		return !isAuthentication(err) && !errors.As(err, &f)
	}
	return slices.Contains(transient, response.StatusCode)
}

// retryOnce reports whether to retry a creation: only if it was throttled. A creation
// without a response may have succeeded, so the caller must check first.
func retryOnce(response *http.Response, err error) bool {
	return err == nil && response.StatusCode == http.StatusTooManyRequests
}

// call is one request.
type call struct {
	method, path string
	query        url.Values
	header       map[string]string
	in, out      any
	read         *int // receives the size of the answer; may be nil
	creates      bool // not idempotent
	need         Need
	what         string // for messages: "create the application"
}

// do makes a call. Its errors are faults that wrap an *Error, unless ctx ended.
func (c *Client) do(ctx context.Context, k call) error {
	request, err := runtime.NewRequest(ctx, k.method, c.address(k))
	if err != nil {
		return fault.Wrap(fault.Internal, err, k.what)
	}
	request.Raw().Header.Set("Accept", "application/json")
	for name, value := range k.header {
		request.Raw().Header.Set(name, value)
	}
	if k.in != nil {
		if err := runtime.MarshalAsJSON(request, k.in); err != nil {
			return fault.Wrap(fault.Internal, err, k.what)
		}
	}
	if k.creates {
		once := c.retry
		once.ShouldRetry = retryOnce
		request = request.WithContext(policy.WithRetryOptions(ctx, once))
	}
	response, err := c.pipe.Do(request)
	if err != nil {
		return c.broken(ctx, k, err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return c.broken(ctx, k, err)
	}
	if response.StatusCode == http.StatusUnauthorized {
		c.who.Discard(ctx)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		c.told(k.method, k.path, response.StatusCode, parseError(response.StatusCode, body).Code)
		return refused(k, response, body)
	}
	c.told(k.method, k.path, response.StatusCode, "")
	if k.read != nil {
		*k.read += len(body)
	}
	if k.out == nil {
		return nil
	}
	return decode(k, body)
}

// address returns the URL of a call.
func (c *Client) address(k call) string {
	address := c.cloud.Graph + "/v1.0" + k.path
	if len(k.query) > 0 {
		address += "?" + k.query.Encode()
	}
	return address
}

// broken returns the error of a call without a response.
func (c *Client) broken(ctx context.Context, k call, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if isAuthentication(err) {
		return explainSignIn(err, c.who.Way)
	}
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	return fault.Wrap(fault.Network, err, k.what+": Microsoft Graph could not be reached", fault.ReachAdvice,
		"run the command again: it continues where it stopped")
}
