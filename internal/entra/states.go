package entra

import (
	"context"
	"slices"
	"time"
)

// State is a row in the table of sign-in pages. docs/sign-in.md is generated from it.
type State struct {
	Name string
	// Page, Action and Output are for the documentation: the page, what the driver does
	// on it, and what the terminal shows, or "".
	Page, Action, Output string
	// When reports whether a snapshot is in this state. Exactly one row may match.
	When func(Snapshot) bool
	// Do returns the action for the page. If it is nil, the driver waits until the page
	// advances.
	Do func(context.Context, *signIn, Snapshot) (action, error)
	// Visits is the maximum number of times that Do may run in one sign-in.
	Visits int
	// Limit is how long the page may remain unchanged after Do.
	Limit time.Duration
	// Late returns the error after Limit; nil reports a stuck page.
	Late func(*signIn, Snapshot) error
	// Watch makes Do run for every snapshot instead of once per change of the page.
	Watch bool
	// Again reports whether a view rejected an answer without changing, so that Do runs
	// again. If it is nil, Do runs once per view.
	Again func(Snapshot) bool
	// Local reports whether the page itself validates the input: a rejection is then
	// final even if no request was sent.
	Local bool
}

const (
	// Page IDs ($Config.pgid).
	pageSignIn         = "ConvergedSignIn"
	pageTFA            = "ConvergedTFA"
	pageProofUp        = "ConvergedProofUpRedirect"
	pageSessionPull    = "BssoInterrupt"
	pageKeepSignedIn   = "KmsiInterrupt"
	pageConfirmApp     = "CmsiInterrupt"
	pageChangePassword = "ConvergedChangePassword"
	pageConsent        = "ConvergedConsent"
	pageTerms          = "ConvergedTOU"
	pageBlocked        = "ConvergedConditionalAccess"
	pageException      = "ConvergedError"

	// Element IDs.
	usernameID   = "i0116"
	passwordID   = "i0118"
	codeID       = "idTxtBx_SAOTCC_OTC"
	submitID     = "idSIButton9"
	passName     = "name:accesspass"
	anotherWayID = "signInAnotherWay"

	oneTimeCodeID = "idTxtBx_OTC_Password"
	skipLinkID    = "skipMfaRegistrationLink"

	switchToPasswordID = "idA_PWD_SwitchToPassword"
	switchToPickerID   = "idA_PWD_SwitchToCredPicker"

	quickLimit   = 30 * time.Second
	pushLimit    = 150 * time.Second // the page itself times out after 120 s
	probeLimit   = 20 * time.Second  // a desktop SSO probe takes up to 10 s
	passkeyLimit = 15 * time.Second  // a browser without passkeys fails immediately
	againAfter   = time.Second       // views change within 700 ms after an answer
	maxPasswords = 3
)

// States is the table of pages. Rows match by page ID, error code and IDs of visible
// elements, never by text, because pages are localized.
var States = slices.Concat(identityStates, credentialStates, strongStates, interruptStates, endStates, addedStates)

// identityStates lists the pages that identify the user.
var identityStates = []State{
	{
		Name: "username", Page: "Sign in: the e-mail address",
		Action: "types `azure_default_username`; prompts for another if Microsoft does not know it",
		Output: "a prompt for the e-mail address if the profile has none or Microsoft does not know it",
		When:   signInView(usernameID), Do: enterUsername, Visits: 5, Limit: quickLimit, Again: lookupFailed,
	},
	{
		Name: "pick-account", Page: "Pick an account",
		Action: "selects the tile of `azure_default_username`, otherwise \"Use another account\"",
		Output: "a list of the accounts if the profile names none",
		When:   signInView("tilesHolder", "otherTile"), Do: pickAccount, Visits: 3, Limit: quickLimit,
	},
	{
		Name: "account-type", Page: "Work or personal account?", Action: "selects the work account",
		When: signInView("aadTile", "msaTile"), Do: chooseWorkAccount, Visits: 2, Limit: quickLimit,
	},
	{
		Name: "session-probe", Page: "The page requests a Windows session",
		Action: "waits; the page gives up after ten seconds",
		When:   isProbe, Limit: probeLimit,
	},
	{
		Name: "session-pull", Page: "Redirecting (the page reloads itself)",
		Action: "waits; what the page echoes is not read",
		When:   onPage(pageSessionPull), Limit: quickLimit,
	},
	{
		Name: "redirecting", Page: "Taking you to your organization's page",
		Action: "waits for your organization's sign-in server",
		When:   signInView("aadRedirectCancel"), Limit: quickLimit,
	},
	{
		Name: "federated-form", Page: "Your organization's sign-in form (AD FS)",
		Action: "types user name and password, only on hosts in `o365aws_login_hosts`; " +
			"otherwise stops before anything is typed",
		Output: "the password prompt, or an error with the host and the setting that allows it",
		When:   isFederatedForm, Do: enterFederated, Visits: maxPasswords, Limit: quickLimit,
	},
	{
		Name: "handing-over", Page: "A form that submits itself", Action: "waits",
		When: isHandOver, Limit: quickLimit,
	},
}

