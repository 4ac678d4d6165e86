package acceptance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/acceptance"
	"github.com/o365aws/o365aws/internal/cli"
	"github.com/o365aws/o365aws/internal/fakecloud"
	fakegraph "github.com/o365aws/o365aws/internal/fakecloud/graph"
	"github.com/o365aws/o365aws/internal/report"
	"github.com/o365aws/o365aws/internal/testenv"
)

var update = flag.Bool("update", false, "write the output of the run to docs/dev/acceptance.md")

// asProgram makes the test binary run as o365aws, or as the user's own browser.
const asProgram = "ACCEPTANCE_TEST_PROGRAM"

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(asProgram) == "":
		os.Exit(m.Run())
	case len(os.Args) == 2 && strings.HasPrefix(os.Args[1], "http://localhost:"):
		if err := userBrowser(context.Background(), os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	default:
		os.Exit(cli.Main(context.Background(), cli.System(), append([]string{"o365aws"}, os.Args[1:]...)))
	}
}

func started(t *testing.T, o fakecloud.Options) *fakecloud.Cloud {
	t.Helper()
	cloud, err := fakecloud.New(o)
	if err == nil {
		err = cloud.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cloud.Close() })
	return cloud
}

// reaching returns the variables with which programs reach an emulator.
func reaching(t *testing.T, cloud *fakecloud.Cloud) []string {
	t.Helper()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := cloud.WriteCA(ca); err != nil {
		t.Fatal(err)
	}
	return []string{"HTTPS_PROXY=" + cloud.ProxyURL(), "AWS_CA_BUNDLE=" + ca, userBrowserPin + "=" + cloud.SPKI()}
}

// environ returns the environment of the programs, with the credentials of a user
// and of an admin.
func environ(t *testing.T, reply string) []string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	all := slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return name == "CI" || strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "AZURE_") ||
			strings.HasPrefix(name, "O365AWS_") && !strings.HasPrefix(name, "O365AWS_BROWSER_")
	})
	all = append(
		all, asProgram+"=1", "HOME="+home, "XDG_RUNTIME_DIR="+home, "BROWSER="+program, "O365AWS_REPLY_URL="+reply,
		"O365AWS_PASSWORD="+fakecloud.Password, "O365AWS_TOTP_SECRET="+fakecloud.TOTPSecret,
		"AZURE_TENANT_ID="+fakecloud.TenantID, "AZURE_CLIENT_ID="+fakegraph.ProgramID,
		"AZURE_CLIENT_SECRET="+fakegraph.ProgramSecret, "AWS_ACCESS_KEY_ID="+fakecloud.AdminKeyID,
		"AWS_SECRET_ACCESS_KEY="+fakecloud.AdminSecret, "AWS_EC2_METADATA_DISABLED=true",
	)
	if os.Geteuid() == 0 && os.Getenv("O365AWS_BROWSER_ARGS") == "" {
		all = append(all, "O365AWS_BROWSER_ARGS=--no-sandbox")
	}
	return all
}

// results reads the report of a run and checks that it contains no user data.
func results(t *testing.T, file string) []report.Accepted {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"contoso", "grace", fakecloud.AccountID, fakecloud.TenantID, "azure."} {
		if strings.Contains(string(data), word) {
			t.Errorf("got %q in the report, want nothing of the user:\n%s", word, data)
		}
	}
	var d report.Document
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		t.Fatal(err)
	}
	return d.Acceptance
}

