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
	Does string // what this program does there
	Sees string // what a person sees of it in the terminal; "" for nothing
	// When tells whether a snapshot is this state. Exactly one row may match.
	When func(Snapshot) bool
	// Do returns what to do on the page. Nil waits for it to go on by itself.
	Do func(context.Context, *signIn, Snapshot) (action, error)
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
	// Local says that the page itself checks the input: a refusal is final even
	// if no request was sent.
	Local bool
}

const (
	pageSignIn   = "ConvergedSignIn"
	pageTFA      = "ConvergedTFA"
	pageProofUp  = "ConvergedProofUpRedirect"
	usernameID   = "i0116"
	passwordID   = "i0118"
	codeID       = "idTxtBx_SAOTCC_OTC"
	submitID     = "idSIButton9"
	passName     = "name:accesspass"
	anotherWayID = "signInAnotherWay"

	oneTimeCodeID = "idTxtBx_OTC_Password"
	skipLinkID    = "skipMfaRegistrationLink"

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
		Sees: "a question for the e-mail address, if the profile has none or Microsoft does not know it",
		When: signInView(usernameID), Do: enterUsername, Visits: 5, Limit: quickLimit, Again: lookupFailed,
	},
	{
		Name: "pick-account", Page: "Pick an account",
		Does: "takes the tile of `azure_default_username`, else \"Use another account\"",
		Sees: "a list of the accounts, if the profile names none",
		When: signInView("tilesHolder", "otherTile"), Do: pickAccount, Visits: 3, Limit: quickLimit,
	},
	{
		Name: "account-type", Page: "Work or personal account?", Does: "takes the work account",
		When: signInView("aadTile", "msaTile"), Do: chooseWorkAccount, Visits: 2, Limit: quickLimit,
	},
	{
		Name: "session-probe", Page: "Windows is asked for a session",
		Does: "waits; the page gives up after ten seconds",
		When: isProbe, Limit: probeLimit,
	},
	{
		Name: "session-pull", Page: "Redirecting (the page reloads itself)",
		Does: "waits; what the page echoes is never read",
		When: onPage("BssoInterrupt"), Limit: quickLimit,
	},
	{
		Name: "redirecting", Page: "Taking you to your organization's page",
		Does: "waits for the company's own sign-in server",
		When: signInView("aadRedirectCancel"), Limit: quickLimit,
	},
	{
		Name: "federated-form", Page: "The company's own sign-in form (AD FS)",
		Does: "types name and password, on hosts of `o365aws_login_hosts` alone; elsewhere it stops before a keystroke",
		Sees: "the question for the password; or an error that names the host and the setting that allows it",
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
		Does: "types the password, three times at most",
		Sees: "the question for the password, without echo; again when it is refused",
		When: isPassword, Do: enterPassword, Visits: maxPasswords, Limit: quickLimit,
	},
	{
		Name: "refused", Page: "The password page with another error",
		Does: "stops",
		Sees: "the AADSTS code, what it means and what to do",
		When: isRefused, Do: reportRefused, Visits: 1, Limit: quickLimit,
	},
	{
		Name: "pick-credential", Page: "Choose a way to sign in",
		Does: "takes the password, else a Temporary Access Pass, else the phone",
		Sees: "if there is none of them: that a passkey needs a window or your own browser",
		When: signInView("credentialList"), Do: pickCredential, Visits: 3, Limit: quickLimit,
	},
	{
		Name: "access-pass", Page: "Temporary Access Pass",
		Does: "types the pass",
		Sees: "the question for the pass, and again when it is wrong",
		When: isAccessPass, Do: enterAccessPass, Visits: maxPasswords, Limit: quickLimit, Again: passFailed,
	},
	{
		Name: "one-time-code", Page: "Enter the code that was sent to you, as the first factor",
		Does: "types yours",
		Sees: "the question for the code",
		When: signInView(oneTimeCodeID), Do: enterOneTimeCode, Visits: maxPasswords, Limit: quickLimit,
		Again: passFailed,
	},
	{
		Name: "confirm-send", Page: "Send a sign-in request to the phone?",
		Does: "sends it, once; takes the password instead when nobody may be asked",
		Sees: "what the next page asks for",
		When: isConfirmSend, Do: confirmSend, Visits: 1, Limit: quickLimit,
	},
	{
		Name: "phone-sign-in", Page: "Sign-in by phone, without a password",
		Does: "waits; takes the password instead when nobody may be asked",
		Sees: "the number to tap, large and with two digits",
		When: isPhoneSignIn, Do: awaitPhone, Limit: pushLimit, Watch: true, Late: lateApproval,
	},
	{
		Name: "passkey", Page: "A passkey is asked for",
		Does: "a headless browser has none, so it declines",
		Sees: "if there is no other way: that a window or your own browser takes it",
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
		Does: "takes the method of `o365aws_mfa`, or the only one",
		Sees: "a list of the methods, if the profile names none and the tenant has no default",
		When: tfaView("idDiv_SAOTCS_Proofs"), Do: chooseMethod, Visits: 6, Limit: quickLimit, Again: methodFailed,
	},
	{
		Name: "mfa-confirm-phone", Page: "Verify your identity: confirm the phone number",
		Does: "types its last digits",
		Sees: "the question for them",
		When: tfaView(
			"idTxtBx_SAOTCS_ProofConfirmation", "name:ProofConfirmation",
			"idTxtBx_SAOTCS_PhoneNumber", "name:PhoneNumber",
		), Do: confirmPhone, Visits: 3, Limit: quickLimit, Again: methodFailed, Local: true,
	},
	{
		Name: "mfa-push", Page: "Approve the sign-in request",
		Does: "waits for you; leaves for the method of `o365aws_mfa`, if that is another",
		Sees: "the number to tap, large and with two digits; or that a request waits on the phone",
		When: isPush, Do: awaitPush, Limit: pushLimit, Watch: true, Late: lateApproval,
	},
	{
		Name: "mfa-code", Page: "Enter the code from the app or the text message",
		Does: "computes it from `O365AWS_TOTP_SECRET`, or types yours, also when the computed one is refused",
		Sees: "the prompt for the code, with the phone that got it; again when it is refused; with a TOTP secret, " +
			"that it waits for the next code if this one was used, and the prompt if its code is refused",
		When: tfaView(codeID), Do: enterCode, Visits: maxPasswords, Limit: quickLimit, Again: codeFailed,
	},
	{
		Name: "mfa-code-hidden", Page: "The code page, while it hides its input",
		Does: "waits",
		When: isCodeHidden, Limit: quickLimit,
	},
	{
		Name: "mfa-access-pass", Page: "Temporary Access Pass as the second factor",
		Does: "types the pass",
		Sees: "the question for the pass",
		When: tfaView(passName), Do: enterAccessPass, Visits: maxPasswords, Limit: quickLimit, Again: passFailed,
	},
	{
		Name: "mfa-call", Page: "We are calling your phone",
		Does: "waits for you",
		Sees: "that a phone rings, and what to press",
		When: isCall, Do: awaitCall, Limit: pushLimit, Watch: true, Late: lateApproval,
	},
	{
		Name: "mfa-denied", Page: "You denied the request",
		Does: "never sends another request unasked",
		Sees: "whether to send another one, or to take another method",
		When: tfaView("idDiv_SAASDS_Title", "idDiv_SAASDS_Description"), Do: reportDenied, Visits: 3, Limit: quickLimit,
	},
	{
		Name: "mfa-timeout", Page: "We did not hear from you",
		Does: "the same",
		Sees: "the same",
		When: tfaView(
			"idDiv_SAASTO_Title", "idDiv_SAASTO_Description",
		), Do: reportTimeout, Visits: 3, Limit: quickLimit,
	},
}

