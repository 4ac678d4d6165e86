package entra

import (
	"fmt"

	"github.com/o365aws/o365aws/internal/fault"
)

// Advice explains a Microsoft Entra sign-in error. docs/troubleshooting.md is generated
// from the table.
type Advice struct {
	Code    string // number after AADSTS
	Meaning string
	Todo    string
	Window  bool // the user may be able to continue in a window
}

// Advices lists the errors that may occur during a sign-in to AWS, by code.
// Source: learn.microsoft.com/entra/identity-platform/reference-error-codes
var Advices = []Advice{
	{"135011", "the device is disabled in your organization", "ask the admin to enable the device", true},
	{"399218", "the sign-in has to be confirmed", "run o365aws login in a terminal", true},
	{"500341", "the account was deleted from this tenant", "check azure_default_username, or ask the admin", false},
	{"500342", "the account was deleted from this tenant", "check azure_default_username, or ask the admin", false},
	{"500343", "the account is not usable in this tenant", "check azure_default_username, or ask the admin", false},
	{"500344", "the account is not usable in this tenant", "check azure_default_username, or ask the admin", false},
	{
		"50005", "a Conditional Access policy does not allow this platform",
		"sign in from a platform that your organization allows", true,
	},
	{"50127", "the policy requires Microsoft's broker app on this device", "sign in from a managed device", true},
	{"501271", "the broker app could not authenticate this device", "sign in from a managed device", true},
	{"501291", "the policy requires Microsoft's broker app on this device", "sign in from a managed device", true},
	{"50181", "the multifactor authentication method failed", "use another method (o365aws_mfa)", false},
	{"50182", "the multifactor authentication method failed", "use another method (o365aws_mfa)", false},
	{"50183", "the multifactor authentication method failed", "use another method (o365aws_mfa)", false},
	{"50184", "the multifactor authentication method failed", "use another method (o365aws_mfa)", false},
	{"530081", "a token protection policy blocked the sign-in", "ask the admin which policy it was", true},
	{"530082", "a token protection policy blocked the sign-in", "ask the admin which policy it was", true},
	{"530084", "a token protection policy blocked the sign-in", "ask the admin which policy it was", true},
	{"700003", "the device is no longer registered in your organization", "register the device again", true},
	{"70046", "the session has expired or must be confirmed", "run the command again", false},
	{
		"9001011", "the policy requires proof of the device, which this browser cannot provide",
		"sign in from a managed device", true,
	},
	{"90095", "the application requires admin consent", "ask the admin to consent", false},
	{"130500", "a policy blocks this sign-in method", "use another method (o365aws_mfa)", true},
	{"130502", "the Temporary Access Pass is blocked", "ask the admin for a new one", false},
	{"130503", "the Temporary Access Pass is wrong", "check it and try again", false},
	{"130504", "the Temporary Access Pass has expired", "ask the admin for a new one", false},
	{"130505", "the Temporary Access Pass was already used", "ask the admin for a new one", false},
	{"131010", "a policy blocks this sign-in method", "use another method (o365aws_mfa)", false},
	{"135016", "a policy blocks this passkey", "use another method (o365aws_mfa)", true},
	{
		"16000", "several accounts are signed in and none is selected",
		"set azure_default_username; if it is set, report the page that --debug names", false,
	},
	{
		"16001", "the selected account cannot be used here",
		"select \"Use another account\", or set azure_default_username", false,
	},
	{"165000", "the sign-in lost its cookies or tokens", "run the command again", false},
	{
		"50011", "the application does not have the reply URL of the request",
		"check that region is in your AWS partition, or ask the admin to add its AWS sign-in URL to " +
			"the application's Reply URLs",
		false,
	},
	{"500121", "multifactor authentication failed", "try again, or use another method", false},
	{"500186", "a policy does not accept this certificate", "use another method (o365aws_mfa)", true},
	{"50020", "the account belongs to another tenant", "check azure_default_username and azure_tenant_id", false},
	{"50034", "the account does not exist in this tenant", "check azure_default_username and azure_tenant_id", false},
	{
		"50053", "the account is locked, or your IP address is blocked",
		"wait a few minutes, or ask the admin to unblock the sign-in", false,
	},
	{
		"50055", "the password has expired", "change it at https://aka.ms/sspr or on your next sign-in to Office 365",
		true,
	},
	{"50056", "the account has no password", "sign in another way, or ask the admin for one", false},
	{"50057", "the account is disabled", "ask the admin to enable it", false},
	{"500571", "the guest account is disabled", "ask the admin to enable it", false},
	{"50059", "the tenant could not be found", "check azure_tenant_id", false},
	{
		"50072", "the account must register for multifactor authentication",
		"register at https://aka.ms/mfasetup, then try again", true,
	},
	{"50074", "multifactor authentication is required", "run o365aws login in a terminal", false},
	{"50076", "multifactor authentication is required", "run o365aws login in a terminal", false},
	{
		"50079", "the account must register for multifactor authentication",
		"register at https://aka.ms/mfasetup, then try again", true,
	},
	{"50088", "too many text messages or calls were sent", "wait, or use another method", false},
	{"50089", "the sign-in page has expired", "run the command again", false},
	{"50097", "the policy of your organization requires a registered device", "sign in from a managed device", true},
	{
		"50105", "the account is not assigned to the AWS application",
		"ask the admin to assign you, or a group that you are a direct member of, to the application", false,
	},
	{"50125", "the account must reset its password or register", "sign in to Office 365 once in a browser", true},
	{"50126", "wrong user name or password", "check both and try again", false},
	{"50128", "the domain of the account is unknown", "check azure_default_username", false},
	{"50129", "the device is not joined to your organization", "sign in from a managed device", true},
	{"50131", "a device or location policy blocked the sign-in", "ask the admin which policy it was", true},
	{"50132", "the session has ended, e.g. because the password changed", "run the command again", false},
	{"50140", "sign-in was interrupted by \"Stay signed in?\"", "run the command again", false},
	{"50144", "the password has expired", "change it in Office 365, then try again", true},
	{
		"50158", "an external multifactor authentication provider is required",
		"sign in interactively with that provider", true,
	},
	{"50173", "the session was revoked", "run the command again", false},
	{"50174", "the sign-in server of your organization loops", "tell your admin", false},
	{"50193", "wrong password", "check it and try again", false},
	{"50196", "Microsoft detected a sign-in loop", "wait a few minutes, then try again", false},
	{"50199", "the sign-in has to be confirmed", "run o365aws login in a terminal", false},
	{
		"50203", "the account must set up the Authenticator app",
		"register at https://aka.ms/mfasetup, then try again", true,
	},
	{"53000", "the policy of your organization requires a compliant device", "sign in from a managed device", true},
	{
		"530001", "the device cannot be checked for compliance by this browser",
		"sign in with Edge or Chrome on a managed device", true,
	},
	{"530002", "the device is not compliant", "check Company Portal on the device, or ask the admin", false},
	{"530003", "the device is not managed by your organization", "sign in from a managed device", true},
	{"53001", "the policy of your organization requires a domain-joined device", "sign in from a managed device", true},
	{
		"530011", "the browser cannot prove that the device is joined to your organization",
		"sign in with Edge or Chrome on a managed device", true,
	},
	{"53002", "the policy of your organization does not allow this application", "ask the admin", false},
	{"530021", "the policy of your organization requires another application", "ask the admin", false},
	{
		"53003", "a Conditional Access policy blocked the sign-in",
		"ask the admin which policy it was; the correlation id helps", true,
	},
	{
		"530032", "a security policy of the tenant blocked the sign-in",
		"ask the admin which policy it was; the correlation id helps", false,
	},
	{"530033", "the policy of your organization requires a registered device", "sign in from a managed device", true},
	{"530034", "a policy blocks delegated administrators", "ask the admin", false},
	{
		"53004", "security information must be registered from a trusted location",
		"register at https://aka.ms/mfasetup from your organization's network", true,
	},
	{"53009", "the policy of your organization requires a protected application", "ask the admin", false},
	{
		"53010", "security information must be registered from a trusted location",
		"register at https://aka.ms/mfasetup from your organization's network", true,
	},
	{"53011", "the account is blocked because of its risk", "ask the admin to look at the risky sign-in", false},
	{"54009", "this sign-in method is not strong enough for the policy", "use another method (o365aws_mfa)", true},
	{"54010", "this sign-in method is not strong enough for the policy", "use another method (o365aws_mfa)", true},
	{"65001", "the application requires consent", "sign in once in a browser, or ask the admin to consent", true},
	{
		"700016", "no application in this tenant has this identifier",
		"check azure_app_id_uri and azure_tenant_id", false,
	},
	{"70044", "the session is too old for the policy of your organization", "run the command again", false},
	{"75005", "the SAML request was rejected as malformed", "report this as a bug", false},
	{"750054", "Microsoft did not receive the SAML request", "run the command again", false},
	{"75008", "the SAML request was rejected", "report this as a bug", false},
	{
		"75011", "the sign-in method is not the one that the application requested",
		"sign out in the browser and try again", false,
	},
	{"75016", "the SAML request was rejected for its name ID format", "report this as a bug", false},
	{"76026", "the SAML request has expired", "check the clock of this machine", false},
	{"90002", "the tenant does not exist", "check azure_tenant_id; a domain of your organization also works", false},
	{"900021", "the tenant is not valid", "check azure_tenant_id; a domain of your organization also works", false},
	{"900022", "the tenant is not valid", "check azure_tenant_id; a domain of your organization also works", false},
	{
		"900023", "the tenant name is not valid",
		"check azure_tenant_id; a domain of your organization also works", false,
	},
	{"9000410", "the sign-in page received an invalid request", "run the command again", false},
	{"90014", "the request of the page lacks a field", "run the command again", false},
	{"900144", "the request of the page lacks a field", "run the command again", false},
	{"900561", "the sign-in page received an invalid request", "run the command again", false},
	{"90094", "the application requires admin consent", "ask the admin to consent", false},
}

func adviceOf(code string) (Advice, bool) {
	for _, a := range Advices {
		if a.Code == code {
			return a, true
		}
	}
	return Advice{}, false
}

// Explain returns the fault for an AADSTS code, with hints. trace is Microsoft's
// correlation ID, or "" if unknown.
func Explain(code, trace string) *fault.Error {
	var f *fault.Error
	if a, ok := adviceOf(code); ok {
		f = fault.Newf(fault.Auth, "sign-in refused: %s (AADSTS%s)", a.Meaning, code).Hint("%s", a.Todo)
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
