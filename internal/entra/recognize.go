package entra

import (
	"slices"
	"strings"
)

// ErrorPageHost is the host of the browser's own error pages.
const ErrorPageHost = "chromewebdata"

func onHost(host string) func(Snapshot) bool {
	return func(s Snapshot) bool { return s.Host == host }
}

// real reports whether a page is not an error page of the browser.
func real(s Snapshot) bool { return s.Host != ErrorPageHost && s.Host != "" }

// ordinary reports whether a page neither shows an error nor asks for a passkey.
func ordinary(s Snapshot) bool { return real(s) && !showsException(s) && !s.Passkey }

func onPage(id string) func(Snapshot) bool {
	return func(s Snapshot) bool { return ordinary(s) && s.PageID == id }
}

func showsException(s Snapshot) bool {
	return s.Shows("service_exception_message", "exceptionMessageContainer", "idTD_Error")
}

func isErrorPage(s Snapshot) bool {
	return real(s) && (s.PageID == pageException && !s.Passkey || showsException(s))
}

// The views of a page are mutually exclusive: each row requires its own element and none
// that precedes it in the order of its page.
var (
	signInOrder = []string{
		oneTimeCodeID, usernameID, passName, passwordID, "name:passwd", "tilesHolder", "otherTile", "aadTile",
		"msaTile", "credentialList",
		"idDiv_RemoteNGC_PollingDescription", "idRemoteNGC_DisplaySign", "aadRedirectCancel",
	}
	tfaOrder = []string{
		"idDiv_SAASDS_Title", "idDiv_SAASDS_Description", "idDiv_SAASTO_Title", "idDiv_SAASTO_Description",
		passName, codeID, "idTxtBx_SAOTCS_ProofConfirmation", "name:ProofConfirmation", "idTxtBx_SAOTCS_PhoneNumber",
		"name:PhoneNumber", "idDiv_SAOTCS_Proofs",
		"idDiv_SAOTCAS_Title", "idDiv_SAOTCAS_Description", "idDiv_SAOTCC_Title", "idDiv_SAOTCV_Title",
	}
)

// firstShown returns the first element of an order that is shown, or "".
func firstShown(s Snapshot, order []string) string {
	if i := slices.IndexFunc(order, func(id string) bool { return s.Shows(id) }); i >= 0 {
		return order[i]
	}
	return ""
}

func viewOf(page string, order []string, ids ...string) func(Snapshot) bool {
	return func(s Snapshot) bool {
		return s.PageID == page && ordinary(s) && slices.Contains(ids, firstShown(s, order))
	}
}

func signInView(ids ...string) func(Snapshot) bool { return viewOf(pageSignIn, signInOrder, ids...) }

func tfaView(ids ...string) func(Snapshot) bool { return viewOf(pageTFA, tfaOrder, ids...) }

// bare reports whether a page with the given ID shows no view that has a row.
func bare(s Snapshot, page string, order []string) bool {
	return s.PageID == page && ordinary(s) && firstShown(s, order) == ""
}

// Codes after which another password or pass may help.
var (
	passwordErrors = []string{
		"", "50126", "50193", "50056", "50034", "500341", "50128", "90002", "900021", "900022", "900023",
	}
	passErrors = []string{"", "130503"}
)

// wrongPasswords lists the codes that report a wrong password. The others are about the
// user name or the tenant, and "" is not an error.
var wrongPasswords = []string{"50126", "50193"}

// wrongPassword reports whether a page says that the last password was wrong. AD FS does
// so with a text in a separate element, and has no codes.
func wrongPassword(s Snapshot) bool {
	return slices.Contains(wrongPasswords, s.ErrorCode) || isFederatedForm(s) && s.ErrorText != ""
}

var (
	showsPassword = signInView(passwordID, "name:passwd")
	showsPass     = signInView(passName)
)

func isPassword(s Snapshot) bool {
	return showsPassword(s) && (slices.Contains(passwordErrors, s.ErrorCode) || isCertificateCode(s.ErrorCode))
}

