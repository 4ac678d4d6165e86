package entra

import (
	"fmt"

	"github.com/o365aws/o365aws/internal/fault"
)

// Advice is what a sign-in error of Microsoft Entra means and what to do.
type Advice struct {
	Code    string // the number behind AADSTS
	Meaning string
	Todo    string
}

// Advices lists the errors that a sign-in to AWS can meet, by code.
// Source: learn.microsoft.com/entra/identity-platform/reference-error-codes
var Advices = []Advice{
	{"16000", "several accounts are signed in and none was chosen", "run the command again with --debug and report the page"},
	{"50011", "the reply URL of the request is not one of the application", "ask the admin to add the AWS sign-in URL of your partition to the application's Reply URLs"},
	{"50020", "the account belongs to another tenant", "check azure_default_username and azure_tenant_id"},
	{"50034", "the account does not exist in this tenant", "check azure_default_username and azure_tenant_id"},
	{"50053", "the account is locked, or the address you come from is blocked", "wait some minutes, or ask the admin to unblock the sign-in"},
	{"50055", "the password has expired", "change it at https://aka.ms/sspr or on your next sign-in to Office 365"},
	{"50056", "the account has no password", "sign in another way, or ask the admin for one"},
	{"50057", "the account is disabled", "ask the admin to enable it"},
	{"500571", "the guest account is disabled", "ask the admin to enable it"},
	{"50059", "the tenant could not be found", "check azure_tenant_id"},
	{"50072", "the account must register for multifactor authentication", "register at https://aka.ms/mfasetup, then try again"},
	{"50074", "multifactor authentication is required", "run o365aws login in a terminal"},
	{"50076", "multifactor authentication is required", "run o365aws login in a terminal"},
	{"50079", "the account must register for multifactor authentication", "register at https://aka.ms/mfasetup, then try again"},
	{"50088", "too many text messages or calls were sent", "wait, or use another method"},
	{"50089", "the sign-in page got too old", "run the command again"},
	{"50097", "the policy of your company wants a registered device", "sign in from a managed device"},
	{"50105", "the account is not assigned to the AWS application", "ask the admin to assign you, or a group that you are a direct member of, to the application"},
	{"50125", "the account must reset its password or register", "sign in to Office 365 once in a browser"},
	{"50126", "wrong user name or password", "check both and try again"},
	{"50128", "the domain of the account is unknown", "check azure_default_username"},
	{"50131", "a device or location policy blocked the sign-in", "ask the admin which policy it was"},
	{"50140", "sign-in was interrupted by \"Stay signed in?\"", "run the command again"},
	{"50144", "the password has expired", "change it in Office 365, then try again"},
	{"50158", "an external multifactor provider is required", "o365aws cannot answer it headless; ask the admin"},
	{"50173", "the session was revoked", "run the command again"},
	{"50193", "wrong password", "check it and try again"},
	{"50196", "Microsoft saw a loop of sign-ins", "wait some minutes, then try again"},
	{"50199", "the sign-in has to be confirmed", "run o365aws login in a terminal"},
	{"50203", "the account must set up the Authenticator app", "register at https://aka.ms/mfasetup, then try again"},
	{"500121", "multifactor authentication failed", "try again, or use another method"},
	{"53000", "the policy of your company wants a compliant device", "sign in from a managed device"},
	{"53001", "the policy of your company wants a domain-joined device", "sign in from a managed device"},
	{"53002", "the policy of your company does not allow this application", "ask the admin"},
	{"53003", "a Conditional Access policy blocked the sign-in", "ask the admin which policy it was; the trace id helps"},
	{"53004", "security information must be registered from a trusted place", "register at https://aka.ms/mfasetup from your company's network"},
	{"53009", "the policy of your company wants a protected application", "ask the admin"},
	{"53011", "the account is blocked because of its risk", "ask the admin to look at the risky sign-in"},
	{"65001", "the application wants a consent", "sign in once in a browser, or ask the admin to consent"},
	{"700016", "the application's identifier is not known in this tenant", "check azure_app_id_uri and azure_tenant_id"},
	{"75005", "the SAML request was refused as malformed", "report this as a bug"},
	{"75011", "the way of signing in does not match what the application asked for", "sign out in the browser and try again"},
	{"76026", "the SAML request was too old", "check the clock of this machine"},
	{"90002", "the tenant does not exist", "check azure_tenant_id; a domain of your company works too"},
	{"900021", "the tenant is not valid", "check azure_tenant_id; a domain of your company works too"},
	{"900022", "the tenant is not valid", "check azure_tenant_id; a domain of your company works too"},
	{"900023", "the tenant name is not valid", "check azure_tenant_id; a domain of your company works too"},
	{"90094", "the application wants an admin's consent", "ask the admin to consent"},
	{"130500", "a policy blocks this way of signing in", "use another method (o365aws_mfa)"},
	{"130502", "the Temporary Access Pass is blocked", "ask the admin for a new one"},
	{"130503", "the Temporary Access Pass is wrong", "check it and try again"},
	{"130504", "the Temporary Access Pass has expired", "ask the admin for a new one"},
	{"130505", "the Temporary Access Pass was already used", "ask the admin for a new one"},
	{"135016", "a policy blocks this passkey", "use another method (o365aws_mfa)"},
	{"165000", "the sign-in lost its cookies or tokens", "run the command again"},
}

// Explain returns the fault for an AADSTS code: what it is and what to do.
// trace is Microsoft's correlation id, empty when unknown.
func Explain(code, trace string) *fault.Error {
	var f *fault.Error
	for _, a := range Advices {
		if a.Code == code {
			f = fault.Newf(fault.Auth, "sign-in refused: %s (AADSTS%s)", a.Meaning, code).Hint("%s", a.Todo)
		}
	}
	if f == nil {
		f = fault.New(fault.Auth, fmt.Sprintf("sign-in refused (AADSTS%s)", code),
			"what it means: https://login.microsoftonline.com/error?code="+code)
	}
	if trace != "" {
		f = f.Hint("for your admin: correlation id %s", trace)
	}
	return f
}
