package aws

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/termtext"
)

// serviceError is an error response of AWS that is safe to print: the SDK's text
// may contain the request.
type serviceError struct {
	code, message, request string
}

// Error implements error.
func (e *serviceError) Error() string {
	text := e.code
	if e.message != "" {
		text += ": " + e.message
	}
	if e.request != "" {
		text += " (request " + e.request + ")"
	}
	return text
}

// code returns the error code of AWS's response, or "" without a response.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

func message(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorMessage()
	}
	return ""
}

func notFound(err error) bool { return code(err) == "NoSuchEntity" }

func denied(err error) bool {
	c := code(err)
	return c == "AccessDenied" || c == "AccessDeniedException" || c == "UnauthorizedOperation"
}

// action returns the IAM action of a failed call. If assuming a role failed, it
// is that call.
func action(err error) string {
	var operation, within *smithy.OperationError
	for ; errors.As(err, &within); err = within.Err {
		operation = within
	}
	if operation == nil {
		return ""
	}
	return strings.ToLower(operation.Service()) + ":" + operation.Operation()
}

// statement returns the policy statement that grants an action.
func statement(action, resource string) string {
	if resource == "" {
		resource = "*"
	}
	return fmt.Sprintf(`{"Effect":"Allow","Action":"%s","Resource":"%s"}`, action, resource)
}

// deniedByOrganization matches explicit denials, such as a service control policy.
var deniedByOrganization = regexp.MustCompile(
	`(?i)service control policy|resource control policy|explicit deny|permissions boundary`,
)

// refused returns the finding of a call that AWS denies.
func refused(err error, resource string) engine.Finding {
	a := action(err)
	why := "these credentials may not call " + a
	if found := deniedByOrganization.FindString(message(err)); found != "" {
		return engine.IsForbidden(
			a,
			why,
			fmt.Sprintf(
				"an explicit rule denies it (%s): contact the administrators of the organization", strings.ToLower(found),
			),
		)
	}
	return engine.IsForbidden(
		a, why, "the statement that grants it: "+statement(a, resource),
		"print all required permissions: o365aws admin export policy",
	)
}

// expired maps the codes for unusable credentials to messages.
var expired = map[string]string{
	"ExpiredToken":                "the AWS credentials have expired",
	"ExpiredTokenException":       "the AWS credentials have expired",
	"RequestExpired":              "the AWS credentials have expired, or this machine's clock is wrong",
	"InvalidClientTokenId":        "AWS does not know these credentials",
	"UnrecognizedClientException": "AWS does not know these credentials",
	"SignatureDoesNotMatch":       "key and secret of the AWS credentials do not belong together",
	"InvalidSignatureException":   "key and secret of the AWS credentials do not belong together",
	"OptInRequired":               "the account is not signed up for this service",
	"MissingAuthenticationToken":  "there are no AWS credentials",
	"IncompleteSignature":         "the AWS credentials cannot be used",
}

// explain returns the fault for an error of a call. what is the title of the
// step, such as "role azure.admin".
func explain(ctx context.Context, err error, what, resource string) error {
	var f *fault.Error
	var call *smithy.OperationError
	switch {
	case err == nil || ctx.Err() != nil:
		return err // the run was interrupted
	case errors.As(err, &call) && errors.As(call.Err, &f): // from a callback of the SDK
		return fault.Wrap(f.Kind, f, what, f.Hints...)
	case errors.As(err, &f):
		return err // explained already
	}
	if waits, ok, cause := engine.WaitsFor(err); ok {
		return engine.NotYet(explain(ctx, cause, what, resource), waits)
	}
	c := code(err)
	if c == "" {
		return unreachable(err, what)
	}
	e := &serviceError{code: termtext.Printable(c, 64), message: scrub(message(err))}
	var reply *awshttp.ResponseError
	status := 0
	if errors.As(err, &reply) {
		e.request, status = termtext.Printable(reply.ServiceRequestID(), 64), reply.HTTPStatusCode()
	}
	a := action(err)
	switch {
	case denied(err):
		finding := refused(err, resource)
		return fault.Wrap(fault.Unsatisfied, e, what+": "+finding.Reason, finding.Hints...)
	case expired[c] != "":
		return fault.Wrap(
			fault.Auth, e, what+": "+expired[c], "renew them and run the command again: it continues where it stopped",
		)
	case strings.HasPrefix(c, "LimitExceeded"):
		return fault.Wrap(
			fault.Unsatisfied, e, what+": a quota of the account is reached",
			"raise it in Service Quotas (IAM), or delete unused resources, and run the command again",
		)
	case notFound(err) && a == "iam:AttachRolePolicy":
		return fault.Wrap(
			fault.Unsatisfied, e, fmt.Sprintf("%s: %s was refused", what, a),
			"correct the policies of the role in the spec, or create the policy first",
		)
	case throttled(c) || status >= http.StatusInternalServerError:
		return fault.Wrap(
			fault.Network, e, fmt.Sprintf("%s: AWS did not accept %s after %d attempts", what, a, maxAttempts),
			"run the command again in a minute: it continues where it stopped",
		)
	}
	return fault.Wrap(fault.Unsatisfied, e, fmt.Sprintf("%s: %s was refused", what, a))
}

func throttled(code string) bool {
	return strings.Contains(code, "Throttl") || code == "RequestLimitExceeded" || code == "TooManyRequestsException" ||
		code == "PriorRequestNotComplete"
}

const noCredentials = "sign in first, or name a profile: --profile, AWS_PROFILE, or the account's profile in the spec"

// unreachable returns the fault for a call without a response, or without credentials.
func unreachable(err error, what string) error {
	text := err.Error()
	var garbled *smithy.DeserializationError
	switch {
	case errors.As(err, &garbled), answered(err):
		return fault.Newf(fault.Network, "%s: the response is not from AWS", what).
			Hint("a proxy may have answered; check HTTPS_PROXY, NO_PROXY and AWS_ENDPOINT_URL")
	case strings.Contains(text, "no EC2 IMDS role found"): // where the SDK looks last
		return fault.New(fault.Auth, what+": there are no AWS credentials", noCredentials)
	case strings.Contains(text, "failed to refresh cached credentials"),
		strings.Contains(text, "get identity: get credentials"):
		return fault.Wrap(
			fault.Auth, errors.New(scrub(strings.TrimPrefix(tail(text), "get identity: get credentials: "))),
			what+": there are no AWS credentials that work", noCredentials,
		)
	}
	return fault.Wrap(fault.Network, errors.New(scrub(tail(text))), what+": AWS cannot be reached", fault.ReachAdvice)
}

// answered reports whether there was an HTTP response, though not one of AWS.
func answered(err error) bool {
	var reply *awshttp.ResponseError
	return errors.As(err, &reply) && reply.HTTPStatusCode() != 0
}

// tail returns the last part of a chain of errors: the cause.
func tail(text string) string {
	parts := strings.Split(text, ", ")
	return parts[len(parts)-1]
}

// scrub returns text from AWS safe to print and short: a long run of characters
// may be part of a token.
func scrub(text string) string { return termtext.Printable(secret.RedactLong(text, 80), 300) }
