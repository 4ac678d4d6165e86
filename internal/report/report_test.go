package report

import (
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/doctor"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/sts"
)

var now = time.Date(2026, 12, 1, 9, 30, 15, 500, time.UTC)

func pathsIn(t *testing.T) awsconfig.Paths {
	t.Helper()
	home := t.TempDir()
	return awsconfig.Paths{
		Config: filepath.Join(home, "config"), Credentials: filepath.Join(home, "credentials"),
		Home: filepath.Join(home, "o365aws"),
	}
}

// recorded stores the trail of a sign-in with one page.
func recorded(t *testing.T, paths awsconfig.Paths, s SignIn) {
	t.Helper()
	r := NewRecorder("1.2.3", now)
	r.Begin(s)
	r.Page(entra.Visit{State: "unknown", Spent: 1200, Page: entra.Snapshot{PageID: "ConvergedSomethingNew"}})
	err := fault.Newf(fault.Page, "unknown sign-in page: %s", "of ada@contoso.example")
	if err := r.Save(t.Context(), paths, "login", err); err != nil {
		t.Fatal(err)
	}
}

// The last trail is stored for a day, and only its user can read it.
func TestTrail(t *testing.T) {
	paths := pathsIn(t)
	recorded(t, paths, SignIn{Cloud: "global"})
	info, err := os.Stat(paths.Trail())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, %v, want 0600", info.Mode(), err)
	}
	got, ok := LoadTrail(paths, now.Add(TrailLife-time.Minute))
	want := Trail{Command: "login", Cloud: "global", Outcome: "page", ExitCode: 7, Error: "unknown sign-in page: %s"}
	if !ok || got.Command != want.Command || got.Cloud != want.Cloud || got.Outcome != want.Outcome ||
		got.ExitCode != want.ExitCode || got.Error != want.Error || len(got.Pages) != 1 {
		t.Errorf("got %+v, %v, want %+v with a page", got, ok, want)
	}
	if _, ok := LoadTrail(paths, now.Add(TrailLife+time.Minute)); ok {
		t.Error("got a trail after a day, want none")
	}
	if _, err := os.Stat(paths.Trail()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after a day: got %v, want no file", err)
	}
}

// An expired trail is deleted by the next run of any command.
func TestExpireTrail(t *testing.T) {
	paths := pathsIn(t)
	recorded(t, paths, SignIn{})
	ExpireTrail(paths, time.Now().Add(TrailLife-time.Hour))
	if _, err := os.Stat(paths.Trail()); err != nil {
		t.Errorf("within a day: %v", err)
	}
	ExpireTrail(paths, time.Now().Add(TrailLife+time.Hour))
	if _, err := os.Stat(paths.Trail()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after a day: got %v, want no file", err)
	}
}

// With o365aws_trail = none, no trail is stored and an existing one is deleted.
func TestNoTrail(t *testing.T) {
	paths := pathsIn(t)
	recorded(t, paths, SignIn{})
	recorded(t, paths, SignIn{Off: true})
	if _, err := os.Stat(paths.Trail()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want no file", err)
	}
}

// A non-interactive run without pages does not change the last trail.
func TestTrailOfEmptyRun(t *testing.T) {
	paths := pathsIn(t)
	recorded(t, paths, SignIn{})
	r := NewRecorder("1.2.3", now)
	r.Begin(SignIn{Cloud: "china"})
	if err := r.Save(t.Context(), paths, "credential-process", nil); err != nil {
		t.Fatal(err)
	}
	if got, _ := LoadTrail(paths, now); got.Command != "login" {
		t.Errorf("got the trail of %q, want that of login", got.Command)
	}
}

