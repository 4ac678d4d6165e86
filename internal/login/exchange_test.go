package login

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/network"

	"github.com/zalando/go-keyring"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
)

// grantor is an STS that grants every role, and notes which.
type grantor struct{ asked []string }

func (g *grantor) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	g.asked = append(g.asked, r.PostForm.Get("RoleArn"))
	body := `<AssumeRoleWithSAMLResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithSAMLResult>` +
		`<Credentials><AccessKeyId>ASIANEW</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>` + at.Add(time.Hour).Format(time.RFC3339) + `</Expiration></Credentials>` +
		`<AssumedRoleUser><Arn>` + strings.NewReplacer(":iam:", ":sts:", ":role/", ":assumed-role/").Replace(r.PostForm.Get("RoleArn")) + `/ada</Arn><AssumedRoleId>AROA:ada</AssumedRoleId></AssumedRoleUser></AssumeRoleWithSAMLResult></AssumeRoleWithSAMLResponse>`
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/xml"}},
		Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}, nil
}

// An assertion is traded for the role that is wanted, and for none when it is
// somebody else's. Only a role in the profile's own place is its last one.
func TestExchange(t *testing.T) {
	const reader = "arn:aws:iam::111122223333:role/azure.reader"
	for name, c := range map[string]struct {
		user, role string
		apart      bool
		want       string // the role
		last       string // remembered
	}{
		"in its own place": {"ada@contoso.example", "azure.admin", false, adminRole, adminRole},
		"apart":            {"ada@contoso.example", "azure.admin", true, adminRole, ""},
		"of somebody else": {"eve@contoso.example", "azure.admin", false, "", ""},
		"not offered":      {"ada@contoso.example", "azure.nobody", false, "", ""},
	} {
		now, sts := at, &grantor{}
		d := depsAt(t, &now)
		d.Ask = nobody{}
		p := awsconfig.Profile{Name: "dev", Cloud: "global", Username: "ada@contoso.example", Region: "eu-central-1"}
		w, err := d.wanted(Request{Profile: p, Role: c.role}, !c.apart)
		if err != nil {
			t.Fatal(err)
		}
		response := responseAt(at, "id1")
		response.SessionName, response.Roles = c.user, []saml.Role{roleOf(t, reader), roleOf(t, adminRole)}
		r, err := d.exchange(t.Context(), w, network.Network{Client: &http.Client{Transport: sts}}, response)
		if (err == nil) != (c.want != "") || r.Role.ARN != c.want || fmt.Sprint(sts.asked) != "["+c.want+"]" {
			t.Errorf("%s: %s, %v; STS was asked for %v", name, r.Role.ARN, err, sts.asked)
		}
		if got := awsconfig.LoadState(d.Paths).LastRole("dev"); got != c.last {
			t.Errorf("%s: the last role is %q", name, got)
		}
		e, ok := d.cache().Get(d.config(), "dev", w.asked)
		if ok != (c.want != "") ||
			ok &&
				(e.RoleARN != c.want || e.AccessKeyID != "ASIANEW" || e.Settings != w.settings || e.Stamp != w.stamp || !e.Obtained.Equal(at) || e.SessionName != c.user) {
			t.Errorf("%s: kept %v, %+v", name, ok, e)
		}
	}
}

// chooser takes the last of the roles that a person is shown.
type chooser struct{ nobody }

func (chooser) Role(_ context.Context, roles []saml.Role) (saml.Role, error) {
	return roles[len(roles)-1], nil
}

// The role is the one asked for, else the profile's. A program's call takes
// that of the last login, and a person who signs in is asked.
func TestChooseFor(t *testing.T) {
	const reader, other = "arn:aws:iam::111122223333:role/azure.reader", "arn:aws:iam::444455556666:role/azure.admin"
	all := []saml.Role{roleOf(t, reader), roleOf(t, adminRole)}
	for name, c := range map[string]struct {
		asked, own, last      string
		interactive, explicit bool
		roles                 []saml.Role
		want                  string
	}{
		"asked for":               {"azure.reader", adminRole, adminRole, false, false, all, reader},
		"the profile's":           {"", reader, adminRole, false, false, all, reader},
		"of the last login":       {"", "", adminRole, false, false, all, adminRole},
		"the last one is gone":    {"", "", other, false, false, all, ""},
		"of several":              {"", "", "", false, false, all, ""},
		"the only one":            {"", "", "", false, false, all[:1], reader},
		"none":                    {"", "", "", false, false, nil, ""},
		"a person signs in":       {"", "", adminRole, true, true, all, reader}, // the last one is shown first
		"a person beside it":      {"", "", adminRole, true, false, all, adminRole},
		"a person without a last": {"", "", "", true, false, all, reader},
	} {
		w := wanted{
			Request: Request{
				Profile: awsconfig.Profile{Name: "dev", RoleARN: c.own}, Role: c.asked,
				Interactive: c.interactive,
			},
			explicit: c.explicit,
		}
		role, err := Deps{Ask: chooser{}}.chooseFor(t.Context(), w, c.roles, c.last)
		if role.ARN != c.want || (err == nil) != (c.want != "") ||
			err != nil && len(c.roles) > 1 && fault.KindOf(err) != fault.NeedsInput {
			t.Errorf("%s: %s, %v", name, role.ARN, err)
		}
	}
}

