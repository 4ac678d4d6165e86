package awsconfig

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/ini.v1"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/termtext"
)

// Profile holds the settings of a sign-in, with the source of each value.
type Profile struct {
	Name              string
	TenantID          string // GUID or domain
	Tenant            string // the GUID; "" if unknown
	AppIDURI          string
	Username          string
	RoleARN           string
	Duration          time.Duration // 0 if not set
	RememberMe        bool
	Region            string
	Browser           string
	BrowserPath       string
	BrowserArgs       []string
	BrowserProfile    string
	MFA               string
	Device            string
	ReplyURL          string
	Cloud             string
	Store             string
	Remember          string
	Process           string
	Trail             string
	PasswordCommand   string
	TOTPCommand       string
	LoginHosts        []string
	PolicyARNs        []string // of session policies
	ACSURL            string   // "" means that of the partition
	ProviderARN       string   // SAML provider of the role
	Agent             string
	CABundle          string
	STSEndpoint       string
	LegacySTS         bool // sts_regional_endpoints = legacy
	FIPS, DualStack   bool
	CredentialProcess string
	Source            map[string]string // setting -> where its value came from
}

// Flags holds the settings on the command line, by key.
type Flags map[string]string

// readOptions make ini.v1 read like the AWS tools: no quotes, escapes or continued lines,
// and # and ; start a comment only at the beginning of a line.
var readOptions = ini.LoadOptions{
	Loose: true, Insensitive: false, InsensitiveKeys: true, IgnoreInlineComment: true, IgnoreContinuation: true,
	AllowNestedValues: true, PreserveSurroundedQuote: true, SkipUnrecognizableLines: true, KeyValueDelimiters: "=:",
	ChildSectionDelimiter: "\x00", // "work.dev" inherits nothing from "work"
}

// document is a config or credentials file.
type document struct {
	*ini.File
	path     string
	sections []Section
}

func read(path string) (document, error) {
	data, err := ReadFile(path)
	if err != nil {
		return document{}, err
	}
	file, err := ini.LoadSources(readOptions, data)
	if err != nil {
		return document{}, fault.Wrap(fault.Config, errors.New(strings.TrimSpace(err.Error())), "cannot read "+path,
			"to find the line: o365aws doctor")
	}
	return document{file, path, Sections(data)}, nil
}

// lineOf returns the line of a setting, or 0 if the file lacks it.
func (d document) lineOf(section, key string) int {
	for _, s := range d.sections {
		if s.Name == strings.TrimSpace(section) {
			return s.LineOf(key)
		}
	}
	return 0
}

// profile returns the section of a profile, or nil if the file lacks it. If there are
// several spellings, the last one counts, as in the AWS CLI.
func (d document) profile(name string) *ini.Section {
	var found *ini.Section
	for _, s := range d.Sections() {
		if profile, ok := profileOf(strings.TrimSpace(s.Name())); ok && profile == name {
			found = s
		}
	}
	return found
}