// isCertificateCode reports whether an error is about a certificate. The page retains its
// code after the user selected another sign-in option.
func isCertificateCode(code string) bool {
	return len(code) == 6 && (strings.HasPrefix(code, "50017") || strings.HasPrefix(code, "50018"))
}

func isAccessPass(s Snapshot) bool { return showsPass(s) && slices.Contains(passErrors, s.ErrorCode) }

func isRefused(s Snapshot) bool {
	return showsPassword(s) && !isPassword(s) ||
		showsPass(s) && !slices.Contains(passErrors, s.ErrorCode)
}

func lookupFailed(s Snapshot) bool { return s.Failed || s.Shows("usernameError", "i0116Error") }

func methodFailed(s Snapshot) bool { return s.Failed || s.Shows("idDiv_SAOTCS_Error_OTC") }

func codeFailed(s Snapshot) bool {
	return s.Failed || s.Shows("idSpan_SAOTCC_Error_OTC", "idDiv_SAOTCC_ErrorMsg_OTC")
}

func passFailed(s Snapshot) bool { return s.Failed || s.Shows("accessPassError") || codeFailed(s) }

// Views of the sign-in page that are recognized only by their numbers, because they have
// no unique element. Source: Microsoft's client script.
const (
	viewConfirmSend = "13"
	viewTermsOfUse  = "17"
	viewPasskey     = "23" // shows its alternatives up to 20 s later
	viewLanding     = "33"
	viewProbe       = "55"
	viewMoreInfo    = "59"
)

const proofConfirmation = "44"

// ownAnswers maps views that only the user can answer to what they ask for. Their elements
// do not identify them.
var ownAnswers = map[string]string{
	proofConfirmation: "a confirmation of your phone number or e-mail address",
	"52":              "a confirmation of a sign-in on another device",
	viewMoreInfo:      "more information about you",
	"75":              "a PIN that another device shows",
	"76":              "the recovery of the account",
	"77":              "a code to recover the account",
}

// isOwnAnswer recognizes a view that only the user can answer. What it shows may look
// like another view: recovering an account is not signing in.
func isOwnAnswer(s Snapshot) bool {
	return s.PageID == pageSignIn && ordinary(s) && ownAnswers[s.View] != "" && !isConfirmPhone(s) && !isNudge(s)
}

func isPicker(s Snapshot) bool { return signInView("credentialList")(s) && !isOwnAnswer(s) }

func isOneTimeCode(s Snapshot) bool { return signInView(oneTimeCodeID)(s) && !isOwnAnswer(s) }

var confirmsPhone = tfaView(
	"idTxtBx_SAOTCS_ProofConfirmation", "name:ProofConfirmation", "idTxtBx_SAOTCS_PhoneNumber", "name:PhoneNumber",
)

func isConfirmPhone(s Snapshot) bool {
	return confirmsPhone(s) || bare(s, pageSignIn, signInOrder) && s.View == proofConfirmation &&
		s.Shows("name:ProofConfirmation", "idTxtBx_SAOTCS_ProofConfirmation")
}

// isConfirmApp recognizes the page that asks whether the user started this sign-in. That
// of a federated sign-in has its own error code.
func isConfirmApp(s Snapshot) bool {
	return onPage(pageConfirmApp)(s) ||
		ordinary(s) && s.ErrorCode == csrfSpeedbump && !slices.Contains(pageIDs, s.PageID) && s.Shows(submitID)
}

// hasOwnRow reports whether a view without unique elements has a row.
func hasOwnRow(view string) bool {
	return ownAnswers[view] != "" ||
		slices.Contains([]string{viewConfirmSend, viewTermsOfUse, viewProbe, viewLanding}, view)
}

func isProbe(s Snapshot) bool { return bare(s, pageSignIn, signInOrder) && s.View == viewProbe }

func isConfirmSend(s Snapshot) bool {
	return bare(s, pageSignIn, signInOrder) && s.View == viewConfirmSend && s.Shows(submitID)
}

