package entra

import (
	"context"
	"fmt"

	"github.com/o365aws/o365aws/internal/fault"
)

// The ways in which a sign-in ends without an assertion.

func (s *signIn) foreign(host, why string) error {
	return fault.Newf(fault.Auth, "the sign-in led to %s: %s; nothing was typed", host, why).
		Hint("if this is your company's own sign-in server, allow it: o365aws_login_hosts = %s", host)
}

func (s *signIn) unknown(snap Snapshot) error {
	f := fault.Newf(fault.Page, "unknown sign-in page: %s", snap.where()).
		Hint("sign in once in an ordinary browser: the page may only appear this time").
		Hint("please report the page id and code above (they hold no secret)")
	if snap.Trace != "" {
		f = f.Hint("correlation id %s", snap.Trace)
	}
	return f
}

func (s *signIn) stuck(snap Snapshot) error {
	return fault.Newf(fault.Page, "the sign-in page did not go on: %s", snap.where()).
		Hint("run the command again; --debug shows each page")
}

func (s *signIn) looping(state State, snap Snapshot) error {
	switch state.Name {
	case "password", "federated-form":
		return fault.New(fault.Auth, "the password was refused too often", "wait a minute: more attempts can lock the account")
	case "mfa-code":
		return fault.New(fault.Auth, "the code was refused too often", "check that the code belongs to this account, and the clock of the device")
	case "mfa-denied", "mfa-timeout":
		return fault.New(fault.Auth, "the sign-in request was not approved", "run the command again when you have your phone at hand")
	}
	return fault.Newf(fault.Page, "the sign-in goes round in circles: %s comes again and again", snap.where()).
		Hint("run the command again; --debug shows each page")
}

func reportNetwork(_ context.Context, _ *signIn, snap Snapshot) error {
	code := snap.ErrorCode
	if code == "" {
		code = "the browser gives no code"
	}
	return fault.New(fault.Network, fmt.Sprintf("the browser could not load the sign-in page: %s", code),
		"behind a company proxy, set HTTPS_PROXY and AWS_CA_BUNDLE (or ca_bundle in the profile)")
}

func reportError(_ context.Context, _ *signIn, snap Snapshot) error {
	if snap.ErrorCode == "" {
		return fault.Newf(fault.Auth, "Microsoft shows an error without a code: %s", snap.where())
	}
	return Explain(snap.ErrorCode, snap.Trace)
}

func reportBlocked(_ context.Context, _ *signIn, snap Snapshot) error {
	code := snap.ErrorCode
	if code == "" {
		code = "53003"
	}
	return Explain(code, snap.Trace)
}

func reportRefused(_ context.Context, _ *signIn, snap Snapshot) error {
	return Explain(snap.ErrorCode, snap.Trace)
}

func reportExpired(_ context.Context, _ *signIn, snap Snapshot) error {
	return Explain("50055", snap.Trace)
}

func reportConsent(_ context.Context, _ *signIn, snap Snapshot) error {
	return Explain("65001", snap.Trace)
}
