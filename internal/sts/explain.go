package sts

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// ServiceError is a refusal by STS, safe to print.
type ServiceError struct {
	Code      string // for example AccessDenied
	Message   string // as sent by STS, with possible secrets removed
	RequestID string // for AWS Support
	Status    int    // HTTP status, 0 if unknown
}

// Error implements error.
func (e *ServiceError) Error() string {
	text := e.Code
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.RequestID != "" {
		text += " (request " + e.RequestID + ")"
	}
	return text
}

// TooOld reports whether STS refused a response because of its age: it accepts a response
// for five minutes.
// Source: docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
func TooOld(err error) bool {
	var e *ServiceError
	return errors.As(err, &e) && strings.HasPrefix(e.Code, "ExpiredToken")
}

// failing describes the call that failed.
type failing struct {
	what    string // "the role arn:…"
	host    string
	region  string
	secrets []secret.Text // redacted in messages
}

// explain converts an error of the SDK to a fault. It omits the SDK's own text, because
// STS repeats values that it refuses, including the assertion.
func explain(ctx context.Context, err error, rows []row, f failing) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return unreachable(err, f)
	}
	e := &ServiceError{Code: termtext.Printable(api.ErrorCode(), 64), Message: scrub(api.ErrorMessage(), f.secrets)}
	var reply *awshttp.ResponseError
	if errors.As(err, &reply) {
		e.RequestID, e.Status = termtext.Printable(reply.ServiceRequestID(), 64), reply.HTTPStatusCode()
	}
	if busy(e) {
		return fault.Wrap(
			fault.Network, e, fmt.Sprintf("AWS STS at %s did not answer after %d attempts", f.host, maxAttempts),
			"try again in a minute; https://health.aws.amazon.com shows outages",
		)
	}
	if r, ok := find(rows, api.ErrorCode(), api.ErrorMessage()); ok {
		return fault.Wrap(
			fault.Role,
			e,
			fmt.Sprintf("AWS STS refused %s: %s", f.what, r.meaning),
			append([]string(nil), r.hints...)...)
	}
	return fault.Wrap(fault.Role, e, "AWS STS refused "+f.what)
}

// busy reports whether STS throttled the call or failed internally.
func busy(e *ServiceError) bool {
	_, throttled := retry.DefaultThrottleErrorCodes[e.Code]
	return throttled || e.Status >= 500 || e.Status == http.StatusTooManyRequests ||
		strings.HasPrefix(e.Code, "IDPCommunicationError")
}

// unreachable returns the fault for a call without a reply from STS.
func unreachable(err error, f failing) error {
	var (
		reply   *awshttp.ResponseError
		dns     *net.DNSError
		cert    *tls.CertificateVerificationError
		request *url.Error
	)
	cause := errors.New("invalid reply")
	if errors.As(err, &request) {
		cause = errors.New(scrub(request.Err.Error(), f.secrets))
	}
	msg := "cannot reach AWS STS at " + f.host
	switch {
	case errors.As(err, &dns):
		return fault.Wrap(fault.Network, cause, msg, "check the region ("+f.region+") and the connection")
	case errors.As(err, &cert):
		return fault.Wrap(
			fault.Network, cause, msg,
			"behind a proxy that inspects TLS, set AWS_CA_BUNDLE or ca_bundle to the file with its CA certificate",
		)
	case request == nil && errors.As(err, &reply):
		return fault.Newf(fault.Network, "the server at %s is not AWS STS (status %d)", f.host, reply.HTTPStatusCode()).
			Hint("a proxy or a sign-in page of the network may stand in between; check HTTPS_PROXY and NO_PROXY")
	}
	return fault.Wrap(fault.Network, cause, msg, fault.ReachAdvice)
}

// maxToken is the length from which encoded text may be part of an assertion or a session
// token. No word, ARN component or request ID is that long.
const maxToken = 80

// scrub removes secrets and control characters from text and shortens it.
func scrub(text string, secrets []secret.Text) string {
	for _, s := range secrets {
		if !s.IsZero() {
			text = strings.ReplaceAll(text, s.Reveal(), s.String())
		}
	}
	return termtext.Printable(secret.RedactLong(text, maxToken), 300)
}
