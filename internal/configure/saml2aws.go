package configure

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
)

// Account is an account in ~/.saml2aws.
type Account struct {
	Name    string
	Section awsconfig.Section
}

// Accounts returns the accounts with the provider AzureAD, and the reason why each of the
// others is ignored.
func Accounts(data []byte) ([]Account, []Ignored, error) {
	var accounts []Account
	var ignored []Ignored
	for _, s := range awsconfig.Sections(data) {
		if provider := s.Get("provider"); !strings.EqualFold(provider, "AzureAD") {
			ignored = append(
				ignored,
				Ignored{
					s.Name, "the account", s.Line,
					"has the provider " + orNothing(provider) + ", not AzureAD" + instead(s),
				},
			)
			continue
		}
		accounts = append(accounts, Account{s.Name, s})
	}
	if len(accounts) == 0 {
		return nil, ignored, fault.New(
			fault.Config, "no account of saml2aws has the provider AzureAD",
			"to create a profile from your e-mail address: o365aws configure",
		)
	}
	return accounts, ignored, nil
}

// instead returns what to do about an account with which saml2aws signs in to Microsoft
// in a browser.
func instead(s awsconfig.Section) string {
	if strings.EqualFold(s.Get("provider"), "Browser") && strings.Contains(s.Get("url"), "microsoft") {
		return "; to create a profile for it: o365aws configure --browser system"
	}
	return ""
}

func orNothing(s string) string {
	if s == "" {
		return "none"
	}
	return termtext.Printable(s, 200)
}

// taken lists the settings of saml2aws that profiles use.
var taken = []string{
	"name", "provider", "url", "username", "mfa", "aws_profile", "aws_session_duration", "role_arn", "region",
}

// notTaken maps ignored settings to reasons. An empty or default value needs no message.
var notTaken = map[string]struct{ silent, why string }{
	"app_id": {
		"",
		"is not needed: the application is found by its identifier; pass --app-id-uri if it differs from that " +
			"of the gallery",
	},
	"aws_urn": {"urn:amazon:webservices", "is not needed: the region determines the AWS partition"},
	"skip_verify": {
		"false", "is not supported: certificates are always verified; to trust a company proxy, set " +
			"AWS_CA_BUNDLE or ca_bundle",
	},
	"credentials_file": {"", "is not supported: to use another credentials file, set AWS_SHARED_CREDENTIALS_FILE"},
	"target_url":       {"", "is not needed: the region determines the reply URL"},
	"policy_file":      {"", withoutPolicy},
	"policy_arn_list":  {"", withoutPolicy},

	"saml_cache":              {"false", sessionInstead},
	"saml_cache_file":         {"", sessionInstead},
	"disable_sessions":        {"false", sessionInstead},
	"disable_remember_device": {"false", sessionInstead},

	"timeout":             {"0", ownLimits},
	"http_attempts_count": {"", ownLimits},
	"http_retry_delay":    {"", ownLimits},
	"prompter":            {"", "is not supported: prompts appear in the terminal"},

	"browser_type":            {"", installedBrowser},
	"browser_executable_path": {"", installedBrowser},
	"browser_driver_dir":      {"", installedBrowser},
	"download_browser_driver": {"false", installedBrowser},
	"browser_autofill":        {"false", installedBrowser},
	"headless":                {"false", installedBrowser},

	"mfa_ip_address":        {"", otherProvider},
	"resource_id":           {"", otherProvider},
	"subdomain":             {"", otherProvider},
	"kc_broker":             {"", otherProvider},
	"kc_auth_error_element": {"", otherProvider},
	"kc_auth_error_message": {"", otherProvider},
}

// Reasons shared by several settings.
const (
	withoutPolicy    = "is not imported: the credentials have all permissions of the role"
	sessionInstead   = "is not needed: o365aws saves the session; o365aws_remember controls what is saved"
	ownLimits        = "is not needed: o365aws has its own limits"
	installedBrowser = "is not needed: o365aws uses the installed browser; to choose another, set " +
		"o365aws_browser or o365aws_browser_path"
	otherProvider = "is not needed: it belongs to a provider other than AzureAD"
)

var methods = []string{"PhoneAppOTP", "PhoneAppNotification", "OneWaySMS"}

const notImported = "not imported"

// FromSaml2aws plans a profile for each account. tenant returns the tenant of a user.
func FromSaml2aws(accounts []Account, tenant func(email string) (entra.Tenant, error), settings Settings) Import {
	var found Import
	named := map[string]bool{}
	for _, a := range accounts {
		name := a.Section.Get("aws_profile")
		if name == "" {
			name = "saml" // default name of saml2aws
		}
		if named[name] {
			name = a.Name
		}
		named[name] = true
		v := Verdict{
			Profile: awsconfig.Profile{Name: name},
			Account: fmt.Sprintf("account %s (line %d)", a.Name, a.Section.Line),
		}
		p, err := a.profile(name, tenant, settings)
		if err != nil {
			v.Text, v.Err = notImported, err
			found.Verdicts = append(found.Verdicts, v)
			continue
		}
		v.Text = "from account " + a.Name + settings.regionSaid(a, p)
		found.Verdicts = append(found.Verdicts, v)
		found.Plan.Profiles = append(found.Plan.Profiles, p)
		for i, kv := range a.Section.KVs {
			if why := whyNot(kv); why != "" {
				found.Ignored = append(found.Ignored, Ignored{a.Name, kv.Key, a.Section.At[i], why})
			}
		}
	}
	return found
}

// whyNot returns the reason why a setting is ignored, or "" if no message is needed.
func whyNot(kv awsconfig.KV) string {
	row, known := notTaken[kv.Key]
	switch {
	case kv.Value == "" || kv.Value == row.silent || slices.Contains(taken, kv.Key):
		return ""
	case !known:
		return unknownSetting
	}
	return row.why
}

// regionSaid mentions a region that was set neither in the account nor by the user.
func (s Settings) regionSaid(a Account, p Profile) string {
	if s.Region != "" || a.Section.Get("region") != "" || len(p.Default) == 0 {
		return ""
	}
	return "; no region is set, so it gets " + p.Default[0].Value + " unless it has one; to change it, pass --region"
}

func (a Account) profile(
	name string, find func(email string) (entra.Tenant, error), settings Settings,
) (Profile, error) {
	if err := awsconfig.CheckProfileName(name); err != nil {
		return Profile{}, fault.Wrap(fault.Config, err, a.where("aws_profile"), "choose another aws_profile")
	}
	own := settings
	own.Username = a.Section.Get("username")
	tenant, err := find(own.Username)
	if err != nil {
		return Profile{}, fmt.Errorf("%s: %w", a.where("username"), err)
	}
	own.TenantID, own.Cloud = tenant.ID, tenant.Cloud.Name
	own.RoleARN = a.Section.Get("role_arn")
	if own.Region == "" {
		own.Region = a.Section.Get("region")
	}
	if seconds, err := strconv.Atoi(a.Section.Get("aws_session_duration")); err == nil && seconds >= 900 &&
		seconds <= 43200 &&
		own.Duration == 0 {
		own.Duration = time.Duration(seconds) * time.Second
	}
	p, err := own.Base(name)
	if method := a.Section.Get("mfa"); slices.Contains(methods, method) {
		p.add("o365aws_mfa", method)
	}
	return p, err
}

// where returns a setting with its line, if the account has it.
func (a Account) where(key string) string {
	if line := a.Section.LineOf(key); line > 0 {
		return fmt.Sprintf("%s (line %d)", key, line)
	}
	return key
}
