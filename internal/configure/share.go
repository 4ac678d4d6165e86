package configure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/network"
	"github.com/o365aws/o365aws/internal/securefile"
)

// shared lists the settings that may be shared: names of a tenant and its roles. It does
// not contain settings that run programs (commands, the path or arguments of a browser),
// settings that determine where secrets are sent (hosts, endpoints, CA files), or user
// names.
var shared = []string{
	"azure_tenant_id", "azure_app_id_uri", "azure_default_role_arn", "azure_default_duration_hours",
	"azure_default_remember_me",
	"o365aws_base", "o365aws_browser", "o365aws_cloud", "o365aws_mfa", "o365aws_reply_url",
	"region", "output", "duration_seconds", "sts_regional_endpoints", "use_fips_endpoint", "use_dualstack_endpoint",
}

// loopback matches the only kind of reply URL that may be shared.
var loopback = regexp.MustCompile(`^http://localhost:[0-9]{1,5}/[A-Za-z0-9._/-]*$`)

// Ignored is a setting that is not imported, with the reason.
type Ignored struct {
	Where string // profile or account
	Key   string
	Line  int // 0 if there is none
	Why   string
}

// String returns the ignored setting on one line.
func (i Ignored) String() string {
	if i.Line > 0 {
		return fmt.Sprintf("%s: %s (line %d) %s", i.Where, i.Key, i.Line, i.Why)
	}
	return fmt.Sprintf("%s: %s %s", i.Where, i.Key, i.Why)
}

func mayTravel(kv awsconfig.KV) bool {
	return slices.Contains(shared, kv.Key) && (kv.Key != "o365aws_reply_url" || loopback.MatchString(kv.Value))
}

// related reports whether a section is an o365aws profile.
func related(s awsconfig.Section) bool {
	return slices.ContainsFunc(
		s.KVs, func(kv awsconfig.KV) bool { return kv.Key == "azure_tenant_id" || kv.Key == "o365aws_base" },
	)
}

// Export returns the named profiles of a config file with the settings that may be
// shared, or all o365aws profiles if there are no names. Their bases are included.
func Export(config []byte, names []string) ([]byte, error) {
	sections := awsconfig.Sections(config)
	included := slices.Clone(names)
	for i := 0; i < len(included); i++ { // bases are appended
		s, ok := awsconfig.FindProfile(sections, included[i])
		if !ok {
			return nil, unknown(sections, included[i])
		}
		if base := s.Get("o365aws_base"); base != "" && !slices.Contains(included, base) {
			included = append(included, base)
		}
	}
	var plan Plan
	for _, s := range sections {
		name, ok := s.Profile()
		if !ok || !related(s) || len(names) > 0 && !slices.Contains(included, name) {
			continue
		}
		p := Profile{Name: name}
		for _, kv := range s.KVs {
			if kv.Key = awsconfig.Canonical(kv.Key); mayTravel(kv) {
				p.add(kv.Key, kv.Value)
			}
		}
		plan.Profiles = append(plan.Profiles, p)
	}
	if len(plan.Profiles) == 0 {
		return nil, fault.New(fault.Config, "no o365aws profile to export", "create one: o365aws configure")
	}
	body, err := plan.Apply(nil)
	if err != nil {
		return nil, fault.Wrap(fault.Config, err, "cannot export the profiles")
	}
	return append([]byte("# o365aws profiles. To import them: o365aws configure --from FILE\n"), body...), nil
}

// isBase reports whether other profiles inherit from this one.
func isBase(sections []awsconfig.Section, profile string) bool {
	return slices.ContainsFunc(sections, func(s awsconfig.Section) bool { return s.Get("o365aws_base") == profile })
}

func unknown(sections []awsconfig.Section, profile string) error {
	var names []string
	for _, s := range sections {
		if name, ok := s.Profile(); ok {
			names = append(names, name)
		}
	}
	f := fault.Newf(fault.Config, "profile %q does not exist", termtext.Printable(profile, 200))
	if near := termtext.Nearest(profile, names); near != "" {
		f = f.Hint("did you mean %q?", near)
	}
	return f
}