func TestOutcome(t *testing.T) {
	refusal := fault.Wrap(fault.Role, &sts.ServiceError{Code: "AccessDenied", Message: "role/azure.admin"}, "refused")
	odd := fault.Wrap(fault.Role, &sts.ServiceError{Code: "of ada@contoso.example"}, "refused")
	for name, c := range map[string]struct {
		err  error
		want Trail
	}{
		"success":     {nil, Trail{Outcome: "ok"}},
		"bug":         {errors.New("of ada@contoso.example"), Trail{Outcome: "internal", ExitCode: 1}},
		"interrupted": {context.Canceled, Trail{Outcome: "interrupted", ExitCode: 130}},
		"STS":         {refusal, Trail{Outcome: "role", ExitCode: 5, Code: "AccessDenied"}},
		"odd code":    {odd, Trail{Outcome: "role", ExitCode: 5, Code: "other"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := NewRecorder("", now).Trail(c.err)
			if got.Outcome != c.want.Outcome || got.ExitCode != c.want.ExitCode || got.Code != c.want.Code || got.Error != "" {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestCalls(t *testing.T) {
	r := NewRecorder("", now)
	for _, path := range []string{
		"/applications/3f2b6c1e-8d4a-4e57-9a61-0c5d7e9b1a24", "/users/ada@contoso.example?$select=id", "/users/contoso",
		"/servicePrincipals(appId='3f2b')/owners/$ref", "/applicationTemplates/8b1025e4/instantiate",
	} {
		r.Graph("GET", path, 200, "")
	}
	r.Graph("POST", "/applications", 400, "Request_BadRequest")
	r.Graph("POST", "/applications", 400, "contoso says no")
	r.AWS("IAM", "GetRole", 404, "NoSuchEntity")
	want := []Call{
		{"graph", "GET", "/applications/{id}", 200, ""},
		{"graph", "GET", "/users/{id}", 200, ""},
		{"graph", "GET", "/users/{id}", 200, ""},
		{"graph", "GET", "/servicePrincipals({id})/owners/$ref", 200, ""},
		{"graph", "GET", "/applicationTemplates/{id}/instantiate", 200, ""},
		{"graph", "POST", "/applications", 400, "Request_BadRequest"},
		{"graph", "POST", "/applications", 400, "other"},
		{"IAM", "GetRole", "", 404, "NoSuchEntity"},
	}
	if got := r.Trail(nil).Calls; !slices.Equal(got, want) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
	for range 2 * maxCalls {
		r.AWS("IAM", "GetRole", 200, "")
	}
	if got := len(r.Trail(nil).Calls); got != maxCalls {
		t.Errorf("got %d calls, want at most %d", got, maxCalls)
	}
}

// graphWords contains every word in the paths that package graph calls.
func TestGraphWords(t *testing.T) {
	files, err := filepath.Glob("../graph/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources: %v", err)
	}
	seen := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, "metadata.go") { // not a call of Graph
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err != nil || !strings.HasPrefix(text, "/") || text == "/.default" {
				return true
			}
			for word := range strings.SplitSeq(text, "/") {
				word, _, _ = strings.Cut(word, "(")
				if seen++; word != "" && !strings.ContainsAny(word, "%:?") && !slices.Contains(graphWords(), word) {
					t.Errorf("%s: got %q in a path, want it in graphWords", file, word)
				}
			}
			return true
		})
	}
	if seen < 20 {
		t.Errorf("got %d words, want more", seen)
	}
}

// A report of marked settings, findings and errors contains none of the marks.
func TestReportContainsNoUserData(t *testing.T) {
	paths := pathsIn(t)
	config := "[profile markMe]\n" + strings.Join([]string{
		"azure_tenant_id = markMe.example", "azure_app_id_uri = https://signin.aws.amazon.com/saml#markMe",
		"azure_default_username = markMe@markMe.example", "azure_default_role_arn = arn:aws:iam::111122223333:role/markMe",
		"o365aws_browser_path = /opt/markMe", "o365aws_browser_args = --markMe", "o365aws_mfa = sms:markMe",
		"o365aws_login_hosts = fs.markMe.example", "o365aws_reply_url = http://markMe.example/", "region = markMe-1",
		"ca_bundle = /markMe.pem", "endpoint_url = https://markMe.example", "credential_process = markMe", "o365aws_store = file",
	}, "\n") + "\n"
	if err := os.WriteFile(paths.Config, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	profile, err := awsconfig.Load(paths, func(string) string { return "" }, "markMe", nil)
	if err != nil {
		t.Fatal(err)
	}
	trail := NewRecorder("markMe/x", now).Trail(fault.New(fault.Auth, "of markMe"))
	d := New(Facts{
		Version: "markMe/x", Now: now, Getenv: func(string) string { return "markMe" }, Profile: profile, Trail: &trail,
		Doctor: []doctor.Finding{{Check: "browser", Status: doctor.OK, Detail: "/markMe/chromium 1.2.3 starts in 1s"}},
	})
	d.Trail.Version = d.Version
	data, err := d.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(strings.ToLower(string(data)), "markme") {
		t.Errorf("got a mark in the report:\n%s", data)
	}
	if d.Browser == nil || *d.Browser != (Browser{"chromium", "1.2.3"}) {
		t.Errorf("browser: got %v, want chromium 1.2.3", d.Browser)
	}
	want := Setting{"o365aws_store", "profile", "choice", "file"}
	if !slices.Contains(d.Settings, want) {
		t.Errorf("settings: got %v, want %v among them", d.Settings, want)
	}
	var again Document
	if err := json.Unmarshal(data, &again); err != nil || again.Created != "2026-12-01" {
		t.Errorf("read again: got %q, %v", again.Created, err)
	}
}

func TestForm(t *testing.T) {
	for name, c := range map[string]struct {
		trail *Trail
		want  string
	}{
		"nothing": {nil, "worked.yml"}, "success": {&Trail{Outcome: "ok"}, "worked.yml"},
		"page":  {&Trail{Outcome: "page"}, "page.yml"},
		"auth":  {&Trail{Outcome: "auth"}, "wrong.yml"},
		"admin": {&Trail{Outcome: "network", Command: "admin plan"}, "admin.yml"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := (Document{Trail: c.trail}).Form(); !strings.HasSuffix(got, "="+c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
