package entra

import (
	"slices"
	"testing"
)

const here = "login.microsoftonline.com"

// Some versions of Microsoft's pages lack an element, so each of the IDs of a state is
// sufficient.
func TestOneElementIsSufficient(t *testing.T) {
	for page, elements := range map[string]map[string]string{
		pageSignIn: {
			"i0116": "username", "name:accesspass": "access-pass", "i0118": "password", "name:passwd": "password", "tilesHolder": "pick-account", "otherTile": "pick-account",
			"aadTile": "account-type", "msaTile": "account-type", "credentialList": "pick-credential", "aadRedirectCancel": "redirecting",
			"idDiv_RemoteNGC_PollingDescription": "phone-sign-in", "idRemoteNGC_DisplaySign": "phone-sign-in",
		},
		pageTFA: {
			"idDiv_SAASDS_Title": "mfa-denied", "idDiv_SAASDS_Description": "mfa-denied", "idDiv_SAASTO_Title": "mfa-timeout", "idDiv_SAASTO_Description": "mfa-timeout",
			"name:accesspass": "mfa-access-pass", "idTxtBx_SAOTCC_OTC": "mfa-code", "idTxtBx_SAOTCS_ProofConfirmation": "mfa-confirm-phone",
			"name:ProofConfirmation": "mfa-confirm-phone", "idDiv_SAOTCS_Proofs": "mfa-choose", "idDiv_SAOTCAS_Title": "mfa-push", "idDiv_SAOTCAS_Description": "mfa-push",
			"idDiv_SAOTCC_Title": "mfa-call", "idDiv_SAOTCV_Title": "mfa-call",
		},
		"": {"passwordInput": "federated-form", "ContentPlaceHolder1_PasswordTextBox": "federated-form", "form:hiddenform": "handing-over"},
	} {
		for element, want := range elements {
			s := Snapshot{Ready: true, Host: here, PageID: page, View: "1", IDs: []string{element}}
			if got := matches(s); !slices.Equal(got, []string{want}) {
				t.Errorf("%s with %s alone: %v, want %s", page, element, got, want)
			}
			for _, exception := range []string{"service_exception_message", "exceptionMessageContainer", "idTD_Error"} {
				s.IDs = []string{element, exception}
				if got := matches(s); !slices.Equal(got, []string{"error"}) {
					t.Errorf("%s with %s and %s: %v", page, element, exception, got)
				}
			}
			s.IDs, s.Passkey = []string{element}, true
			if got := matches(s); !slices.Equal(got, []string{"passkey"}) {
				t.Errorf("%s with %s, asking for a passkey: %v", page, element, got)
			}
			s.Passkey, s.Host = false, ""
			if got := matches(s); len(got) > 0 {
				t.Errorf("%s with %s of no host: %v", page, element, got)
			}
		}
	}
}

// Only certain errors allow another password, because otherwise accounts would be locked.
func TestPasswordErrors(t *testing.T) {
	for code, want := range map[string][2]string{
		"": {"password", "access-pass"}, "50126": {"password", "refused"}, "50193": {"password", "refused"}, "50056": {"password", "refused"},
		"50034": {"password", "refused"}, "500341": {"password", "refused"}, "50128": {"password", "refused"}, "90002": {"password", "refused"},
		"900021": {"password", "refused"}, "900022": {"password", "refused"}, "900023": {"password", "refused"}, "130503": {"refused", "access-pass"},
		"50053": {"refused", "refused"}, "50057": {"refused", "refused"}, "53003": {"refused", "refused"}, "5012": {"refused", "refused"}, "501261": {"refused", "refused"},
	} {
		for i, element := range []string{"i0118", "name:accesspass"} {
			s := Snapshot{
				Ready: true, Host: here, PageID: pageSignIn, View: "2", ErrorCode: code,
				IDs: []string{element},
			}
			if got := matches(s); !slices.Equal(got, []string{want[i]}) {
				t.Errorf("%s with %q: %v, want %s", element, code, got, want[i])
			}
			if wrong := wrongPassword(s); wrong != (code == "50126" || code == "50193") {
				t.Errorf("%q says that the password was wrong: %v", code, wrong)
			}
		}
	}
}

// Views without a unique element are recognized by their number or by the request that
// they started.
func TestViewsWithoutElements(t *testing.T) {
	const picker, toPassword = "idA_PWD_SwitchToCredPicker", "idA_PWD_SwitchToPassword"
	for _, c := range []struct {
		page, view string
		ids        []string
		begun      string
		want       string // "" is none
	}{
		{pageSignIn, "13", []string{submitID, toPassword}, "", "confirm-send"},
		{pageSignIn, "13", []string{toPassword}, "", ""},
		{pageSignIn, "13", []string{submitID}, phoneSignIn, "confirm-send"},
		{pageSignIn, "14", []string{submitID}, "", ""},
		{pageSignIn, "17", []string{picker}, "", "terms-of-use"},
		{pageSignIn, "17", nil, phoneSignIn, "terms-of-use"},
		{pageSignIn, "55", []string{picker}, "", "session-probe"},
		{pageSignIn, "55", nil, phoneSignIn, "session-probe"},
		{pageSignIn, "23", []string{picker}, "", "passkey-declined"},
		{pageSignIn, "99", []string{toPassword}, "", "passkey-declined"},
		{pageSignIn, "99", []string{toPassword}, phoneSignIn, "phone-sign-in"},
		{pageSignIn, "99", nil, phoneSignIn, "phone-sign-in"},
		{pageSignIn, "99", nil, "", ""},
		{pageTFA, "99", nil, "PhoneAppNotification", "mfa-push"},
		{pageTFA, "99", nil, "CompanionAppsNotification", "mfa-push"},
		{pageTFA, "99", nil, "OneWaySMS", ""},
		{pageTFA, "99", nil, phoneSignIn, ""},
		{"ConvergedNew", "99", nil, "PhoneAppNotification", ""},
		{"", "", []string{"form:hiddenform", "passwordInput"}, "", "federated-form"},
		{"", "", []string{"form:other"}, "", ""},
		{"ConvergedNew", "", []string{"passwordInput"}, "", ""},
		{"ConvergedTOU", "", nil, "", "terms-of-use"},
	} {
		s := Snapshot{Ready: true, Host: here, PageID: c.page, View: c.view, IDs: c.ids, Begun: Begun{Method: c.begun}}
		got := matches(s)
		if c.want == "" && len(got) > 0 || c.want != "" && !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s, view %s with %q, begun %q: %v, want %q", c.page, c.view, c.ids, c.begun, got, c.want)
		}
	}
}

// Certain elements show that the view rejected an answer.
func TestRejections(t *testing.T) {
	for element, want := range map[string][4]bool{ // rejected: name, method, code, pass
		"usernameError": {true, false, false, false}, "i0116Error": {true, false, false, false}, "idDiv_SAOTCS_Error_OTC": {false, true, false, false},
		"idSpan_SAOTCC_Error_OTC": {false, false, true, true}, "idDiv_SAOTCC_ErrorMsg_OTC": {false, false, true, true}, "accessPassError": {false, false, false, true}, "x": {},
	} {
		s := Snapshot{IDs: []string{element}}
		if got := [4]bool{lookupFailed(s), methodFailed(s), codeFailed(s), passFailed(s)}; got != want {
			t.Errorf("%s: %v", element, got)
		}
	}
	if s := (Snapshot{Failed: true}); !lookupFailed(s) || !methodFailed(s) || !codeFailed(s) || !passFailed(s) {
		t.Error("a request that failed refuses nothing")
	}
}
