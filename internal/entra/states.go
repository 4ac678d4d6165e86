package entra

import (
	"context"
	"slices"
	"time"
)

// State is one row of the table of sign-in pages. docs/sign-in.md is made
// from it.
type State struct {
	Name string
	Page string // what the page is, for people
	Does string // what this program does there, and what a person sees of it
	// When tells whether a snapshot is this state. Exactly one row may match.
	When func(Snapshot) bool
	// Do answers the page. Nil waits for it to go on by itself.
	Do func(context.Context, *signIn, Snapshot) error
	// Visits is how often Do may run in one sign-in.
	Visits int
	// Limit is how long the page may stay as it is after Do.
	Limit time.Duration
	// Late is the error when Limit is over; nil says that the page is stuck.
	Late func(*signIn, Snapshot) error
	// Watch makes Do run on every look, not once per change of the page.
	Watch bool
	// Again tells a view that took an answer and refuses it without changing:
	// Do runs once more. Nil acts once per view, whatever the page does.
	Again func(Snapshot) bool
}

const (
	pageSignIn   = "ConvergedSignIn"
	pageTFA      = "ConvergedTFA"
	usernameID   = "i0116"
	passwordID   = "i0118"
	codeID       = "idTxtBx_SAOTCC_OTC"
	submitID     = "idSIButton9"
	passName     = "name:accesspass"
	anotherWayID = "signInAnotherWay"

	quickLimit   = 30 * time.Second
	pushLimit    = 150 * time.Second // the page itself gives up after 120 s
	probeLimit   = 20 * time.Second  // a desktop SSO probe takes up to 10 s
	passkeyLimit = 15 * time.Second  // a browser without passkeys refuses at once
	againAfter   = time.Second       // views change within 700 ms after an answer
	maxPasswords = 3
)

// States is the table. Page ids and error codes come first, then the ids of
// elements that a person can see; text never, because pages are localised.
var States = slices.Concat(identityStates, credentialStates, strongStates, interruptStates, endStates)

// identityStates ask who you are.
var identityStates = []State{
	{
		Name: "username", Page: "Sign in: the e-mail address",
		Does: "types `azure_default_username`; asks for another when Microsoft does not know it",
		When: signInView(usernameID), Do: enterUsername, Visits: 5, Limit: quickLimit, Again: lookupFailed,
	},
	{
		Name: "pick-account", Page: "Pick an account",
		Does: "takes the tile of `azure_default_username`, else \"Use another account\"",
		When: signInView("tilesHolder", "otherTile"), Do: pickAccount, Visits: 3, Limit: quickLimit,
	},
	{
		Name: "account-type", Page: "Work or personal account?", Does: "takes the work account",
		When: signInView("aadTile", "msaTile"), Do: chooseWorkAccount, Visits: 2, Limit: quickLimit,
	},
	{
		Name: "session-probe", Page: "Windows is asked for a session", Does: "waits; the page gives up after ten seconds",
		When: isProbe, Limit: probeLimit,
	},
	{
		Name: "session-pull", Page: "Redirecting (the page reloads itself)", Does: "waits; what the page echoes is never read",
		When: onPage("BssoInterrupt"), Limit: quickLimit,
	},
	{
		Name: "redirecting", Page: "Taking you to your organisation's page", Does: "waits for the company's own sign-in server",
		When: signInView("aadRedirectCancel"), Limit: quickLimit,
	},
	{
		Name: "federated-form", Page: "The company's own sign-in form (AD FS)",
		Does: "types name and password, on hosts of `o365aws_login_hosts` alone; elsewhere it stops before a keystroke",
		When: isFederatedForm, Do: enterFederated, Visits: maxPasswords, Limit: quickLimit,
	},
	{
		Name: "handing-over", Page: "A form that posts itself", Does: "waits",
		When: isHandOver, Limit: quickLimit,
	},
}

// credentialStates are the first factor.
var credentialStates = []State{
	{
		Name: "password", Page: "Enter password",
		Does: "types the password; asks again, three times at most, when it is refused",
		When: isPassword, Do: enterPassword, Visits: maxPasswords, Limit: quickLimit,
	},
	{
		Name: "refused", Page: "The password page with another error", Does: "stops with the code and what to do",
		When: isRefused, Do: reportRefused, Visits: 1, Limit: quickLimit,
	},
	{
		Name: "pick-credential", Page: "Choose a way to sign in", Does: "takes the password",
		When: signInView("credentialList"), Do: pickCredential, Visits: 3, Limit: quickLimit,
	},
	{
		Name: "access-pass", Page: "Temporary Access Pass", Does: "asks for the pass, and again when it is wrong",
		When: isAccessPass, Do: enterAccessPass, Visits: maxPasswords, Limit: quickLimit, Again: passFailed,
	},
	{
		Name: "confirm-send", Page: "Send a sign-in request to the phone?",
		Does: "sends it, once; takes the password instead when nobody may be asked",
		When: isConfirmSend, Do: confirmSend, Visits: 1, Limit: quickLimit,
	},
	{
		Name: "phone-sign-in", Page: "Sign-in by phone, without a password", Does: "shows the number to tap, and waits",
		When: isPhoneSignIn, Do: awaitPhone, Limit: pushLimit, Watch: true, Late: lateApproval,
	},
	{
		Name: "passkey", Page: "A passkey is asked for",
		Does: "a headless browser has none, so it declines; a window or the system's browser takes it",
		When: isPasskey, Do: leavePasskey, Visits: 2, Limit: passkeyLimit, Late: needsPasskey,
	},
	{
		Name: "passkey-declined", Page: "The passkey did not work", Does: "goes to the other ways to sign in",
		When: isPasskeyDeclined, Do: otherCredential, Visits: 2, Limit: quickLimit,
	},
}