// Whatever a sign-in is for, that of somebody else is refused before STS is
// asked, or anything is told of their roles.
func TestNobodyElsesRoles(t *testing.T) {
	keyring.MockInit()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/of/the/mock")
	p := awsconfig.Profile{
		Name: "dev", Cloud: "global", TenantID: "11111111-2222-3333-4444-555555555555",
		Username: "ada@contoso.example", Region: "eu-central-1", Source: map[string]string{},
	}
	for name, run := range map[string]func(context.Context, Deps, Request) error{
		"all roles": func(ctx context.Context, d Deps, r Request) error { _, err := RunAll(ctx, d, r); return err },
		"a list":    func(ctx context.Context, d Deps, r Request) error { _, err := Roles(ctx, d, r); return err },
		"one role":  func(ctx context.Context, d Deps, r Request) error { _, err := Run(ctx, d, r); return err },
	} {
		now := at
		d := depsAt(t, &now)
		d.Ask, d.Env = nobody{}, func(string) string { return "" }
		w, err := d.wanted(Request{Profile: p}, own)
		if err != nil {
			t.Fatal(err)
		}
		now = at.Add(time.Second) // of another call that began meanwhile
		d.share(w, d.keep(t.Context(), w, kept{}), responseAt(at, "id1"), "id1")
		looks := 0
		d.Now = func() time.Time {
			if looks++; looks == 1 {
				return at
			}
			return at.Add(2 * time.Second)
		}
		if err := run(t.Context(), d, Request{Profile: p}); fault.KindOf(err) != fault.Auth ||
			!strings.Contains(err.Error(), "the profile is for ada@contoso.example") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A profile with a credential_process never gets static keys, which would
// shadow it; another one gets what the cache has.
func TestWhereCredentialsGo(t *testing.T) {
	for process, inFile := range map[string]string{"": "ASIANEW", "o365aws credential-process": ""} {
		now := at
		d := depsAt(t, &now)
		d.Ask = nobody{}
		p := awsconfig.Profile{
			Name: "dev", Cloud: "global", Username: "ada@contoso.example",
			Region: "eu-central-1", CredentialProcess: process,
		}
		response := responseAt(at, "id1")
		response.SessionName, response.Roles = "ada@contoso.example", []saml.Role{roleOf(t, adminRole)}
		offer := Offer{deps: d, net: network.Network{Client: &http.Client{Transport: &grantor{}}}, response: response}
		for step, take := range []func() error{
			func() error { _, err := offer.Take(t.Context(), p, response.Roles[0]); return err },
			func() error { _, err := Run(t.Context(), d, Request{Profile: p, MinTTL: 15 * time.Minute}); return err }, // the cache has them now
		} {
			if err := take(); err != nil {
				t.Fatal(err)
			}
			if held, err := awsconfig.ReadCredentials(d.Paths, "dev"); err != nil || held.AccessKeyID != inFile {
				t.Errorf("by %q, step %d: the file has %q, %v", process, step, held.AccessKeyID, err)
			}
			if err := os.Remove(d.Paths.Credentials); err != nil && inFile != "" {
				t.Fatal(err)
			}
		}
	}
}

// An assertion of a renewal is taken from the tenant of the kept session, as
// the answer to the request that was made.
func TestReadOfARenewal(t *testing.T) {
	const tenant = "11111111-2222-3333-4444-555555555555"
	now := at
	d := depsAt(t, &now)
	for _, c := range []struct {
		id, tenant string
		later      time.Duration
		good       bool
	}{{"id1", tenant, 0, true}, {"id1", strings.ReplaceAll(tenant, "1", "2"), 0, false}, {"id2", tenant, 0, false}, {"id1", tenant, 2 * time.Hour, false}} {
		now = at.Add(c.later)
		if r, err := d.read(responseAt(at, "id1").Raw, c.id, c.tenant); (err == nil) != c.good ||
			c.good && r.TenantID != tenant {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// Where nobody sees it no browser opens, and nothing listens.
func TestNobodysBrowser(t *testing.T) {
	_, err := Deps{Ask: nobody{}, Log: slog.New(slog.DiscardHandler), Env: func(string) string { return "" }}.
		inOwnBrowser(t.Context(), "http://localhost:8365/saml", "https://login.example/", "id1", nil)
	if fault.KindOf(err) != fault.NeedsInput {
		t.Error(err)
	}
}