// credentialStates lists the pages of the first factor.
var credentialStates = []State{
	{
		Name: "password", Page: "Enter password",
		Action: "types the password, up to three times",
		Output: "the password prompt, without echo; again if the password is rejected",
		When:   isPassword, Do: enterPassword, Visits: maxPasswords, Limit: quickLimit,
	},
	{
		Name: "refused", Page: "The password page with another error",
		Action: "stops",
		Output: "the AADSTS code, its meaning and the next step",
		When:   isRefused, Do: reportRefused, Visits: 1, Limit: quickLimit,
	},
	{
		Name: "pick-credential", Page: "Choose a way to sign in",
		Action: "selects the password, otherwise a Temporary Access Pass, otherwise the phone",
		Output: "if none is offered: that a passkey requires a window or your own browser",
		When:   isPicker, Do: pickCredential, Visits: 3, Limit: quickLimit,
	},
	{
		Name: "access-pass", Page: "Temporary Access Pass",
		Action: "types the pass",
		Output: "the prompt for the pass; again if it is wrong",
		When:   isAccessPass, Do: enterAccessPass, Visits: maxPasswords, Limit: quickLimit, Again: passFailed,
	},
	{
		Name: "one-time-code", Page: "Enter the code that was sent to you, as the first factor",
		Action: "types the code that you enter",
		Output: "the prompt for the code",
		When:   isOneTimeCode, Do: enterOneTimeCode, Visits: maxPasswords, Limit: quickLimit,
		Again: passFailed,
	},
	{
		Name: "confirm-send", Page: "Send a sign-in request to the phone?",
		Action: "sends it once; uses the password in a non-interactive sign-in",
		Output: "the number or notice of the next page",
		When:   isConfirmSend, Do: confirmSend, Visits: 1, Limit: quickLimit,
	},
	{
		Name: "phone-sign-in", Page: "Sign-in by phone, without a password",
		Action: "waits; uses the password in a non-interactive sign-in",
		Output: "the number to enter, large and with two digits",
		When:   isPhoneSignIn, Do: awaitPhone, Limit: pushLimit, Watch: true, Late: lateApproval,
	},
	{
		Name: "passkey", Page: "Use your passkey",
		Action: "declines: a headless browser has no passkey",
		Output: "if there is no other way: that a passkey requires a window or your own browser",
		When:   isPasskey, Do: leavePasskey, Visits: 2, Limit: passkeyLimit, Late: needsPasskey,
	},
	{
		Name: "passkey-declined", Page: "The passkey did not work", Action: "opens the other ways to sign in",
		When: isPasskeyDeclined, Do: otherCredential, Visits: 2, Limit: quickLimit,
	},
}

// strongStates lists the pages of the second factor.
var strongStates = []State{
	{
		Name: "mfa-choose", Page: "Verify your identity: the list of methods",
		Action: "selects the method of `o365aws_mfa`, or the only one",
		Output: "a list of the methods if the profile names none and the tenant has no default",
		When:   tfaView("idDiv_SAOTCS_Proofs"), Do: chooseMethod, Visits: 6, Limit: quickLimit, Again: methodFailed,
	},
	{
		Name: "mfa-confirm-phone", Page: "Verify your identity: confirm the phone number",
		Action: "types the digits that you enter",
		Output: "the prompt for the digits",
		When:   isConfirmPhone, Do: confirmPhone, Visits: 3, Limit: quickLimit, Again: methodFailed, Local: true,
	},
	{
		Name: "mfa-push", Page: "Approve the sign-in request",
		Action: "waits for approval; switches to the method of `o365aws_mfa` if it differs",
		Output: "the number to enter, large and with two digits, or that a request is on the phone",
		When:   isPush, Do: awaitPush, Limit: pushLimit, Watch: true, Late: lateApproval,
	},
	{
		Name: "mfa-code", Page: "Enter the code from the app or the text message",
		Action: "computes the code from `O365AWS_TOTP_SECRET`, or types the one that you enter, also if the " +
			"computed one is rejected",
		Output: "the prompt for the code, with the phone that received it; again if it is rejected; with a TOTP secret, " +
			"that it waits for the next code if this one was used",
		When: tfaView(codeID), Do: enterCode, Visits: maxPasswords, Limit: quickLimit, Again: codeFailed,
	},
	{
		Name: "mfa-code-hidden", Page: "The code page, while it hides its input",
		Action: "waits",
		When:   isCodeHidden, Limit: quickLimit,
	},
	{
		Name: "mfa-access-pass", Page: "Temporary Access Pass as the second factor",
		Action: "types the pass",
		Output: "the prompt for the pass",
		When:   tfaView(passName), Do: enterAccessPass, Visits: maxPasswords, Limit: quickLimit, Again: passFailed,
	},
	{
		Name: "mfa-call", Page: "We are calling your phone",
		Action: "waits for the call",
		Output: "that a phone rings, and which key to press",
		When:   isCall, Do: awaitCall, Limit: pushLimit, Watch: true, Late: lateApproval,
	},
	{
		Name: "mfa-denied", Page: "You denied the request",
		Action: "sends no other request without asking",
		Output: "the question whether to send another one or use another method",
		When:   tfaView("idDiv_SAASDS_Title", "idDiv_SAASDS_Description"), Do: reportDenied, Visits: 3, Limit: quickLimit,
	},
	{
		Name: "mfa-timeout", Page: "We did not hear from you",
		Action: "as above",
		Output: "as above",
		When: tfaView(
			"idDiv_SAASTO_Title", "idDiv_SAASTO_Description",
		), Do: reportTimeout, Visits: 3, Limit: quickLimit,
	},
}

