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

	"github.com/zalando/go-keyring"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/network"
	"github.com/o365aws/o365aws/internal/saml"
)

// grantingSTS is an STS that grants every role and records the requested roles.
type grantingSTS struct{ roles []string }

func (g *grantingSTS) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	role := r.PostForm.Get("RoleArn")
	g.roles = append(g.roles, role)
	session := strings.NewReplacer(":iam:", ":sts:", ":role/", ":assumed-role/").Replace(role) + "/ada"
	body := `<AssumeRoleWithSAMLResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithSAMLResult>` +
		`<Credentials><AccessKeyId>ASIANEW</AccessKeyId><SecretAccessKey>s</SecretAccessKey>` +
		`<SessionToken>t</SessionToken><Expiration>` + at.Add(time.Hour).Format(time.RFC3339) +
		`</Expiration></Credentials><AssumedRoleUser><Arn>` + session + `</Arn>` +
		`<AssumedRoleId>AROA:ada</AssumedRoleId></AssumedRoleUser>` +
		`</AssumeRoleWithSAMLResult></AssumeRoleWithSAMLResponse>`
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/xml"}},
		Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}, nil
}

func (g *grantingSTS) network() network.Network {
	return network.Network{Client: &http.Client{Transport: g}}
}

// An assertion is exchanged for the requested role. Only a role in the profile's slot is
// remembered as its last one.
func TestAssumeAndStore(t *testing.T) {
	const reader = "arn:aws:iam::111122223333:role/azure.reader"
	for name, c := range map[string]struct {
		role string
		use  purpose
		want string // the requested role
		last string // the remembered role
	}{
		"profile's slot": {"azure.admin", forLogin, adminRole, adminRole},
		"slot of a role": {"azure.admin", forProgram, adminRole, ""},
		"not offered":    {"azure.nobody", forLogin, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			now, aws := at, &grantingSTS{}
			env := envAt(t, &now)
			p := awsconfig.Profile{Name: "dev", Cloud: "global", Username: "ada@contoso.example", Region: "eu-central-1"}
			r, err := resolve(env, Request{Profile: p, Role: c.role}, c.use)
			if err != nil {
				t.Fatal(err)
			}
			response := responseAt(at, "id1")
			response.SessionName, response.Roles = "ada", []saml.Role{roleOf(t, reader), roleOf(t, adminRole)}
			role, err := r.selectRole(t.Context(), response.Roles)
			var result Result
			if err == nil {
				result, err = r.assumeRole(t.Context(), assertion{response, aws.network()}, role)
			}
			if err == nil {
				result, err = r.store(t.Context(), result)
			}
			if (err == nil) != (c.want != "") || result.Role.ARN != c.want {
				t.Errorf("got role %q, error %v, want %q", result.Role.ARN, err, c.want)
			}
			if got, want := fmt.Sprint(aws.roles), "["+c.want+"]"; got != want {
				t.Errorf("calls to STS: got %s, want %s", got, want)
			}
			if got := awsconfig.LoadState(env.Paths).LastRole("dev"); got != c.last {
				t.Errorf("last role: got %q, want %q", got, c.last)
			}
			e, ok := env.cache().Get(env.config(), "dev", r.slot)
			if ok != (c.want != "") {
				t.Fatalf("cached: got %v, want %v", ok, c.want != "")
			}
			want := cache.Entry{
				Profile: "dev", Config: env.config(), Asked: r.slot, Stamp: r.stamp, Settings: r.settings, RoleARN: c.want,
				Provider: role.Provider, SessionName: "ada", Obtained: at, Credentials: result.Credentials,
			}
			if ok && (e != want || e.AccessKeyID != "ASIANEW") {
				t.Errorf("cached: got %+v, want %+v", e, want)
			}
		})
	}
}

// lastRoleChooser chooses the last role in the list.
type lastRoleChooser struct{ nonInteractive }

func (lastRoleChooser) Role(_ context.Context, roles []saml.Role) (saml.Role, error) {
	return roles[len(roles)-1], nil
}

