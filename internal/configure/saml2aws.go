package configure

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
)

// Account is one of ~/.saml2aws.
type Account struct {
	Name    string
	Section awsconfig.Section
}

// Accounts returns those that sign in by Azure AD, and says why the others
// are left out.
func Accounts(data []byte) ([]Account, []Ignored, error) {
	var accounts []Account
	var ignored []Ignored
	for _, s := range awsconfig.Sections(data) {
		if provider := s.Get("provider"); !strings.EqualFold(provider, "AzureAD") {
			ignored = append(
				ignored,
				Ignored{
					s.Name, "the account", s.Line,
					"signs in by " + orNothing(provider) + ", not by AzureAD" + instead(s),
				},
			)
			continue
		}
		accounts = append(accounts, Account{s.Name, s})
	}
	if len(accounts) == 0 {
		return nil, ignored, fault.New(
			fault.Config, "no account of saml2aws signs in by AzureAD",
			"o365aws configure makes a profile from your e-mail address",
		)
	}
	return accounts, ignored, nil
}

// instead is what somebody may do whose account saml2aws signs in to Microsoft
// in a browser.
func instead(s awsconfig.Section) string {
	if strings.EqualFold(s.Get("provider"), "Browser") && strings.Contains(s.Get("url"), "microsoft") {
		return "; o365aws configure --browser system makes a profile for it"
	}
	return ""
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return termtext.Printable(s, 200)
}

// taken are the settings of saml2aws that a profile is made of.
var taken = []string{
	"name", "provider", "url", "username", "mfa", "aws_profile", "aws_session_duration", "role_arn", "region",
}

// notTaken says why its other settings are not taken over. A value that is
// its default, or empty, needs no word.
var notTaken = map[string]struct{ silent, why string }{
	"app_id": {
		"",
		"is not needed: the application is found by its identifier; pass --app-id-uri if your admin chose another than the gallery's",
	},
	"aws_urn": {"urn:amazon:webservices", "is not taken: the region says which AWS it is"},
	"skip_verify": {
		"false", "is not taken: certificates are always checked; AWS_CA_BUNDLE or ca_bundle trusts a company proxy",
	},
	"credentials_file": {"", "is not taken: AWS_SHARED_CREDENTIALS_FILE names another credentials file"},
	"target_url":       {"", "is not taken: the reply URL follows from the region"},
	"policy_file":      {"", withoutPolicy},
	"policy_arn_list":  {"", withoutPolicy},

	"saml_cache":              {"false", sessionInstead},
	"saml_cache_file":         {"", sessionInstead},
	"disable_sessions":        {"false", sessionInstead},
	"disable_remember_device": {"false", sessionInstead},

	"timeout":             {"0", ownLimits},
	"http_attempts_count": {"", ownLimits},
	"http_retry_delay":    {"", ownLimits},
	"prompter":            {"", "is not taken: questions come on the terminal"},

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

// What holds for several of them.
const (
	withoutPolicy    = "is not taken: there are no session policies, so the credentials may do all that the role may"
	sessionInstead   = "is not taken: the session is kept instead; o365aws_remember says what is kept"
	ownLimits        = "is not taken: o365aws has limits of its own"
	installedBrowser = "is not taken: the installed browser is used; o365aws_browser and o365aws_browser_path choose another"
	otherProvider    = "is not taken: it is for another provider than AzureAD"
)

var methods = []string{"PhoneAppOTP", "PhoneAppNotification", "OneWaySMS"}

// FromSaml2aws plans a profile for each account. tenants is by e-mail address.
func FromSaml2aws(accounts []Account, tenants map[string]entra.Tenant, settings Settings) (Import, error) {
	var found Import
	named := map[string]bool{}
	for _, a := range accounts {
		name := a.Section.Get("aws_profile")
		if name == "" {
			name = "saml" // what saml2aws takes
		}
		if named[name] {
			name = a.Name
		}
		named[name] = true
		p, err := a.profile(name, tenants[a.Section.Get("username")], settings)
		if err != nil {
			return Import{}, err
		}
		found.Plan.Profiles = append(found.Plan.Profiles, p)
		found.Works = append(
			found.Works, name+": from account "+termtext.Printable(a.Name, 200)+settings.regionSaid(a, p),
		)
		for i, kv := range a.Section.KVs {
			if why := whyNot(kv); why != "" {
				found.Ignored = append(found.Ignored, Ignored{a.Name, kv.Key, a.Section.At[i], why})
			}
		}
	}
	return found, nil
}

// whyNot says why a setting is left out, "" when there is no need to.
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

// regionSaid tells of a region that neither the account nor a person named.
func (s Settings) regionSaid(a Account, p Profile) string {
	if s.Region != "" || a.Section.Get("region") != "" || len(p.Default) == 0 {
		return ""
	}
	return "; no region is set, so it gets " + p.Default[0].Value + " unless it has one; --region names another"
}

func (a Account) profile(name string, tenant entra.Tenant, settings Settings) (Profile, error) {
	own := settings
	own.TenantID, own.Cloud, own.Username = tenant.ID, tenant.Cloud.Name, a.Section.Get("username")
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