// strongStates are multifactor authentication.
var strongStates = []State{
	{
		Name: "mfa-choose", Page: "Verify your identity: the list of methods",
		Does: "takes the method of `o365aws_mfa`, or the only one, or asks",
		When: tfaView("idDiv_SAOTCS_Proofs"), Do: chooseMethod, Visits: 6, Limit: quickLimit, Again: methodFailed,
	},
	{
		Name: "mfa-confirm-phone", Page: "Verify your identity: confirm the phone number", Does: "asks for its last digits",
		When: tfaView("idTxtBx_SAOTCS_ProofConfirmation", "name:ProofConfirmation"), Do: confirmPhone, Visits: 3, Limit: quickLimit, Again: methodFailed,
	},
	{
		Name: "mfa-push", Page: "Approve the sign-in request", Does: "shows the number to tap, with two digits always, and waits",
		When: isPush, Do: awaitPush, Limit: pushLimit, Watch: true, Late: lateApproval,
	},
	{
		Name: "mfa-code", Page: "Enter the code from the app or the text message",
		Does: "computes it from `O365AWS_TOTP_SECRET`, or asks; again when it is refused",
		When: tfaView(codeID), Do: enterCode, Visits: maxPasswords, Limit: quickLimit, Again: codeFailed,
	},
	{
		Name: "mfa-access-pass", Page: "Temporary Access Pass as the second factor", Does: "asks for the pass",
		When: tfaView(passName), Do: enterAccessPass, Visits: maxPasswords, Limit: quickLimit, Again: passFailed,
	},
	{
		Name: "mfa-call", Page: "We are calling your phone", Does: "says so, and waits",
		When: isCall, Do: awaitCall, Limit: pushLimit, Watch: true, Late: lateApproval,
	},
	{
		Name: "mfa-denied", Page: "You denied the request", Does: "offers to send another one, or another method; never sends one unasked",
		When: tfaView("idDiv_SAASDS_Title", "idDiv_SAASDS_Description"), Do: reportDenied, Visits: 3, Limit: quickLimit,
	},
	{
		Name: "mfa-timeout", Page: "We did not hear from you", Does: "the same",
		When: tfaView("idDiv_SAASTO_Title", "idDiv_SAASTO_Description"), Do: reportTimeout, Visits: 3, Limit: quickLimit,
	},
}

// interruptStates come between.
var interruptStates = []State{
	{
		Name: "keep-signed-in", Page: "Stay signed in?", Does: "says yes with `azure_default_remember_me`, else no",
		When: onPage("KmsiInterrupt"), Do: answerKeepSignedIn, Visits: 2, Limit: quickLimit,
	},
	{
		Name: "confirm-app", Page: "Are you trying to sign in to …?", Does: "goes on: it was this program that asked",
		When: onPage("CmsiInterrupt"), Do: confirmApp, Visits: 2, Limit: quickLimit,
	},
	{
		Name: "more-information", Page: "More information required",
		Does: "puts it off when the page allows that, and says so; else stops, and says where to register",
		When: onPage("ConvergedProofUpRedirect"), Do: skipMoreInformation, Visits: 1, Limit: quickLimit,
	},
	{
		Name: "change-password", Page: "Update your password", Does: "stops: the password has expired. Nothing is typed",
		When: onPage("ConvergedChangePassword"), Do: reportExpired, Visits: 1, Limit: quickLimit,
	},
	{
		Name: "consent", Page: "Permissions requested", Does: "stops: a person or an admin has to consent",
		When: onPage("ConvergedConsent"), Do: reportConsent, Visits: 1, Limit: quickLimit,
	},
	{
		Name: "terms-of-use", Page: "Terms of use", Does: "stops: a person has to read and accept them",
		When: isTermsOfUse, Do: reportTerms, Visits: 1, Limit: quickLimit,
	},
	{
		Name: "blocked", Page: "You cannot get there from here (Conditional Access)", Does: "stops with the code and what to do",
		When: onPage("ConvergedConditionalAccess"), Do: reportBlocked, Visits: 1, Limit: quickLimit,
	},
}

// endStates end the sign-in.
var endStates = []State{
	{
		Name: "error", Page: "Microsoft's error page", Does: "stops with the AADSTS code and what to do",
		When: isErrorPage, Do: reportError, Visits: 1, Limit: quickLimit,
	},
	{
		Name: "network-error", Page: "The browser's own error page", Does: "stops with the browser's code (DNS, proxy, certificate)",
		When: onHost(errorPageHost), Do: reportNetwork, Visits: 1, Limit: quickLimit,
	},
}

// Recognise returns the state of a page that is ready, and false when no row
// of the table knows it. It looks at nothing but the snapshot.
func Recognise(s Snapshot) (State, bool) {
	if !s.Ready {
		return State{}, false
	}
	for _, state := range States {
		if state.When(s) {
			return state, true
		}
	}
	return State{}, false
}