// FromShared plans the import of shared profiles. Their bases get the user name in
// settings, and each profile gets a credential_process if the style requires one.
// FromShared ignores and returns settings that may not be shared.
func FromShared(data []byte, settings Settings) (Plan, []Ignored, error) {
	if err := awsconfig.Check(data); err != nil {
		return Plan{}, nil, fault.Wrap(fault.Config, err, "cannot read the shared profiles")
	}
	var plan Plan
	var ignored []Ignored
	sections := awsconfig.Sections(data)
	for _, s := range sections {
		name, ok := s.Profile()
		if !ok || !related(s) {
			ignored = append(ignored, Ignored{"[" + s.Name + "]", "the section", s.Line, "is not an o365aws profile"})
			continue
		}
		p := Profile{Name: name}
		for i, kv := range s.KVs {
			switch {
			case !mayTravel(kv):
				ignored = append(ignored, Ignored{name, kv.Key, s.At[i], "may not be shared"})
			case kv.Key == "region":
				if !settings.SetRegion {
					p.Default = append(p.Default, kv)
				}
			default:
				p.add(kv.Key, kv.Value)
			}
		}
		base, _ := awsconfig.FindProfile(sections, s.Get("o365aws_base"))
		if region := base.Get("region"); region != "" && s.Get("region") == "" && !settings.SetRegion {
			p.Default = append(p.Default, awsconfig.KV{Key: "region", Value: region}) // AWS tools do not know the base
		}
		if s.Get("o365aws_base") == "" {
			p.add("azure_default_username", settings.Username)
		}
		own := settings
		own.Duration = 0
		if !own.SetRegion {
			own.Region = "" // the shared region takes precedence over a variable
		}
		if isBase(sections, name) && s.Get("azure_default_role_arn") == "" {
			own.Style = "" // other profiles only inherit from it
		}
		if err := own.finish(&p); err != nil {
			return Plan{}, nil, err
		}
		plan.Profiles = append(plan.Profiles, p)
	}
	if len(plan.Profiles) == 0 {
		return Plan{}, ignored, fault.New(
			fault.Config, "no o365aws profile in the shared file",
			"to create such a file: o365aws configure export",
		)
	}
	return plan, ignored, nil
}

// maxShared is the maximum size of shared profiles, in bytes.
const maxShared = 1 << 20

// Read returns the content of a file or an https URL.
func Read(ctx context.Context, client *http.Client, from string) ([]byte, error) {
	if !strings.Contains(from, "://") {
		data, err := securefile.Read(from)
		switch {
		case errors.As(err, new(*securefile.UnsafeError)):
			return nil, fault.Wrap(fault.Config, err, "cannot read the shared profiles",
				"look at the file, then copy it to one of your own")
		case err != nil:
			return nil, fault.Wrap(fault.Config, err, "cannot read the shared profiles")
		}
		return bounded(bytes.NewReader(data))
	}
	u, err := url.Parse(from)
	if err != nil || u.Scheme != "https" {
		return nil, fault.Newf(fault.Config, "%q is not an https URL", termtext.Printable(from, 200)).
			Hint("use a file or an https URL, which cannot be changed in transit")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fault.Wrap(fault.Config, err, "invalid URL")
	}
	response, err := network.HTTPSOnly(client).Do(r)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fault.Wrap(fault.Network, err, "cannot download the shared profiles", fault.ReachAdvice)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fault.Newf(fault.Network, "%s responded with status %d", u.Host, response.StatusCode)
	}
	return bounded(response.Body)
}

func bounded(from io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(from, maxShared+1))
	if err != nil {
		return nil, fault.Wrap(fault.Network, err, "cannot read the shared profiles")
	}
	if len(data) > maxShared {
		return nil, fault.New(fault.Config, "the shared profiles are larger than 1 MiB")
	}
	data, _ = termtext.Decode(data)
	return data, nil
}