func isTermsOfUse(s Snapshot) bool {
	return onPage(pageTerms)(s) || bare(s, pageSignIn, signInOrder) && s.View == viewTermsOfUse
}

// isPasskeyDeclined recognizes the view after a declined passkey: it offers only other
// sign-in options.
func isPasskeyDeclined(s Snapshot) bool {
	return bare(s, pageSignIn, signInOrder) && s.Begun.Method != phoneSignIn &&
		!hasOwnRow(s.View) &&
		s.Shows(switchToPickerID, switchToPasswordID)
}

// isPasskey recognizes the page, on a separate host, that asks for a passkey.
func isPasskey(s Snapshot) bool { return real(s) && s.Passkey && !showsException(s) }

// isPhoneSignIn and isPush also recognize a page with renamed elements, by the response
// that started the request: the number must always be shown.
func isPhoneSignIn(s Snapshot) bool {
	return signInView("idDiv_RemoteNGC_PollingDescription", "idRemoteNGC_DisplaySign")(s) ||
		bare(s, pageSignIn, signInOrder) && s.Begun.Method == phoneSignIn &&
			!hasOwnRow(s.View)
}

func isPush(s Snapshot) bool {
	return tfaView("idDiv_SAOTCAS_Title", "idDiv_SAOTCAS_Description")(s) ||
		bare(s, pageTFA, tfaOrder) && isPushMethod(s.Begun.Method)
}

// isCall recognizes a phone call. The view for codes has the same title and hides its
// input for a while, so the method distinguishes them.
func isCall(s Snapshot) bool {
	return tfaView("idDiv_SAOTCV_Title")(s) || tfaView("idDiv_SAOTCC_Title")(s) && !isCodeMethod(s)
}

func isCodeHidden(s Snapshot) bool { return tfaView("idDiv_SAOTCC_Title")(s) && isCodeMethod(s) }

// isCodeMethod reports whether the method of the page uses a code.
func isCodeMethod(s Snapshot) bool {
	id := s.Begun.Method
	for _, p := range s.Proofs {
		if id == "" && p.Default {
			id = p.Method
		}
	}
	return id != "" && !strings.HasPrefix(methodOf(id).Name, "call")
}

// isNudge recognizes a page, with any ID, that asks for security information and can be
// skipped.
func isNudge(s Snapshot) bool {
	if !ordinary(s) || s.PageID == "" {
		return false
	}
	landing := bare(s, pageSignIn, signInOrder) && s.View == viewLanding && s.Shows("link:landing")
	asks := !slices.Contains(pageIDs, s.PageID) || bare(s, pageSignIn, signInOrder) && s.View == viewMoreInfo
	return landing || asks && s.ErrorCode != csrfSpeedbump && (s.Skip != "" || s.Shows(skipLinkID, "link:skip"))
}

func isFederatedForm(s Snapshot) bool {
	return ordinary(s) && s.PageID == "" && s.Shows("passwordInput", "ContentPlaceHolder1_PasswordTextBox")
}

// isHandOver recognizes the page without an ID that posts a hidden form.
func isHandOver(s Snapshot) bool {
	return ordinary(s) && s.PageID == "" && s.Shows("form:hiddenform") &&
		!s.Shows("passwordInput", "ContentPlaceHolder1_PasswordTextBox")
}

// pageIDs lists the pages that have rows. Such a page without a view is still loading,
// not unknown.
var pageIDs = []string{
	pageSignIn, pageTFA, pageSessionPull, pageKeepSignedIn, pageConfirmApp, pageProofUp,
	pageChangePassword, pageConsent, pageTerms, pageBlocked, pageException,
	// addpage inserts rows above this line.
}

// isLoading recognizes a page that shows no view yet.
func isLoading(s Snapshot) bool {
	return slices.Contains(pageIDs, s.PageID) && (s.View == "" || s.PageID == pageSignIn && s.View == viewPasskey)
}

// where describes a page for a message: its ID, the view and the host.
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
