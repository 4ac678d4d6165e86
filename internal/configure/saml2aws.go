package configure

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
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
			ignored = append(ignored, Ignored{s.Name, "the account", s.Line, "signs in by " + orNothing(provider) + ", not by AzureAD"})
			continue
		}
		accounts = append(accounts, Account{s.Name, s})
	}
	if len(accounts) == 0 {
		return nil, ignored, fault.New(fault.Config, "no account of saml2aws signs in by AzureAD", "o365aws configure makes a profile from your e-mail address")
	}
	return accounts, ignored, nil
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return printable(s)
}

// notTaken says why settings of saml2aws are not taken over. A value that is
// its default, or empty, needs no word.
var notTaken = map[string]struct{ silent, why string }{
	"app_id":                  {"", "is not needed: the application is found by its identifier; pass --app-id-uri if your admin chose another than the gallery's"},
	"skip_verify":             {"false", "is not taken: certificates are always checked; AWS_CA_BUNDLE or ca_bundle trusts a company proxy"},
	"credentials_file":        {"", "is not taken: AWS_SHARED_CREDENTIALS_FILE names another credentials file"},
	"saml_cache":              {"false", "is not taken: o365aws keeps no assertions"},
	"target_url":              {"", "is not taken: the reply URL follows from the region"},
	"prompter":                {"", "is not taken"},
	"mfa_ip_address":          {"", "is not taken"},
	"disable_sessions":        {"false", "is not taken: o365aws_remember says what is kept"},
	"disable_remember_device": {"false", "is not taken: azure_default_remember_me says it"},
}

var methods = []string{"PhoneAppOTP", "PhoneAppNotification", "OneWaySMS"}

// FromSaml2aws plans a profile for each account. tenants is by e-mail address.
func FromSaml2aws(accounts []Account, tenants map[string]Tenant, settings Settings) (Import, error) {
	var found Import
	taken := map[string]bool{}
	for _, a := range accounts {
		name := a.Section.Get("aws_profile")
		if name == "" {
			name = "saml" // what saml2aws takes
		}
		if taken[name] {
			name = a.Name
		}
		taken[name] = true
		p, err := a.profile(name, tenants[a.Section.Get("username")], settings)
		if err != nil {
			return Import{}, err
		}
		found.Plan.Profiles = append(found.Plan.Profiles, p)
		found.Works = append(found.Works, name+": from account "+printable(a.Name))
		for i, kv := range a.Section.KVs {
			if row, ok := notTaken[kv.Key]; ok && kv.Value != "" && kv.Value != row.silent {
				found.Ignored = append(found.Ignored, Ignored{a.Name, kv.Key, a.Section.At[i], row.why})
			}
		}
	}
	return found, nil
}

func (a Account) profile(name string, tenant Tenant, settings Settings) (Profile, error) {
	own := settings
	own.TenantID, own.Cloud, own.Username = tenant.ID, tenant.Cloud.Name, a.Section.Get("username")
	own.RoleARN = a.Section.Get("role_arn")
	if own.Region == "" {
		own.Region = a.Section.Get("region")
	}
	if seconds, err := strconv.Atoi(a.Section.Get("aws_session_duration")); err == nil && seconds >= 900 && seconds <= 43200 && own.Duration == 0 {
		own.Duration = time.Duration(seconds) * time.Second
	}
	p, err := own.Base(name)
	if method := a.Section.Get("mfa"); slices.Contains(methods, method) {
		p.add("o365aws_mfa", method)
	}
	return p, err
}
