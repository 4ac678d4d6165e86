package awsconfig

import "strings"

// Setting is one row of the table of profile settings: variables, defaults and
// docs/settings.md are derived from it. A new setting also needs: a field in Profile and
// its assignment in load.go; a row in choices if its values are fixed; an entry in
// internal/report/settings.go if its value contains no user data; a line in
// TestEverySetting; an entry in internal/configure/share.go if others may import it; and,
// if it affects the credentials, an entry in the cache key (internal/login/resolve.go)
// and in fastpath.Overriding.
type Setting struct {
	Key     string
	Env     []string // variables that override the profile; the first one that is set wins
	Default string
	Doc     string
}

// Settings lists every setting of a profile.
var Settings = []Setting{
	{"azure_tenant_id", both("azure_tenant_id"), "", "the tenant: its GUID or one of its domains"},
	{
		"azure_app_id_uri", both("azure_app_id_uri"), "https://signin.aws.amazon.com/saml",
		"identifier of the AWS application (alias: azure_app_id)",
	},
	{"azure_default_username", both("azure_default_username"), "", "e-mail address to sign in with"},
	{"azure_default_role_arn", both("azure_default_role_arn"), "", "role to assume without a prompt"},
	{"azure_default_duration_hours", both("azure_default_duration_hours"), "", "lifetime of credentials, in hours (alias: azure_duration_hours)"},
	{
		"azure_default_remember_me", both("azure_default_remember_me"), "",
		"true answers \"Stay signed in?\" with yes; false saves no session unless o365aws_remember is set",
	},
	{
		"o365aws_browser", ours("o365aws_browser"), "headless",
		"headless, visible, system, or none (sign in over HTTP; an installed browser continues at pages that need one)",
	},
	{"o365aws_browser_path", ours("o365aws_browser_path"), "", "path of the browser"},
	{"o365aws_browser_args", ours("o365aws_browser_args"), "", "additional arguments for the browser, separated by spaces"},
	{
		"o365aws_browser_profile", ours("o365aws_browser_profile"), "temporary",
		"profile folder of a visible browser: temporary, or persistent (one per tenant and user, with extensions)",
	},
	{"o365aws_mfa", ours("o365aws_mfa"), "", "preferred method of multifactor authentication, e.g. push, totp, sms or sms:42"},
	{
		"o365aws_device", ours("o365aws_device"), "auto",
		"sign-in by the device's Microsoft identity broker (Linux): auto, none or required",
	},
	{
		"o365aws_reply_url", ours("o365aws_reply_url"), "http://localhost:8365/saml",
		"reply URL of a sign-in in the system browser",
	},
	{
		"o365aws_login_hosts", ours("o365aws_login_hosts"), "",
		"additional hosts that may receive the password, e.g. an AD FS server",
	},
	{
		"o365aws_acs_url", ours("o365aws_acs_url"), "",
		"reply URL of AWS that the application has instead of the usual one: regional, or of one SAML provider",
	},
	{
		"o365aws_agent", ours("o365aws_agent"), "",
		"read-only narrows sessions to the policy ReadOnlyAccess if a coding agent runs the command",
	},
	{
		"o365aws_provider_arn", ours("o365aws_provider_arn"), "",
		"ARN of the SAML provider of the role; required only for encrypted SAML responses",
	},
	{
		"o365aws_policy_arns", ours("o365aws_policy_arns"), "",
		"ARNs of session policies that narrow every session of the profile, at most ten",
	},
	{"o365aws_cloud", ours("o365aws_cloud"), "global", "Microsoft's cloud: global, usgov or china"},
	{
		"o365aws_store", ours("o365aws_store"), "auto",
		"where long-lived secrets are stored: auto (the keychain; on Linux without a Secret Service, the kernel keyring), " +
			"keychain, kernel, file or none",
	},
	{
		"o365aws_remember", ours("o365aws_remember"), "",
		"what is saved for the next sign-in: session (unless azure_default_remember_me is false), " +
			"password (with the session) or none",
	},
	{
		"o365aws_password_command", ours("o365aws_password_command"), "",
		"command that prints the password, e.g. of a password manager: run without a shell, one line on standard output",
	},
	{
		"o365aws_totp_command", ours("o365aws_totp_command"), "",
		"command that prints the TOTP secret, or the current code, of your authenticator app",
	},
	{
		"o365aws_process", ours("o365aws_process"), "silent",
		"what credential-process may do if interactive sign-in is required: silent (nothing), " +
			"terminal (prompt there) or system (open your own browser)",
	},
	{
		"o365aws_trail", ours("o365aws_trail"), "last",
		"redacted trail for o365aws report: last (of the last sign-in, stored for a day) or none",
	},
	{
		"region",
		[]string{"AWS_REGION", "AWS_DEFAULT_REGION"},
		"",
		"AWS region; it also determines the partition (without it, the role or o365aws_cloud does)",
	},
	{"ca_bundle", []string{"AWS_CA_BUNDLE"}, "", "PEM file of certificate authorities to trust"},
	{"duration_seconds", nil, "", "lifetime of credentials, in seconds"},
	{"endpoint_url", []string{"AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"}, "", "endpoint of AWS STS"},
	{
		"ignore_configured_endpoint_urls",
		[]string{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"},
		"",
		"true ignores all configured endpoints",
	},
	{"sts_regional_endpoints", []string{"AWS_STS_REGIONAL_ENDPOINTS"}, "regional", "regional or legacy"},
	{"use_fips_endpoint", []string{"AWS_USE_FIPS_ENDPOINT"}, "", "use FIPS endpoints"},
	{"use_dualstack_endpoint", []string{"AWS_USE_DUALSTACK_ENDPOINT"}, "", "use dual-stack endpoints"},
	{"services", nil, "", "section with endpoints by service"},
	{"credential_process", nil, "", "command that prints credentials"},
}

// choices lists the settings with a fixed set of values. A misspelled value is refused,
// because it could save a secret or open a window against the user's intent.
var choices = []struct {
	key    string
	values []string
}{
	{"o365aws_browser", []string{"headless", "visible", "system", "none"}},
	{"o365aws_browser_profile", []string{"temporary", "persistent"}},
	{"o365aws_device", []string{"auto", "none", "required"}},
	{"o365aws_agent", []string{"read-only"}},
	{"o365aws_cloud", []string{"global", "usgov", "china"}},
	{"o365aws_store", []string{"auto", "keychain", "kernel", "file", "none"}},
	{"o365aws_remember", []string{"session", "password", "none"}},
	{"o365aws_process", []string{"silent", "terminal", "system"}},
	{"o365aws_trail", []string{"last", "none"}},
	{"sts_regional_endpoints", []string{"regional", "legacy"}},
}

// Values returns the values that a setting accepts, or nil if it accepts any.
func Values(key string) []string {
	for _, c := range choices {
		if c.key == key {
			return c.values
		}
	}
	return nil
}

// formerValues maps values that were renamed to their current names.
var formerValues = map[string]string{"o365aws_browser_profile=kept": "persistent"}

// both returns the pair of variables that aws-azure-login reads.
func both(key string) []string { return []string{strings.ToUpper(key), key} }

func ours(key string) []string { return []string{strings.ToUpper(key)} }
