package entra

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/o365aws/o365aws/internal/fault"
)

// Ways in which a sign-in ends without an assertion.

// NeedsWindow is the error of a page that the user can answer in a browser window, where
// the sign-in can continue.
type NeedsWindow struct{ Fault *fault.Error }

// Error implements error.
func (e *NeedsWindow) Error() string { return e.Fault.Error() }

// Unwrap returns the fault.
func (e *NeedsWindow) Unwrap() error { return e.Fault }

func needsWindow(f *fault.Error) *NeedsWindow {
	return &NeedsWindow{f.Hint("to continue in a browser window: o365aws login --browser visible").
		Hint("to sign in with your own browser: o365aws login --browser system")}
}

const personalAccount = "the address belongs to a personal Microsoft account, which cannot sign in to a company's AWS"

// knownHosts lists hosts that a sign-in may lead to for a known reason. None of them
// receives the password. A leading dot matches all subdomains.
var knownHosts = []struct{ host, reason, hint string }{
	{"login.live.com", personalAccount, "check azure_default_username"},
	{"account.live.com", personalAccount, "check azure_default_username"},
	{"mysignins.microsoft.com", "the account must register security information", registerHint},
	{"passwordreset.microsoftonline.com", "the account must reset its password", "reset it at https://aka.ms/sspr"},
	{"account.activedirectory.windowsazure.com", "the account must confirm something there", ""},
	{".termsofuse.identitygovernance.azure.com", "you must accept your organization's terms of use", ""},
	{".signin.aws.amazon.com", "AWS was reached without an assertion for this program", ""},
	{"signin.aws.amazon.com", "AWS was reached without an assertion for this program", ""},
}

// registerHint says where and by when to register a method: Microsoft is retiring text
// messages and phone calls.
const registerHint = "register a passkey or the Authenticator app at https://aka.ms/mfasetup" +
	" (Microsoft retires text messages and phone calls on 2027-02-01)"

// foreign returns the error of a page on a host where the sign-in must not continue. It
// suggests the setting that allows a host only if the page looks like the company's own
// sign-in form, because the host will then receive the password.
func (s *signIn) foreign(host, why string, snap Snapshot) error {
	for _, known := range knownHosts {
		if known.host == host || known.host[0] == '.' && strings.HasSuffix(host, known.host) {
			f := fault.Newf(fault.Auth, "the sign-in led to %s: %s", host, known.reason)
			if known.hint != "" {
				f = f.Hint("%s", known.hint)
			}
			return needsWindow(f)
		}
	}
	f := fault.Newf(fault.Auth, "the sign-in led to %s: %s; nothing was typed", host, why)
	switch {
	case s.knows(host):
		return f.Hint("passwords are typed only into pages loaded over https; report this to your admin")
	case imitates(host):
		return f.Hint("the name imitates a Microsoft host: do not type your password there, and tell your admin")
	case s.document.named.PageID == pageTFA:
		return needsWindow(fault.Newf(
			fault.Auth, "the second factor of this account is an external method, on %s, which needs a window", host,
		).Hint("or use another method of the account: o365aws_mfa in the profile"))
	case snap.Shows("type:password") || isFederatedForm(snap) || s.visits.redirected:
		return f.Hint("if this is your organization's own sign-in server, allow it: o365aws_login_hosts = %s", host)
	}
	return needsWindow(f)
}

// imitates reports whether a host name contains that of a Microsoft host.
func imitates(host string) bool {
	for _, c := range clouds {
		if c.isCertAuth(host) {
			return false
		}
		if strings.Contains(host, c.LoginHost) {
			return true
		}
	}
	return strings.Contains(host, "microsoftonline")
}

// serverFault returns the fault for a server that is busy or failing.
func serverFault(host string, status int) error {
	return fault.Newf(fault.Network, "%s answered with HTTP status %d instead of a sign-in page", host, status).
		Hint("run the command again in a moment: the server is busy or failing")
}

