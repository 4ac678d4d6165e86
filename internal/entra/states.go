package entra

import (
	"context"
	"slices"
	"strings"
	"time"
)

// State is one row of the table of sign-in pages.
type State struct {
	Name string
	// When tells whether a snapshot is this state. Exactly one row may match.
	When func(Snapshot) bool
	// Do answers the page. Nil waits for it to go on by itself.
	Do func(context.Context, *signIn, Snapshot) error
	// Visits is how often Do may run in one sign-in.
	Visits int
	// Limit is how long the page may stay as it is after Do.
	Limit time.Duration
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
	quickLimit   = 30 * time.Second
	pushLimit    = 150 * time.Second // the page itself gives up after 120 s
	probeLimit   = 40 * time.Second  // a desktop SSO probe takes up to 10 s
	againAfter   = time.Second       // views change within 700 ms after an answer
	maxPasswords = 3
)

// States is the table. Page ids and error codes come first, then the ids of
// elements that a person can see; text never, because pages are localised.
var States = []State{
	{Name: "network-error", When: onHost("chromewebdata"), Do: reportNetwork, Visits: 1, Limit: quickLimit},
	{Name: "error", When: isErrorPage, Do: reportError, Visits: 1, Limit: quickLimit},
	{Name: "blocked", When: onPage("ConvergedConditionalAccess"), Do: reportBlocked, Visits: 1, Limit: quickLimit},
	{Name: "username", When: signInView(usernameID), Do: enterUsername, Visits: 5, Limit: quickLimit, Again: lookupFailed},
	{Name: "password", When: isPassword, Do: enterPassword, Visits: maxPasswords, Limit: quickLimit},
	{Name: "refused", When: isRefused, Do: reportRefused, Visits: 1, Limit: quickLimit},
	{Name: "pick-account", When: signInView("tilesHolder", "otherTile"), Do: pickAccount, Visits: 3, Limit: quickLimit},
	{Name: "account-type", When: signInView("aadTile", "msaTile"), Do: chooseWorkAccount, Visits: 2, Limit: quickLimit},
	{Name: "pick-credential", When: signInView("credentialList"), Do: pickCredential, Visits: 3, Limit: quickLimit},
	{Name: "phone-sign-in", When: signInView("idDiv_RemoteNGC_PollingDescription", "idRemoteNGC_DisplaySign"), Do: showNumber, Limit: pushLimit, Watch: true},
	{Name: "session-probe", When: isProbe, Limit: probeLimit},
	{Name: "redirecting", When: signInView("aadRedirectCancel"), Limit: quickLimit},
	{Name: "session-pull", When: onPage("BssoInterrupt"), Limit: quickLimit},
	{Name: "mfa-choose", When: tfaView("idDiv_SAOTCS_Proofs"), Do: chooseMethod, Visits: 5, Limit: quickLimit, Again: methodFailed},
	{Name: "mfa-push", When: tfaView("idDiv_SAOTCAS_Title", "idDiv_SAOTCAS_Description"), Do: showNumber, Limit: pushLimit, Watch: true},
	{Name: "mfa-code", When: tfaView(codeID), Do: enterCode, Visits: maxPasswords, Limit: quickLimit, Again: codeFailed},
	{Name: "mfa-call", When: isCall, Do: awaitCall, Limit: pushLimit, Watch: true},
	{Name: "mfa-denied", When: tfaView("idDiv_SAASDS_Title", "idDiv_SAASDS_Description"), Do: reportDenied, Visits: 3, Limit: quickLimit},
	{Name: "mfa-timeout", When: tfaView("idDiv_SAASTO_Title", "idDiv_SAASTO_Description"), Do: reportTimeout, Visits: 3, Limit: quickLimit},
	{Name: "keep-signed-in", When: onPage("KmsiInterrupt"), Do: answerKeepSignedIn, Visits: 2, Limit: quickLimit},
	{Name: "confirm-app", When: onPage("CmsiInterrupt"), Do: confirmApp, Visits: 2, Limit: quickLimit},
	{Name: "more-information", When: onPage("ConvergedProofUpRedirect"), Do: skipMoreInformation, Visits: 1, Limit: quickLimit},
	{Name: "change-password", When: onPage("ConvergedChangePassword"), Do: reportExpired, Visits: 1, Limit: quickLimit},
	{Name: "consent", When: onPage("ConvergedConsent"), Do: reportConsent, Visits: 1, Limit: quickLimit},
	{Name: "federated-form", When: isFederatedForm, Do: enterFederated, Visits: maxPasswords, Limit: quickLimit},
	{Name: "handing-over", When: isHandOver, Limit: quickLimit},
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

func onHost(host string) func(Snapshot) bool {
	return func(s Snapshot) bool { return s.Host == host }
}

// real tells a page of the network from the browser's own error page.
func real(s Snapshot) bool { return s.Host != "chromewebdata" && s.Host != "" }

func onPage(id string) func(Snapshot) bool {
	return func(s Snapshot) bool { return real(s) && s.PageID == id && !showsException(s) }
}

func showsException(s Snapshot) bool {
	return s.Shows("service_exception_message", "exceptionMessageContainer", "idTD_Error")
}

func isErrorPage(s Snapshot) bool {
	return real(s) && (s.PageID == "ConvergedError" || showsException(s))
}

// The views of one page exclude each other: each row asks for its own element
// and for none of those in the rows before it.
var (
	signInOrder = []string{
		usernameID, passwordID, "name:passwd", "tilesHolder", "otherTile", "aadTile", "msaTile", "credentialList",
		"idDiv_RemoteNGC_PollingDescription", "idRemoteNGC_DisplaySign", "aadRedirectCancel",
	}
	tfaOrder = []string{
		"idDiv_SAASDS_Title", "idDiv_SAASDS_Description", "idDiv_SAASTO_Title", "idDiv_SAASTO_Description",
		codeID, "idDiv_SAOTCS_Proofs", "idDiv_SAOTCAS_Title", "idDiv_SAOTCAS_Description",
		"idDiv_SAOTCC_Title", "idDiv_SAOTCV_Title",
	}
)

func viewOf(page string, order []string, ids ...string) func(Snapshot) bool {
	return func(s Snapshot) bool {
		if s.PageID != page || !real(s) || showsException(s) {
			return false
		}
		i := slices.IndexFunc(order, func(id string) bool { return s.Shows(id) })
		return i >= 0 && slices.Contains(ids, order[i])
	}
}

func signInView(ids ...string) func(Snapshot) bool { return viewOf(pageSignIn, signInOrder, ids...) }

func tfaView(ids ...string) func(Snapshot) bool { return viewOf(pageTFA, tfaOrder, ids...) }

// passwordErrors are the codes after which another password can help.
var passwordErrors = []string{"", "50126", "50193", "50056", "50034", "500341", "50128", "90002", "900021", "900022", "900023"}

func isPassword(s Snapshot) bool {
	return signInView(passwordID, "name:passwd")(s) && slices.Contains(passwordErrors, s.ErrorCode)
}

func isRefused(s Snapshot) bool {
	return signInView(passwordID, "name:passwd")(s) && !slices.Contains(passwordErrors, s.ErrorCode)
}

// What a view shows when it took an answer and refuses it.
func lookupFailed(s Snapshot) bool { return s.Failed || s.Shows("usernameError", "i0116Error") }

func methodFailed(s Snapshot) bool { return s.Failed || s.Shows("idDiv_SAOTCS_Error_OTC") }

func codeFailed(s Snapshot) bool {
	return s.Failed || s.Shows("idSpan_SAOTCC_Error_OTC", "idDiv_SAOTCC_ErrorMsg_OTC")
}

// isProbe knows the view that asks Windows for a session (view 55), which
// shows nothing to act on.
func isProbe(s Snapshot) bool {
	return s.PageID == pageSignIn && real(s) && !showsException(s) && s.View == "55" &&
		!slices.ContainsFunc(signInOrder, func(id string) bool { return s.Shows(id) })
}

func isCall(s Snapshot) bool { return tfaView("idDiv_SAOTCC_Title", "idDiv_SAOTCV_Title")(s) }

func isFederatedForm(s Snapshot) bool {
	return real(s) && s.PageID == "" && !showsException(s) &&
		s.Shows("passwordInput", "ContentPlaceHolder1_PasswordTextBox")
}

// isHandOver knows the page without an id that posts a hidden form by itself.
func isHandOver(s Snapshot) bool {
	return real(s) && s.PageID == "" && !showsException(s) && s.Shows("form:hiddenform") &&
		!s.Shows("passwordInput", "ContentPlaceHolder1_PasswordTextBox")
}

// where names a page for a message: its id, the view and the host.
func (s Snapshot) where() string {
	id := s.PageID
	if id == "" {
		id = "without id"
	}
	parts := []string{"page " + id}
	if s.View != "" {
		parts = append(parts, "view "+s.View)
	}
	if s.ErrorCode != "" {
		parts = append(parts, "code "+s.ErrorCode)
	}
	return strings.Join(parts, ", ") + " on " + s.Host
}
