package report

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
)

// Setting is a setting of the profile. It includes the value only if that is one of a
// fixed set.
type Setting struct {
	Name   string `json:"name"`
	Source string `json:"source"` // flag, environment, profile or base
	Kind   string `json:"kind"`
	Value  string `json:"value,omitempty"`
}

// settingsOf returns the settings of a profile that differ from their default.
func settingsOf(p awsconfig.Profile) []Setting {
	values, kinds := harmless(p), kindsOf(p)
	var all []Setting
	for _, s := range awsconfig.Settings {
		source := sourceOf(p, s.Key)
		if source == "" {
			continue
		}
		kind := kinds[s.Key]
		if values[s.Key] != "" {
			kind = "choice"
		}
		if kind == "" {
			kind = "text"
		}
		all = append(all, Setting{s.Key, source, kind, values[s.Key]})
	}
	return all
}

// sourceOf returns the kind of source of a setting, or "" if it is not set.
func sourceOf(p awsconfig.Profile, key string) string {
	source := p.Source[key]
	switch {
	case source == "" || source == "default":
		return ""
	case source == "the command line":
		return "flag"
	case strings.HasPrefix(source, "environment"):
		return "environment"
	case p.Name == "default" && strings.HasPrefix(source, "[default]"),
		strings.HasPrefix(source, "[profile "+p.Name+"]"):
		return "profile"
	}
	return "base"
}

// harmless returns the values without user data. Loading the profile has checked that
// each is one of a fixed set or a number.
func harmless(p awsconfig.Profile) map[string]string {
	method, _, _ := strings.Cut(p.MFA, ":")
	if !slices.ContainsFunc(entra.Methods, func(m entra.Method) bool { return m.Name == method }) {
		method = ""
	}
	seconds := ""
	if p.Duration > 0 {
		seconds = p.Duration.String()
	}
	sts := "regional"
	if p.LegacySTS {
		sts = "legacy"
	}
	return map[string]string{
		"azure_default_remember_me": strconv.FormatBool(p.RememberMe), "azure_default_duration_hours": seconds,
		"duration_seconds": seconds, "o365aws_browser": p.Browser, "o365aws_browser_profile": p.BrowserProfile,
		"o365aws_mfa": method, "o365aws_device": p.Device, "o365aws_cloud": p.Cloud, "o365aws_store": p.Store,
		"o365aws_remember": p.Remember, "o365aws_process": p.Process, "o365aws_trail": p.Trail, "o365aws_agent": p.Agent,
		"use_fips_endpoint": strconv.FormatBool(p.FIPS), "use_dualstack_endpoint": strconv.FormatBool(p.DualStack),
		"sts_regional_endpoints": sts,
	}
}

var (
	guidShape   = lazy(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	domainShape = lazy(`^[^@\s/]+\.[^@\s/]+$`)
	arnShape    = lazy(`^arn:(aws(?:-[a-z]{2,8})*):iam::[0-9]{12}:role/`)
	awsHost     = lazy(`(?:^|\.)amazonaws\.com(\.cn)?$`)
)

// kindsOf returns the kinds of the other values.
func kindsOf(p awsconfig.Profile) map[string]string {
	return map[string]string{
		"azure_tenant_id": tenantKind(p.TenantID), "azure_app_id_uri": identifierKind(p.AppIDURI),
		"azure_default_username": nameKind(p.Username), "azure_default_role_arn": roleKind(p.RoleARN),
		"o365aws_browser_path": "path", "o365aws_browser_args": count(len(p.BrowserArgs), "argument"),
		"o365aws_login_hosts": count(len(p.LoginHosts), "host"), "o365aws_reply_url": replyKind(p.ReplyURL),
		"region": "region", "ca_bundle": "path", "endpoint_url": endpointKind(p.STSEndpoint),
		"credential_process": processKind(p.CredentialProcess),
	}
}

func tenantKind(value string) string {
	switch {
	case guidShape().MatchString(value):
		return "guid"
	case strings.HasSuffix(strings.ToLower(value), ".onmicrosoft.com"):
		return "onmicrosoft domain"
	case domainShape().MatchString(value):
		return "domain"
	}
	return "text"
}

func identifierKind(value string) string {
	switch {
	case value == "https://signin.aws.amazon.com/saml":
		return "that of AWS"
	case strings.HasPrefix(value, "https://signin.aws.amazon.com/saml"):
		return "that of AWS with a suffix"
	}
	return "url"
}

func nameKind(value string) string {
	if strings.Contains(value, "@") {
		return "address"
	}
	return "text"
}

func roleKind(value string) string {
	if found := arnShape().FindStringSubmatch(value); found != nil {
		return "role in partition " + found[1]
	}
	return "text"
}

func replyKind(value string) string {
	if u, err := url.Parse(value); err == nil && slices.Contains([]string{"localhost", "127.0.0.1"}, u.Hostname()) {
		return "url of this machine"
	}
	return "url"
}

func endpointKind(value string) string {
	if u, err := url.Parse(value); err == nil && awsHost().MatchString(u.Hostname()) {
		return "url of AWS"
	}
	return "url"
}

func processKind(value string) string {
	if strings.Contains(value, "credential-process") {
		return "o365aws"
	}
	return "another program"
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

// variables returns the environment variables that affect the program.
func variables() []string {
	return strings.Fields(`
	AWS_ACCESS_KEY_ID AWS_CA_BUNDLE AWS_CONFIG_FILE AWS_DEFAULT_PROFILE AWS_DEFAULT_REGION AWS_ENDPOINT_URL
	AWS_ENDPOINT_URL_STS AWS_PROFILE AWS_REGION AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SHARED_CREDENTIALS_FILE
	AZURE_CLIENT_ID AZURE_TENANT_ID BROWSER CI DISPLAY HTTPS_PROXY HTTP_PROXY ALL_PROXY NO_COLOR NO_PROXY O365AWS_BROWSER_ARGS
	O365AWS_BROWSER_PATH O365AWS_HOME O365AWS_NO_INPUT O365AWS_PASSWORD O365AWS_STORE_PASSPHRASE O365AWS_TOTP_SECRET
	SSH_CONNECTION TERM WAYLAND_DISPLAY WSL_DISTRO_NAME all_proxy http_proxy https_proxy no_proxy`)
}

// variablesSet returns the names of the variables that are set.
func variablesSet(getenv awsconfig.Env) []string {
	set := []string{}
	for _, name := range variables() {
		if getenv(name) != "" {
			set = append(set, name)
		}
	}
	return set
}