func (s *signIn) unknown(snap Snapshot) error {
	if snap.Status == http.StatusTooManyRequests || snap.Status >= http.StatusInternalServerError {
		return serverFault(snap.Host, snap.Status)
	}
	f := fault.Newf(fault.Page, "unknown sign-in page: %s", snap.where())
	if snap.Awaits != "" {
		f = f.Hint("the page is still waiting for %s", snap.Awaits)
	}
	f = needsWindow(f).Fault.Hint(
		"to report it: o365aws report writes a file without names or secrets for %s", fault.Reports,
	)
	if snap.Trace != "" {
		f = f.Hint("for your admin: correlation id %s", snap.Trace)
	}
	return &NeedsWindow{f}
}

func (s *signIn) looping(state State, snap Snapshot) error {
	if state.Again != nil && (snap.Failed || state.Name == "username" && snap.Begun.Result != "") {
		return fault.Newf(
			fault.Network, "every background request of the page failed: %s (%s)", snap.Host, snap.where(),
		).Hint("run the command again in a moment: the server is busy or failing").
			Hint("if it happens again, check the network, and HTTPS_PROXY if there is one; --debug shows each page")
	}
	switch state.Name {
	case "password", "federated-form":
		return fault.New(
			fault.Auth, "the password was refused too often", "wait a minute: more attempts can lock the account",
		)
	case "mfa-code":
		return fault.New(
			fault.Auth, "the code was refused too often",
			"check that the code belongs to this account, and the clock of the device",
		)
	case "access-pass", "mfa-access-pass":
		return fault.New(fault.Auth, "the Temporary Access Pass was refused too often", "ask the admin for a new one")
	case "passkey", "passkey-declined":
		return needsPasskey(s, snap)
	case "more-information", "nudge":
		return needsWindow(fault.New(
			fault.Auth, "Microsoft requires security information now: its page came back after it was skipped",
			registerHint,
		))
	case "mfa-denied", "mfa-timeout":
		return fault.New(
			fault.Auth, "the sign-in request was not approved",
			"run the command again when you have your phone at hand",
		)
	}
	return s.loops(snap)
}

func (s *signIn) loops(snap Snapshot) error {
	return fault.Newf(fault.Page, "the sign-in loops: %s keeps coming back", snap.where()).
		Hint("run the command again; --debug shows each page")
}

func reportNetwork(_ context.Context, _ *signIn, snap Snapshot) (action, error) {
	code := snap.ErrorCode
	if code == "" {
		code = "the browser gives no code"
	}
	return action{}, fault.New(
		fault.Network, fmt.Sprintf("the browser could not load the sign-in page: %s", code), fault.ReachAdvice,
	)
}

func reportError(_ context.Context, _ *signIn, snap Snapshot) (action, error) {
	if snap.ErrorCode == "" {
		return action{}, fault.Newf(fault.Auth, "Microsoft shows an error without a code: %s", snap.where())
	}
	return action{}, explainPage(snap.ErrorCode, snap)
}

func reportBlocked(_ context.Context, _ *signIn, snap Snapshot) (action, error) {
	code := snap.ErrorCode
	if code == "" {
		code = "53003"
	}
	return action{}, explainPage(code, snap)
}

func reportRefused(_ context.Context, _ *signIn, snap Snapshot) (action, error) {
	return action{}, explainPage(snap.ErrorCode, snap)
}

func reportExpired(_ context.Context, _ *signIn, snap Snapshot) (action, error) {
	return action{}, needsWindow(Explain("50055", snap.Trace))
}

func reportOwnAnswer(_ context.Context, _ *signIn, snap Snapshot) (action, error) {
	f := fault.Newf(fault.Auth, "Microsoft asks for %s (%s)", ownAnswers[snap.View], snap.where())
	return action{}, needsWindow(f)
}

func reportConsent(_ context.Context, _ *signIn, snap Snapshot) (action, error) {
	return action{}, needsWindow(Explain("65001", snap.Trace))
}

func reportTerms(_ context.Context, _ *signIn, snap Snapshot) (action, error) {
	f := fault.New(fault.Auth, "you must accept your organization's terms of use")
	if snap.Trace != "" {
		f = f.Hint("for your admin: correlation id %s", snap.Trace)
	}
	return action{}, needsWindow(f)
}

// explainPage explains an error code, and offers a window if that would help.
func explainPage(code string, snap Snapshot) error {
	f := Explain(code, snap.Trace)
	if a, ok := adviceOf(code); ok && a.Window {
		return needsWindow(f)
	}
	return f
}