// The requested role takes precedence over the profile's. A program's call falls back to
// the role of the last login; a login prompts.
func TestSelectRole(t *testing.T) {
	const reader, other = "arn:aws:iam::111122223333:role/azure.reader", "arn:aws:iam::444455556666:role/azure.admin"
	all := []saml.Role{roleOf(t, reader), roleOf(t, adminRole)}
	for name, c := range map[string]struct {
		requested, profile, last string
		interactive              bool
		use                      purpose
		roles                    []saml.Role
		want                     string
	}{
		"requested":              {"azure.reader", adminRole, adminRole, false, forProgram, all, reader},
		"profile's":              {"", reader, adminRole, false, forProgram, all, reader},
		"last login's":           {"", "", adminRole, false, forProgram, all, adminRole},
		"last is gone":           {"", "", other, false, forProgram, all, ""},
		"several":                {"", "", "", false, forProgram, all, ""},
		"only one":               {"", "", "", false, forProgram, all[:1], reader},
		"none":                   {"", "", "", false, forProgram, nil, ""},
		"login":                  {"", "", adminRole, true, forLogin, all, reader}, // the last one is listed first
		"interactive":            {"", "", adminRole, true, forProgram, all, adminRole},
		"interactive, no last":   {"", "", "", true, forProgram, all, reader},
		"pattern without a role": {"nothing", "", adminRole, false, forProgram, all, ""},
	} {
		t.Run(name, func(t *testing.T) {
			now := at
			env := envAt(t, &now)
			env.Prompter = lastRoleChooser{}
			r := resolvedAt(env, awsconfig.Profile{Name: "dev", RoleARN: c.profile})
			r.Role, r.Interactive, r.use = c.requested, c.interactive, c.use
			if err := r.state.RememberRole("dev", c.last); err != nil {
				t.Fatal(err)
			}
			role, err := r.selectRole(t.Context(), c.roles)
			if role.ARN != c.want || (err == nil) != (c.want != "") {
				t.Errorf("got %q, %v, want %q", role.ARN, err, c.want)
			}
			if err != nil && len(c.roles) > 1 && c.requested == "" && fault.KindOf(err) != fault.NeedsInput {
				t.Errorf("kind: got %v, want %v", fault.KindOf(err), fault.NeedsInput)
			}
		})
	}
}

// shareAt shares a response for the profile's user, as a concurrent call would.
func shareAt(t *testing.T, env Env, p awsconfig.Profile, response saml.Response) {
	t.Helper()
	keyring.MockInit()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/of/the/mock")
	id := env.Identity(p)
	session, err := id.SaveSession(t.Context(), emptySession)
	if err != nil {
		t.Fatal(err)
	}
	id.Share(assertionOf("id1", response), session.Key)
}

// sharingProfile is a profile that can sign in without a server.
var sharingProfile = awsconfig.Profile{
	Name: "dev", Cloud: "global", TenantID: "11111111-2222-3333-4444-555555555555",
	Username: "ada@contoso.example", Region: "eu-central-1", Source: map[string]string{},
}

// commands lists the operations that sign in.
var commands = map[string]func(context.Context, Env, Request) error{
	"all roles": func(ctx context.Context, e Env, r Request) error { _, err := RunAll(ctx, e, r); return err },
	"roles":     func(ctx context.Context, e Env, r Request) error { _, err := Roles(ctx, e, r); return err },
	"login":     func(ctx context.Context, e Env, r Request) error { _, err := Run(ctx, e, r); return err },
	"program":   func(ctx context.Context, e Env, r Request) error { _, err := Credentials(ctx, e, r); return err },
}