// interruptStates come between.
var interruptStates = []State{
	{
		Name: "keep-signed-in", Page: "Stay signed in?",
		Does: "says yes with `azure_default_remember_me` or `o365aws_remember`, else no",
		When: onPage("KmsiInterrupt"), Do: answerKeepSignedIn, Visits: 2, Limit: quickLimit,
	},
	{
		Name: "confirm-app", Page: "Are you trying to sign in to …?", Does: "goes on: it was this program that asked",
		When: onPage("CmsiInterrupt"), Do: confirmApp, Visits: 2, Limit: quickLimit,
	},
	{
		Name: "more-information", Page: "More information required",
		Does: "puts it off when the page allows that, else stops",
		Sees: "that it was put off, or where to register",
		When: onPage(pageProofUp), Do: skipMoreInformation, Visits: 1, Limit: quickLimit,
	},
	{
		Name: "nudge", Page: "Improve your sign-ins (any other page that can be skipped)",
		Does: "skips it; never registers anything",
		Sees: "that it was skipped, and where to register",
		When: isNudge, Do: skipMoreInformation, Visits: 2, Limit: quickLimit,
	},
	{
		Name: "change-password", Page: "Update your password",
		Does: "stops; nothing is typed",
		Sees: "that the password has expired, and where to change it",
		When: onPage("ConvergedChangePassword"), Do: reportExpired, Visits: 1, Limit: quickLimit,
	},
	{
		Name: "consent", Page: "Permissions requested",
		Does: "stops",
		Sees: "that you or an admin has to consent",
		When: onPage("ConvergedConsent"), Do: reportConsent, Visits: 1, Limit: quickLimit,
	},
	{
		Name: "terms-of-use", Page: "Terms of use",
		Does: "stops",
		Sees: "that they wait to be read and accepted, in a window or your own browser",
		When: isTermsOfUse, Do: reportTerms, Visits: 1, Limit: quickLimit,
	},
	{
		Name: "blocked", Page: "You cannot get there from here (Conditional Access)",
		Does: "stops",
		Sees: "the AADSTS code, which policy it is, and whether a window or a managed device helps",
		When: onPage("ConvergedConditionalAccess"), Do: reportBlocked, Visits: 1, Limit: quickLimit,
	},
}

// endStates end the sign-in.
var endStates = []State{
	{
		Name: "error", Page: "Microsoft's error page",
		Does: "stops",
		Sees: "the AADSTS code, what it means and what to do, and Microsoft's correlation id for the admin",
		When: isErrorPage, Do: reportError, Visits: 1, Limit: quickLimit,
	},
	{
		Name: "network-error", Page: "The browser's own error page",
		Does: "stops",
		Sees: "the browser's code (DNS, proxy, certificate), and which variables to set",
		When: onHost(ErrorPageHost), Do: reportNetwork, Visits: 1, Limit: quickLimit,
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