// profiles returns the names of all profiles in file order.
func (d document) profiles() []string {
	var names []string
	for _, s := range d.sections {
		if name, ok := s.Profile(); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// ours returns the names of the profiles with azure_tenant_id or o365aws_base.
func (d document) ours() []string {
	return slices.DeleteFunc(d.profiles(), func(name string) bool {
		s := d.profile(name)
		return !s.HasKey("azure_tenant_id") && !s.HasKey("o365aws_base")
	})
}

// ProfileNames returns the profiles of the config file in file order.
func ProfileNames(paths Paths) ([]string, error) {
	file, err := read(paths.Config)
	if err != nil {
		return nil, err
	}
	return file.profiles(), nil
}

// resolver looks up settings in this order: flags, environment, profile, base.
type resolver struct {
	flags  Flags
	env    Env
	chain  []*ini.Section // the profile, then its bases
	file   document
	source map[string]string
}

// Load returns the profile with this name. Flags override environment variables, which
// override the profile, which overrides its o365aws_base. Errors are faults of kind
// Config that name the setting and its source.
func Load(paths Paths, env Env, name string, flags Flags) (Profile, error) {
	file, err := read(paths.Config)
	if err != nil {
		return Profile{}, err
	}
	return loadFrom(file, paths, env, name, flags)
}

func loadFrom(file document, paths Paths, env Env, name string, flags Flags) (Profile, error) {
	chain, err := chainOf(file, paths, name)
	if err != nil {
		return Profile{}, err
	}
	r := &resolver{flags: flags, env: env, chain: chain, file: file, source: map[string]string{}}
	p := r.profile(name)
	if err := r.convert(&p); err != nil {
		return Profile{}, err
	}
	if p.STSEndpoint, err = r.endpoint(); err != nil {
		return Profile{}, err
	}
	return p, nil
}

// endpoint returns the STS endpoint in the order of the AWS tools: environment
// variables, the section of the profile's services, the profile.
func (r *resolver) endpoint() (string, error) {
	ignored, err := r.boolean("ignore_configured_endpoint_urls")
	if ignored || err != nil {
		return "", err
	}
	all := r.get("endpoint_url")
	if strings.HasPrefix(r.source["endpoint_url"], fromVariable) {
		return all, nil
	}
	return cmp.Or(r.file.servicesEndpoint(r.get("services")), all), nil
}

// chainOf returns the profile's section and those of its bases.
func chainOf(file document, paths Paths, name string) ([]*ini.Section, error) {
	var chain []*ini.Section
	seen := map[string]bool{}
	for next := name; next != ""; {
		if seen[next] {
			return nil, fault.Newf(fault.Config, "o365aws_base of profile %q refers back to itself", name).
				Hint("remove o365aws_base from one of the profiles in the loop")
		}
		seen[next] = true
		section := file.profile(next)
		if section == nil {
			if next == name && name == "default" {
				return nil, nil // environment variables may set everything
			}
			return nil, unknownProfile(paths, name, next)
		}
		chain = append(chain, section)
		next = valueIn(section, "o365aws_base")
	}
	return chain, nil
}

func unknownProfile(paths Paths, name, missing string) error {
	f := fault.Newf(fault.Config, "profile %q is not in %s", missing, paths.Config)
	if missing != name {
		f = f.Hint("it is the o365aws_base of profile %q", name)
	}
	names, err := ProfileNames(paths)
	if near := termtext.Nearest(missing, names); err == nil && near != "" {
		return f.Hint("did you mean %q?", near)
	}
	return f.Hint("to create it: o365aws configure --profile %s", termtext.ShellWord(missing))
}

// fromVariable is the prefix of the source of a value from the environment.
const fromVariable = "environment variable "

// get returns the value of a setting and records its source.
func (r *resolver) get(key string) string {
	value := r.lookup(key)
	return cmp.Or(formerValues[key+"="+value], value)
}

func (r *resolver) lookup(key string) string {
	row := settingOf(key)
	if value := r.flags[key]; value != "" {
		r.source[key] = "the command line"
		return value
	}
	for _, name := range row.Env {
		if value := r.env(name); value != "" {
			r.source[key] = fromVariable + name
			if IsOwnKey(key) {
				value = decode(value)
			}
			return value
		}
	}
	for i, section := range r.chain {
		if i > 0 && !IsOwnKey(key) {
			break // AWS tools do not know o365aws_base
		}
		if value := valueIn(section, key); value != "" {
			r.source[key] = fmt.Sprintf("[%s] in %s", section.Name(), r.file.path)
			return value
		}
	}
	if row.Default != "" {
		r.source[key] = "default"
	}
	return row.Default
}

func settingOf(key string) Setting {
	for _, s := range Settings {
		if s.Key == key {
			return s
		}
	}
	panic("no such setting: " + key) // a misspelled key in this package
}

func (r *resolver) profile(name string) Profile {
	return Profile{
		Name: name, TenantID: r.get("azure_tenant_id"), AppIDURI: r.get("azure_app_id_uri"),
		Username: r.get("azure_default_username"), RoleARN: r.get("azure_default_role_arn"),
		Region: r.get("region"), Browser: r.get("o365aws_browser"), BrowserPath: r.get("o365aws_browser_path"),
		BrowserArgs: strings.Fields(r.get("o365aws_browser_args")), BrowserProfile: r.get("o365aws_browser_profile"),
		MFA: r.get("o365aws_mfa"), Device: r.get("o365aws_device"),
		ReplyURL: r.get("o365aws_reply_url"), Cloud: r.get("o365aws_cloud"), Store: r.get("o365aws_store"),
		Remember: r.get("o365aws_remember"), Process: r.get("o365aws_process"), Trail: r.get("o365aws_trail"),
		PasswordCommand: r.get("o365aws_password_command"), TOTPCommand: r.get("o365aws_totp_command"),
		LoginHosts: strings.FieldsFunc(strings.ToLower(r.get("o365aws_login_hosts")), isListSeparator),
		ACSURL:     r.get("o365aws_acs_url"), ProviderARN: r.get("o365aws_provider_arn"),
		Agent:      r.get("o365aws_agent"),
		PolicyARNs: strings.FieldsFunc(r.get("o365aws_policy_arns"), isListSeparator),
		CABundle:   r.get("ca_bundle"), CredentialProcess: r.get("credential_process"), Source: r.source,
	}
}

func isListSeparator(c rune) bool { return c == ',' || c == ' ' || c == '\t' }

// convert parses the settings that are not text.
func (r *resolver) convert(p *Profile) error {
	if p.TenantID == "" {
		if err := r.otherSource(p.Name); err != nil {
			return err
		}
		f := fault.Newf(fault.Config, "profile %q has no tenant", p.Name)
		if others := r.file.ours(); p.Name == "default" && len(others) > 0 {
			f = f.Hint("to use another profile: --profile %s", strings.Join(others[:min(len(others), 3)], " or "))
		}
		return f.Hint("to create a profile from your e-mail address: o365aws configure").
			Hint("or set azure_tenant_id in [%s] of %s, or AZURE_TENANT_ID, to a domain of your organization, "+
				"e.g. contoso.com", SectionOf(p.Name), r.file.path)
	}
	var errs [4]error
	p.Duration, errs[0] = r.duration()
	p.RememberMe, errs[1] = r.boolean("azure_default_remember_me")
	p.FIPS, errs[2] = r.boolean("use_fips_endpoint")
	p.DualStack, errs[3] = r.boolean("use_dualstack_endpoint")
	p.LegacySTS = r.get("sts_regional_endpoints") == "legacy"
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	for _, c := range choices {
		if value := r.get(c.key); value != "" && !slices.Contains(c.values, value) {
			return r.bad(c.key, value, "is not one of "+strings.Join(c.values, ", "))
		}
	}
	return nil
}

// otherSource returns an error for a profile that gets its credentials from another
// source, or nil.
func (r *resolver) otherSource(name string) error {
	s, _ := FindProfile(r.file.sections, name)
	for _, key := range Sources {
		if s.Get(key) == "" {
			continue
		}
		f := fault.Newf(fault.Config, "profile %q is not an o365aws profile: it gets its credentials from %s (%s:%d)", name,
			key, r.file.path, s.LineOf(key)).
			Hint("AWS tools resolve it themselves: aws sts get-caller-identity --profile %s", termtext.ShellWord(name))
		if source := s.Get("source_profile"); source != "" {
			return f.Hint("to let it renew, source_profile (%s) needs the credential_process of o365aws: "+
				"o365aws configure --profile %s", termtext.Printable(source, 100), termtext.ShellWord(source))
		}
		return f
	}
	return nil
}

// duration parses hours (the key of aws-azure-login) or seconds (the key of AWS).
func (r *resolver) duration() (time.Duration, error) {
	if text := r.get("azure_default_duration_hours"); text != "" {
		hours, err := strconv.ParseFloat(text, 64)
		if err != nil || !(hours >= 0.25 && hours <= 12) {
			return 0, r.bad("azure_default_duration_hours", text, "is not a number of hours from 0.25 to 12")
		}
		return time.Duration(hours * float64(time.Hour)), nil
	}
	text := r.get("duration_seconds")
	if text == "" {
		return 0, nil
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 900 || seconds > 43200 {
		return 0, r.bad("duration_seconds", text, "is not a number of seconds from 900 to 43200")
	}
	return time.Duration(seconds) * time.Second, nil
}

func (r *resolver) boolean(key string) (bool, error) {
	switch text := strings.ToLower(r.get(key)); text {
	case "", "false", "no", "0", "off":
		return false, nil
	case "true", "yes", "1", "on":
		return true, nil
	default:
		return false, r.bad(key, text, "is neither true nor false")
	}
}

// bad returns an error that names the setting, its value and, if it is in the file, the
// line.
func (r *resolver) bad(key, value, why string) error {
	where := r.source[key]
	if strings.HasPrefix(where, "[") {
		section, _, _ := strings.Cut(strings.TrimPrefix(where, "["), "]")
		if n := r.file.lineOf(section, key); n > 0 {
			where = fmt.Sprintf("%s:%d", r.file.path, n)
		}
	}
	return fault.Newf(fault.Config, "%s = %s %s (%s)", key, termtext.Printable(value, 200), why, where)
}

// servicesEndpoint returns the STS endpoint of a [services NAME] section.
func (d document) servicesEndpoint(name string) string {
	section, err := d.GetSection("services " + name)
	if err != nil {
		return ""
	}
	for _, nested := range section.Key("sts").NestedValues() {
		if key, value, ok := strings.Cut(nested, "="); ok && strings.TrimSpace(key) == "endpoint_url" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
