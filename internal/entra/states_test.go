package entra

import (
	"slices"
	"testing"
)

// saved holds snapshots of the emulator's pages by state.
var saved = map[string]Snapshot{
	"network-error": {Host: "chromewebdata", ErrorCode: "ERR_PROXY_CONNECTION_FAILED"},
	"error":         {PageID: "ConvergedError", ErrorCode: "50105", IDs: []string{"service_exception_message"}},
	"blocked":       {PageID: "ConvergedConditionalAccess", ErrorCode: "53003"},
	"username": {
		PageID: pageSignIn, View: "1", IDs: []string{"lightbox", "i0116", "name:loginfmt", "idSIButton9"},
	},
	"password": {
		PageID: pageSignIn, View: "2",
		IDs: []string{"displayName", "i0118", "name:passwd", "idSIButton9", "idBtn_Back"},
	},
	"refused":         {PageID: pageSignIn, View: "2", ErrorCode: "50053", IDs: []string{"i0118", "passwordError"}},
	"pick-account":    {PageID: pageSignIn, View: "12", IDs: []string{"tilesHolder", "otherTile"}},
	"account-type":    {PageID: pageSignIn, View: "7", IDs: []string{"aadTile", "msaTile"}},
	"pick-credential": {PageID: pageSignIn, View: "24", IDs: []string{"credentialList"}},
	"phone-sign-in": {
		PageID: pageSignIn, View: "4",
		IDs: []string{"idDiv_RemoteNGC_PollingDescription", "idRemoteNGC_DisplaySign"}, Number: "42",
	},
	"access-pass":   {PageID: pageSignIn, View: "56", IDs: []string{"i0118", "name:accesspass", "idSIButton9"}},
	"one-time-code": {PageID: pageSignIn, View: "3", IDs: []string{"idTxtBx_OTC_Password", "idSIButton9"}},
	"mfa-code-hidden": {
		PageID: pageTFA, View: "1", IDs: []string{"idDiv_SAOTCC_Title", "idDiv_SAOTCC_Description"},
		Begun: Begun{Method: "OneWaySMS"},
	},
	"nudge":            {PageID: "ConvergedImproveSignIns", View: "90", IDs: []string{"link:skip", "improveNext"}},
	"confirm-send":     {PageID: pageSignIn, View: "13", IDs: []string{"idA_PWD_SwitchToPassword", "idSIButton9"}},
	"passkey":          {Host: "login.microsoft.com", PageID: "ConvergedFido", Passkey: true},
	"passkey-declined": {PageID: pageSignIn, View: "23", IDs: []string{"idA_PWD_SwitchToCredPicker"}},
	"session-probe":    {PageID: pageSignIn, View: "55"},
	"redirecting":      {PageID: pageSignIn, View: "8", IDs: []string{"aadRedirectCancel"}},
	"session-pull":     {PageID: "BssoInterrupt"},
	"mfa-choose":       {PageID: pageTFA, View: "2", IDs: []string{"idDiv_SAOTCS_Title", "idDiv_SAOTCS_Proofs"}},
	"mfa-confirm-phone": {
		PageID: pageTFA, View: "3",
		IDs: []string{"idTxtBx_SAOTCS_ProofConfirmation", "idSubmit_SAOTCS_SendCode"},
	},
	"mfa-access-pass": {PageID: pageTFA, View: "56", IDs: []string{"name:accesspass"}},
	"mfa-push": {
		PageID: pageTFA, View: "6",
		IDs: []string{"idDiv_SAOTCAS_Title", "idRichContext_DisplaySign", "signInAnotherWay"}, Number: "7",
	},
	"mfa-code": {
		PageID: pageTFA, View: "1",
		IDs: []string{"idDiv_SAOTCC_Title", "idTxtBx_SAOTCC_OTC", "idSubmit_SAOTCC_Continue"},
	},
	"mfa-call":    {PageID: pageTFA, View: "1", IDs: []string{"idDiv_SAOTCC_Title", "idDiv_SAOTCC_Description"}},
	"mfa-denied":  {PageID: pageTFA, IDs: []string{"idDiv_SAASDS_Title", "idDiv_SAASDS_Description"}},
	"mfa-timeout": {PageID: pageTFA, IDs: []string{"idDiv_SAASTO_Title", "idDiv_SAASTO_Description"}},
	"keep-signed-in": {
		PageID: "KmsiInterrupt", View: "20", IDs: []string{"KmsiDescription", "idSIButton9", "idBtn_Back"},
	},
	"confirm-app": {PageID: "CmsiInterrupt", IDs: []string{"appConfirmTitle", "idSIButton9"}},
	"more-information": {
		PageID: "ConvergedProofUpRedirect", ErrorCode: "50203", IDs: []string{"idSubmit_ProofUp_Redirect"},
	},
	"own-answer":      {PageID: pageSignIn, View: "76", IDs: []string{"credentialList"}},
	"change-password": {PageID: "ConvergedChangePassword", IDs: []string{"currentPassword", "newPassword"}},
	"terms-of-use":    {PageID: "ConvergedTOU", View: "34"},
	"consent":         {PageID: "ConvergedConsent", IDs: []string{"idSIButton9"}},
	"federated-form": {
		Host: "fs.contoso.example", IDs: []string{"loginForm", "userNameInput", "passwordInput", "submitButton"},
	},
	"handing-over": {IDs: []string{"form:hiddenform"}},
}

// Each saved page matches only the state in its name, and every state has a
// saved page.
func TestEachSavedPageIsOneState(t *testing.T) {
	for name, snap := range saved {
		snap.Ready = true
		if snap.Host == "" {
			snap.Host = "login.microsoftonline.com"
		}
		if got := matches(snap); !slices.Equal(got, []string{name}) {
			t.Errorf("%s is recognized as %v", name, got)
		}
	}
	for _, state := range States[:len(States)-len(addedStates)] { // added states are only in testdata/pages
		if _, ok := saved[state.Name]; !ok {
			t.Errorf("no saved page for state %s", state.Name)
		}
	}
}

// Each row of the table has exactly one source, and sources name only existing rows.
func TestEvidence(t *testing.T) {
	sources := map[string]int{}
	for _, e := range Evidences {
		for _, name := range e.States {
			sources[name]++
		}
	}
	for _, state := range States[:len(States)-len(addedStates)] {
		if n := sources[state.Name]; n != 1 {
			t.Errorf("%s has %d sources, want 1", state.Name, n)
		}
		delete(sources, state.Name)
	}
	for name := range sources {
		t.Errorf("%s is no row of the table", name)
	}
}

// A page that is not ready has no state.
func TestNotReadyIsNoState(t *testing.T) {
	for name, snap := range saved {
		snap.Ready = false
		if state, ok := Recognize(snap); ok {
			t.Errorf("%s, not ready, is recognized as %s", name, state.Name)
		}
	}
}

// The password field of the first page is off screen and not in the snapshot. Stale IDs
// must not change the order.
func TestUsernameBeforePassword(t *testing.T) {
	snap := Snapshot{Ready: true, Host: "h", PageID: pageSignIn, IDs: []string{"i0118", "i0116"}}
	if got := matches(snap); !slices.Equal(got, []string{"username"}) {
		t.Errorf("recognized as %v", got)
	}
}

func matches(s Snapshot) []string {
	var names []string
	for _, state := range States {
		if s.Ready && state.When(s) {
			names = append(names, state.Name)
		}
	}
	return names
}