// interruptStates lists the pages between sign-in and response.
var interruptStates = []State{
	{
		Name: "keep-signed-in", Page: "Stay signed in?",
		Action: "answers yes with `azure_default_remember_me` or `o365aws_remember`, otherwise no",
		When:   onPage(pageKeepSignedIn), Do: answerKeepSignedIn, Visits: 2, Limit: quickLimit,
	},
	{
		Name: "confirm-app", Page: "Are you trying to sign in to …?", Action: "continues: o365aws started the sign-in",
		When: isConfirmApp, Do: confirmApp, Visits: 2, Limit: quickLimit,
	},
	{
		Name: "more-information", Page: "More information required",
		Action: "skips it if the page allows that, otherwise stops",
		Output: "that it was skipped, or where to register",
		When:   onPage(pageProofUp), Do: skipMoreInformation, Visits: 1, Limit: quickLimit,
	},
	{
		Name: "nudge", Page: "Improve your sign-ins (any other page that can be skipped)",
		Action: "skips it; never registers anything",
		Output: "that it was skipped, and where to register",
		When:   isNudge, Do: skipMoreInformation, Visits: 2, Limit: quickLimit,
	},
	{
		Name: "own-answer", Page: "Confirmation of another device, or recovery of the account",
		Action: "stops",
		Output: "that the page requires a window or your own browser",
		When:   isOwnAnswer, Do: reportOwnAnswer, Visits: 1, Limit: quickLimit,
	},
	{
		Name: "change-password", Page: "Update your password",
		Action: "stops without typing",
		Output: "that the password has expired, and where to change it",
		When:   onPage(pageChangePassword), Do: reportExpired, Visits: 1, Limit: quickLimit,
	},
	{
		Name: "consent", Page: "Permissions requested",
		Action: "stops",
		Output: "that you or an admin must consent",
		When:   onPage(pageConsent), Do: reportConsent, Visits: 1, Limit: quickLimit,
	},
	{
		Name: "terms-of-use", Page: "Terms of use",
		Action: "stops",
		Output: "that you must accept them in a window or your own browser",
		When:   isTermsOfUse, Do: reportTerms, Visits: 1, Limit: quickLimit,
	},
	{
		Name: "blocked", Page: "You cannot get there from here (Conditional Access)",
		Action: "stops",
		Output: "the AADSTS code, the policy, and whether a window or a managed device helps",
		When:   onPage(pageBlocked), Do: reportBlocked, Visits: 1, Limit: quickLimit,
	},
}

// endStates lists the pages that end the sign-in.
var endStates = []State{
	{
		Name: "error", Page: "Microsoft's error page",
		Action: "stops",
		Output: "the AADSTS code, its meaning, the next step, and Microsoft's correlation id for the admin",
		When:   isErrorPage, Do: reportError, Visits: 1, Limit: quickLimit,
	},
	{
		Name: "network-error", Page: "The browser's own error page",
		Action: "stops",
		Output: "the browser's code (DNS, proxy, certificate) and which variables to set",
		When:   onHost(ErrorPageHost), Do: reportNetwork, Visits: 1, Limit: quickLimit,
	},
}

// Recognize returns the state of a page that is ready, or false if no row of the table
// matches.
func Recognize(s Snapshot) (State, bool) {
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