// The checks that testers run against their tenant pass against emulators. Windows, in
// which the device signs in, and the admin use a separate emulator.
func TestKit(t *testing.T) {
	testenv.Needs(t, "Chromium", "the AWS CLI", "Xvfb")
	if runtime.GOOS == "linux" && os.Getenv(onTerminal) == "" {
		runOnTerminal(t)
		return
	}
	reply := freeReply(t)
	cloud, empty := started(t, fakecloud.Options{}), started(t, fakecloud.Options{Empty: true})
	device := started(t, fakecloud.Options{Scenario: "other-account", ReplyURLs: []string{reply}})
	program, _ := os.Executable()
	files := t.TempDir()
	out := newFile(t)
	k := &acceptance.Kit{
		Program: program, Dir: t.TempDir(), Report: filepath.Join(files, "o365aws-acceptance.json"), Out: out,
		Environ: append(environ(t, reply), reaching(t, cloud)...),
		Tenant:  fakecloud.TenantDomain, User: "grace@contoso.example", Region: "eu-central-1",
		Role: "arn:aws:iam::" + fakecloud.AccountID + ":role/azure.reader", Methods: []string{"totp"},
		Account: fakecloud.AccountID, Spec: filepath.Join(files, "o365aws.yaml"),
	}
	if err := os.WriteFile(k.Spec, fmt.Appendf(nil, spec, k.Tenant, k.Account), 0o600); err != nil {
		t.Fatal(err)
	}
	windows := runtime.GOOS == "linux"
	if windows {
		screen := display(t)
		t.Setenv("DISPLAY", screen)
		k.Environ = append(k.Environ, "DISPLAY="+screen)
	}
	reachable := map[string]*fakecloud.Cloud{"window": device, "own-browser": device, "admin-plan": empty}
	k.Confirm = func(_ context.Context, question string) (bool, error) {
		_, _ = fmt.Fprintln(out, question, "[y/N] y")
		name := strings.Fields(question)[2]
		if next := reachable[name]; next != nil {
			k.Environ = append(k.Environ, reaching(t, next)...)
		}
		return windows || reachable[name] != device, nil
	}
	runErr := k.Run(t.Context())
	text, err := os.ReadFile(out.Name())
	if runErr != nil || err != nil {
		t.Errorf("got %v, %v, want no failed check:\n%s", runErr, err, text)
	}
	for _, r := range results(t, k.Report) {
		want := "passed"
		if !windows && reachable[r.Check] == device {
			want = "skipped"
		}
		if r.Result != want {
			t.Errorf("%s: got %s, want %s", r.Check, r.Result, want)
		}
	}
	if hosts := cloud.Saw("wrong password of the acceptance kit"); len(hosts) != 1 {
		t.Errorf("hosts that got the wrong password: got %v, want one", hosts)
	}
	if len(empty.Graph.Writes()) == 0 || len(empty.AWSWrites()) == 0 {
		t.Error("got no writes in tenant and account, want those of a setup")
	}
	if windows {
		checkDocument(t, strings.ReplaceAll(string(text), filepath.Dir(k.Report)+"/", ""))
	}
}

const spec = `tenant: %q
name: office365
application: {name: AWS}
provider: {name: AzureAD, metadata: tenant}
roles: [{name: azure.reader, policies: [job-function/ViewOnlyAccess]}]
accounts: [{id: %q}]
`

// checkDocument checks that the document shows the results at the end of the output.
func checkDocument(t *testing.T, output string) {
	t.Helper()
	const file, heading = "../../docs/dev/acceptance.md", "\n## Results of a run against the emulator\n"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, got, _ := strings.Cut(string(data), heading)
	_, results, _ := strings.Cut(output, "\nCHECK ")
	want := "\n```\nCHECK " + strings.TrimRight(results, "\n") + "\n```\n"
	if *update {
		got = want
		if err := os.WriteFile(file, []byte(before+heading+got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got != want {
		t.Errorf("%s: got %s\nwant %s\nrun go test ./internal/acceptance -update", file, got, want)
	}
}

// Without the tester's agreement, no check notifies a phone, opens a window or changes
// anything.
func TestNothingWithoutAgreement(t *testing.T) {
	var asked []string
	k := &acceptance.Kit{
		Program: "/nonexistent/o365aws", Dir: t.TempDir(), Report: filepath.Join(t.TempDir(), "report.json"),
		Out: newFile(t), Tenant: "x.example", User: "u@x.example", Account: "111122223333", Methods: []string{"sms"},
		Only: []string{"whoami", "wrong-password", "method-sms", "window", "own-browser", "admin-setup"},
	}
	k.Confirm = func(_ context.Context, question string) (bool, error) {
		asked = append(asked, question)
		return false, nil
	}
	if err := k.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	all := results(t, k.Report)
	for _, r := range all {
		want := "declined by the tester"
		if r.Check == "whoami" {
			want = "not signed in"
		}
		if r.Result != "skipped" || r.Why != want {
			t.Errorf("%s: got %s, %s, want skipped, %s", r.Check, r.Result, r.Why, want)
		}
	}
	if len(all) != 7 || len(asked) != 6 {
		t.Errorf("got %d results and %d questions, want 7 and 6, with sign-in:\n%q", len(all), len(asked), asked)
	}
}

// freeReply returns the address of a free port of this machine.
func freeReply(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return fmt.Sprintf("http://localhost:%d/saml", l.Addr().(*net.TCPAddr).Port)
}

func newFile(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}