// Every operation refuses a sign-in of another user before it calls STS, and reports no
// role.
func TestAnotherUser(t *testing.T) {
	for name, run := range commands {
		t.Run(name, func(t *testing.T) {
			now := at.Add(time.Second)
			env := envAt(t, &now)
			shareAt(t, env, sharingProfile, responseAt(at, "id1")) // by a call that started in the meantime
			err := run(t.Context(), env, Request{Profile: sharingProfile, began: at})
			if fault.KindOf(err) != fault.Auth || !strings.Contains(err.Error(), "the profile is for ada@contoso.example") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// noticePrompter records notices.
type noticePrompter struct {
	nonInteractive
	notices []string
}

func (p *noticePrompter) Notice(text string) { p.notices = append(p.notices, text) }

// Every command shows the warnings of the response, once.
func TestWarningsAreShownOnce(t *testing.T) {
	const attributes = `<AttributeStatement><Attribute Name="https://aws.amazon.com/SAML/Attributes/Role">` +
		`<AttributeValue>not a role</AttributeValue></Attribute></AttributeStatement>`
	p := sharingProfile
	p.Username = ""
	for name, run := range commands {
		t.Run(name, func(t *testing.T) {
			now, user := at.Add(time.Second), &noticePrompter{}
			env := envAt(t, &now)
			env.Prompter = user
			shareAt(t, env, p, responseWith(at, "id1", attributes))
			_ = run(t.Context(), env, Request{Profile: p, began: at}) // no role is offered
			if len(user.notices) != 1 || !strings.Contains(user.notices[0], "ignored") {
				t.Errorf("notices: got %q, want one about a role value", user.notices)
			}
		})
	}
}

// countingLog counts the log records with a given message.
type countingLog struct {
	slog.Handler
	message string
	count   *int
}

func (l countingLog) Enabled(context.Context, slog.Level) bool { return true }

func (l countingLog) Handle(_ context.Context, record slog.Record) error {
	if record.Message == l.message {
		*l.count++
	}
	return nil
}

// A login without cached credentials reads the cache twice, before and after it acquires
// the lock; one with valid credentials reads it once.
func TestLoginLookUps(t *testing.T) {
	now, count := at.Add(time.Second), 0
	env := envAt(t, &now)
	env.Log = slog.New(countingLog{slog.DiscardHandler, "looked for cached credentials", &count})
	shareAt(t, env, sharingProfile, responseAt(at, "id1"))
	for _, use := range []purpose{forProgram, forLogin} {
		count = 0
		if _, err := acquire(t.Context(), env, Request{Profile: sharingProfile, began: at}, use); err == nil {
			t.Fatal("the login of another user: got no error")
		}
		if count != 2 {
			t.Errorf("cold, use %v: got %d lookups, want 2", use, count)
		}
		r, err := resolve(env, Request{Profile: sharingProfile}, use)
		if err != nil {
			t.Fatal(err)
		}
		env.put(r.entry(Result{Role: roleOf(t, adminRole), Credentials: keysOf("ASIACACHE", at.Add(time.Hour))}))
		count = 0
		if _, err := acquire(t.Context(), env, Request{Profile: sharingProfile}, use); err != nil || count != 1 {
			t.Errorf("warm, use %v: got %d lookups, %v, want 1", use, count, err)
		}
		if _, err := env.cache().Clear(); err != nil {
			t.Fatal(err)
		}
		shareAt(t, env, sharingProfile, responseAt(at, "id1"))
	}
}

// A profile with a credential_process never gets static keys, which would take precedence
// over it; any other profile gets the cached credentials.
func TestCredentialDestinations(t *testing.T) {
	for process, want := range map[string]string{"": "ASIANEW", "o365aws credential-process": ""} {
		t.Run("process "+process, func(t *testing.T) {
			now := at
			env := envAt(t, &now)
			p := awsconfig.Profile{
				Name: "dev", Cloud: "global", Username: "ada@contoso.example",
				Region: "eu-central-1", CredentialProcess: process,
			}
			response := responseAt(at, "id1")
			response.SessionName, response.Roles = "ada@contoso.example", []saml.Role{roleOf(t, adminRole)}
			offer := Offer{env: env, assertion: assertion{response, (&grantingSTS{}).network()}}
			for step, run := range []func() error{
				func() error { _, err := offer.Assume(t.Context(), p, response.Roles[0]); return err },
				func() error {
					_, err := Run(t.Context(), env, Request{Profile: p, MinTTL: 15 * time.Minute}) // cached now
					return err
				},
			} {
				if err := run(); err != nil {
					t.Fatal(err)
				}
				if got, err := awsconfig.ReadCredentials(env.Paths, "dev"); err != nil || got.AccessKeyID != want {
					t.Errorf("step %d: the file has %q, %v, want %q", step, got.AccessKeyID, err, want)
				}
				if err := os.Remove(env.Paths.Credentials); err != nil && want != "" {
					t.Fatal(err)
				}
			}
		})
	}
}

// A response must come from the expected tenant and reply to the request.
func TestParse(t *testing.T) {
	const tenant = "11111111-2222-3333-4444-555555555555"
	for name, c := range map[string]struct {
		id, tenant string
		later      time.Duration
		good       bool
	}{
		"good":            {"id1", tenant, 0, true},
		"unknown tenant":  {"id1", "", 0, true},
		"another tenant":  {"id1", strings.ReplaceAll(tenant, "1", "2"), 0, false},
		"another request": {"id2", tenant, 0, false},
		"expired":         {"id1", tenant, 2 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			now := at.Add(c.later)
			r := resolvedAt(envAt(t, &now), awsconfig.Profile{})
			response, refused, err := r.parse(responseAt(at, "id1").Raw, c.id, c.tenant)
			if (err == nil) != c.good || c.good && response.TenantID != tenant || refused {
				t.Errorf("got %q, refused %v, %v, want good %v", response.TenantID, refused, err, c.good)
			}
		})
	}
}

// A non-interactive sign-in opens no browser and starts no listener.
func TestNoSystemBrowserNonInteractive(t *testing.T) {
	now := at
	_, err := envAt(t, &now).
		inSystemBrowser(t.Context(), "http://localhost:8365/saml", "https://login.example/", "id1", nil)
	if fault.KindOf(err) != fault.NeedsInput {
		t.Errorf("got %v, want kind %v", err, fault.NeedsInput)
	}
}

// If the profile has no region, one notice names the region that is used.
func TestDefaultRegionIsNoted(t *testing.T) {
	now, user := at, &noticePrompter{}
	env := envAt(t, &now)
	env.Prompter = user
	r := resolvedAt(env, awsconfig.Profile{Name: "dev"})
	r.Interactive = true
	for _, region := range []string{"eu-central-1", "", ""} {
		r.Profile.Region = region
		r.noteDefaultRegion(roleOf(t, adminRole))
	}
	if len(user.notices) != 1 || !strings.Contains(user.notices[0], "us-east-1") {
		t.Errorf("notices: got %q, want one about us-east-1", user.notices)
	}
}
