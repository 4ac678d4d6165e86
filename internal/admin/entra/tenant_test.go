package entra

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	adminaws "github.com/o365aws/o365aws/internal/admin/aws"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/metadata"
	"github.com/o365aws/o365aws/internal/awsfake"
	"github.com/o365aws/o365aws/internal/fakecloud"
	fakegraph "github.com/o365aws/o365aws/internal/fakecloud/graph"
	"github.com/o365aws/o365aws/internal/fakecloud/graphspec"
	"github.com/o365aws/o365aws/internal/graph"
)

func TestMain(m *testing.M) { awsfake.Main(m) }

// tenantLab is an empty tenant and an empty AWS account.
type tenantLab struct {
	*admintest.Lab
	cloud     *fakecloud.Cloud
	http      *http.Client
	delegated bool // sign in as a user

	mu      sync.Mutex
	onWrite func(string) // called for each write in either cloud
	calls   []fakegraph.Call
	client  *graph.Client
}

// newTenantLab starts both clouds. more are lines of the spec.
func newTenantLab(t *testing.T, o fakegraph.Options, more string) *tenantLab {
	t.Helper()
	l := &tenantLab{Lab: admintest.SharedLab(t, nil, admintest.OneAccount)}
	validate := graphspec.Check(t)
	o.OnCall = validate
	o.OnWrite = func(_ int, w fakegraph.Write) { l.wrote(w.Method + " " + w.Path) }
	if o.ListRoles == nil {
		o.ListRoles = l.listRoles
	}
	cloud, err := fakecloud.New(fakecloud.Options{Graph: o})
	if err != nil {
		t.Fatal(err)
	}
	if err := cloud.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cloud.Close() })
	l.cloud = cloud
	l.http = cloud.Client()
	l.Gate.After(func(c awsfake.Call) {
		if c.Write() {
			l.wrote(c.Name())
		}
	})
	if !strings.Contains(more, "accounts:") {
		more += admintest.OneAccount
	}
	l.Use("tenant: " + fakecloud.TenantDomain + "\n" + more)
	return l
}

func (l *tenantLab) wrote(what string) {
	l.mu.Lock()
	tell := l.onWrite
	l.mu.Unlock()
	if tell != nil {
		tell(what)
	}
}

func (l *tenantLab) tell(f func(string)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.onWrite = f
}

// listRoles lists roles like Microsoft's import, with its access key.
func (l *tenantLab) listRoles(accessKey, secretKey string) ([]fakegraph.ImportedRole, error) {
	client := iam.New(
		iam.Options{
			Region: "us-east-1", BaseEndpoint: aws.String(l.Gate.Behind()),
			Credentials: credentials.NewStaticCredentialsProvider("AKIAADMINADMINADMIN0", "x", ""),
		},
	)
	keys, err := client.ListAccessKeys(context.Background(), &iam.ListAccessKeysInput{UserName: aws.String("AzureAAD")})
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(keys.AccessKeyMetadata, func(k types.AccessKeyMetadata) bool {
		return aws.ToString(k.AccessKeyId) == accessKey && k.Status == "Active" && secretKey != ""
	}) {
		return nil, fmt.Errorf("no active key %s", accessKey)
	}
	found, err := client.ListRoles(context.Background(), &iam.ListRolesInput{})
	if err != nil {
		return nil, err
	}
	var roles []fakegraph.ImportedRole
	for _, r := range found.Roles {
		roles = append(
			roles,
			fakegraph.ImportedRole{
				ARN:       aws.ToString(r.Arn),
				Providers: providersIn(aws.ToString(r.AssumeRolePolicyDocument)),
			},
		)
	}
	return roles, nil
}

// short is a pause for tests, where nothing takes real time.
func short(ctx context.Context, _ time.Duration) error {
	timer := time.NewTimer(time.Millisecond)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
	return ctx.Err()
}

// tenant returns a new sign-in, like that of another process.
func (l *tenantLab) tenant() *Tenant {
	l.T.Helper()
	global, _ := graph.CloudByName("")
	env := map[string]string{
		"AZURE_TENANT_ID": fakecloud.TenantID, "AZURE_CLIENT_ID": fakegraph.ProgramID,
		"AZURE_CLIENT_SECRET": fakegraph.ProgramSecret,
	}
	o := graph.SignInOptions{
		Cloud: global, HTTP: l.http, Tenant: fakecloud.TenantID,
		Getenv: func(name string) string { return env[name] },
	}
	if l.delegated {
		o.Way, o.Notice = graph.SignInDeviceCode, func(s string) {
			l.cloud.Graph.ApproveDevice(
				s[strings.LastIndex(s, " ")+1:], fakecloud.UserName,
			)
		}
	}
	identity, err := graph.SignIn(o)
	if err != nil {
		l.T.Fatal(err)
	}
	l.client = graph.New(graph.Options{Cloud: global, Identity: identity, HTTP: l.http, RetryDelay: time.Millisecond})
	return &Tenant{
		Graph: l.client, Identity: identity, AWS: &adminaws.Clients{}, Wait: short, ImportTimeout: time.Millisecond,
	}
}

// runner returns a new run of both sides.
func (l *tenantLab) runner() *engine.Runner {
	l.T.Helper()
	t := l.tenant()
	w := &engine.World{
		Spec: l.Spec, Now: time.Now,
		Metadata: metadata.From(l.Spec, func() (*http.Client, error) { return l.http, nil }),
	}
	t.Attach(w)
	steps, err := engine.Compose(w, t.Steps, adminaws.Side(t.AWS))
	if err != nil {
		l.T.Fatal(err)
	}
	return &engine.Runner{Steps: steps, World: w, Pause: short}
}

func (l *tenantLab) plan() engine.Report {
	l.T.Helper()
	report, err := l.runner().Plan(l.T.Context())
	if err != nil {
		l.T.Fatal(err)
	}
	return report
}

func (l *tenantLab) applied() engine.Report {
	l.T.Helper()
	report, err := l.runner().Apply(l.T.Context(), engine.Report{})
	if err != nil {
		l.T.Fatal(err)
	}
	if err := report.Err(); err != nil || report.Open() != 0 {
		l.T.Fatalf("%d steps are open: %v\n%s", report.Open(), err, strings.Join(admintest.ChangesIn(report), "\n"))
	}
	return report
}

// settled applies again and checks that neither cloud is written to.
func (l *tenantLab) settled() {
	l.T.Helper()
	l.tell(func(what string) { l.T.Errorf("a run with nothing to do wrote: %s", what) })
	defer l.tell(nil)
	if report := l.applied(); report.Applied() != 0 {
		l.T.Errorf("a run with nothing to do applied %d steps", report.Applied())
	}
	if plan := l.plan(); plan.Open() != 0 {
		l.T.Errorf("the plan afterwards: %v", admintest.ChangesIn(plan))
	}
}

const assignAda = `assignments:
- {user: ada@contoso.example, roles: [azure.admin, azure.reader]}
- {group: AWS Readers, roles: [azure.reader]}
`

func assignedAda(account string) []string {
	value := func(role string) string {
		return "arn:aws:iam::" + account + ":role/" + role + ",arn:aws:iam::" + account + ":saml-provider/AzureAD"
	}
	return []string{
		"AWS Readers: " + value("azure.reader"), "Ada Lovelace: " + value("azure.admin"),
		"Ada Lovelace: " + value("azure.reader"),
	}
}

// The usual setup of one account, with Entra's import. A second run writes nothing.
func TestTenantImport(t *testing.T) {
	l := newTenantLab(t, fakegraph.Options{}, assignAda)
	plan := l.plan()
	if plan.Open() < 12 || len(l.cloud.Graph.Writes()) != 0 {
		t.Fatalf("plan of nothing: %v, writes %v", admintest.ChangesIn(plan), l.cloud.Graph.Writes())
	}
	l.applied()
	if got, want := l.cloud.Graph.Assigned(), assignedAda(awsfake.Account); !slices.Equal(got, want) {
		t.Errorf("assigned %q, want %q", got, want)
	}
	if there, _ := l.cloud.Graph.Applications(); there != 1 {
		t.Errorf("%d applications", there)
	}
	l.settled()
}

// The setup of two accounts in one application, without IAM user and key.
func TestTenantMerge(t *testing.T) {
	const second = "210987654321"
	l := newTenantLab(
		t, fakegraph.Options{},
		assignAda+"accounts:\n- {id: '"+awsfake.Account+"'}\n- {id: '"+second+"', assume_role: "+
			"OrganizationAccountAccessRole}\n",
	)
	l.applied()
	want := slices.Sorted(slices.Values(append(assignedAda(awsfake.Account), assignedAda(second)...)))
	if got := l.cloud.Graph.Assigned(); !slices.Equal(got, want) {
		t.Errorf("assigned %q, want %q", got, want)
	}
	for _, w := range awsfake.Writes(l.Gate.Take()) {
		if strings.Contains(w, "User") || strings.Contains(w, "AccessKey") {
			t.Errorf("got write %s", w)
		}
	}
	l.settled()

	// A role that is not in the spec is deleted, also if it was deleted in AWS by hand.
	// The others keep their ids.
	before := l.appRoles()
	l.Use(
		"tenant: " + fakecloud.TenantDomain + "\nroles: [{name: azure.reader, policies: " +
			"[job-function/ViewOnlyAccess]}]\naccounts:\n- {id: '" + awsfake.Account + "'}\n- {id: '" + second + "', assume_role: OrganizationAccountAccessRole}\n",
	)
	l.CLI(
		nil, "iam", "detach-role-policy", "--role-name", "azure.admin", "--policy-arn",
		"arn:aws:iam::aws:policy/AdministratorAccess",
	)
	l.CLI(nil, "iam", "delete-role", "--role-name", "azure.admin")
	l.applied()
	l.pruned()
	after := l.appRoles()
	if len(after) != len(before)-2 { // azure.admin of both accounts
		t.Errorf("got %d roles, want %d", len(after), len(before)-2)
	}
	for value, id := range after {
		if before[value] != id {
			t.Errorf("the id of %s changed", value)
		}
	}
}

// appRoles returns the ids of the application's AWS roles by value.
func (l *tenantLab) appRoles() map[string]string {
	l.T.Helper()
	r := l.runner()
	if _, err := r.Plan(l.T.Context()); err != nil {
		l.T.Fatal(err)
	}
	p, err := l.client.Principal(l.T.Context(), r.World.Entra().ServicePrincipalID)
	if err != nil {
		l.T.Fatal(err)
	}
	roles := map[string]string{}
	for _, role := range p.AppRoles {
		if strings.HasPrefix(role.Value, "arn:") {
			roles[role.Value] = role.ID
		}
	}
	return roles
}

// A change by hand is in the plan, and apply reverts it.
func TestTenantDrift(t *testing.T) {
	l := newTenantLab(
		t, fakegraph.Options{}, assignAda+"application: {notification_emails: [ada@contoso.example]}\n",
	)
	l.applied()
	for name, tc := range map[string]struct {
		change func(*fakegraph.EditableApp)
		want   string
	}{
		"name":       {func(a *fakegraph.EditableApp) { a.Name = "Something" }, "entra/urls: name"},
		"identifier": {func(a *fakegraph.EditableApp) { a.Identifiers = nil }, "entra/urls: identifier"},
		"reply URL": {func(
			a *fakegraph.EditableApp,
		) {
			a.ReplyURLs = []string{"https://example.com/"}
		}, "entra/urls: reply URLs"},
		"mode": {func(a *fakegraph.EditableApp) { a.Mode = "" }, "entra/saml: single sign-on mode"},
		"anybody": {func(a *fakegraph.EditableApp) { a.AssignmentRequired = false }, "entra/saml: assignment " +
			"required"},
		"emails":      {func(a *fakegraph.EditableApp) { a.Emails = nil }, "entra/saml: notification e-mails"},
		"certificate": {func(a *fakegraph.EditableApp) { a.ActiveKey = "" }, "entra/certificate: active certificate"},
		"provisioning": {func(a *fakegraph.EditableApp) { a.Provisioning = "Paused" }, "entra/provisioning/start: " +
			"provisioning"},
		"assignment": {func(a *fakegraph.EditableApp) { a.Assignments = 0 }, "entra/assignments: " +
			"ada@contoso.example"},
		"tag": {func(a *fakegraph.EditableApp) { a.Tags = nil }, "entra/application"},
		"imported role": {func(a *fakegraph.EditableApp) { a.Roles = a.Roles[:1] }, "entra/assignments: " +
			"ada@contoso.example"}, // imported again, under another id
	} {
		t.Run(name, func(t *testing.T) {
			l.cloud.Graph.EditApplication(tc.change)
			if name == "tag" { // without it, the application is not ours
				if got := admintest.ChangesIn(l.plan()); !slices.ContainsFunc(
					got, func(s string) bool { return strings.HasPrefix(s, tc.want+": forbidden") },
				) {
					t.Errorf("plan says %q", got)
				}
				l.cloud.Graph.EditApplication(func(a *fakegraph.EditableApp) { a.Tags = []string{ourTag(l.Spec)} })
				return
			}
			if got := admintest.ChangesIn(l.plan()); !slices.Contains(got, tc.want) {
				t.Errorf("plan says %q, want %q", got, tc.want)
			}
			l.applied()
			l.settled()
		})
	}
}

// An existing application is left alone unless the spec adopts it.
func TestTenantAdopts(t *testing.T) {
	l := newTenantLab(t, fakegraph.Options{}, "")
	l.cloud.Graph.AddApplication("AWS by hand", "https://signin.aws.amazon.com/saml")
	report, err := l.runner().Apply(t.Context(), engine.Report{})
	if err != nil || report.Err() == nil || len(l.cloud.Graph.Writes()) != 0 {
		t.Fatalf("existing application: %v, %v, writes %v", err, report.Err(), l.cloud.Graph.Writes())
	}
	if !strings.Contains(fmt.Sprint(admintest.ChangesIn(report), report.Err()), "AWS by hand") {
		t.Errorf("the refusal does not name it: %v", report.Err())
	}
	l.Use("tenant: " + fakecloud.TenantDomain + "\napplication: {adopt: true}\n" + admintest.OneAccount)
	l.applied()
	if there, _ := l.cloud.Graph.Applications(); there != 1 {
		t.Errorf("%d applications after adopting one", there)
	}
	l.Use(
		"tenant: " + fakecloud.TenantDomain + "\nname: other\napplication: {identifier: " +
			"'https://signin.aws.amazon.com/saml#2', name: Second}\nprovider: {name: Second}\nroles: [{name: " +
			"other}]\nprovisioning: {style: none}\n" + admintest.OneAccount,
	)
	l.applied()
	if there, _ := l.cloud.Graph.Applications(); there != 2 {
		t.Errorf("%d applications with a second one", there)
	}
}

// The claims policy is created, changed and destroyed.
func TestTenantClaims(t *testing.T) {
	const claims = "application: {claims: {session_duration: 2h, source_identity: userprincipalname, " +
		"principal_tags: {CostCenter: department}, transitive_tags: [CostCenter], session_name: mail}, owners: [grace@contoso.example]}\nprovisioning: {style: none}\n"
	l := newTenantLab(t, fakegraph.Options{}, claims)
	l.applied()
	l.settled()
	if len(l.cloud.Graph.Owners()) != 1 {
		t.Errorf("owners %q", l.cloud.Graph.Owners())
	}
	l.Use("tenant: " + fakecloud.TenantDomain + "\n" + strings.Replace(claims, "2h", "4h", 1) + admintest.OneAccount)
	if got := admintest.ChangesIn(l.plan()); !slices.Contains(got, "entra/claims: definition") {
		t.Errorf("plan says %q", got)
	}
	l.applied()
	l.settled()
	l.destroyed()
}

// destroyed destroys everything and checks that nothing is left.
func (l *tenantLab) destroyed() {
	l.T.Helper()
	removals, err := l.runner().Removals(l.T.Context())
	if err != nil {
		l.T.Fatal(err)
	}
	if err := engine.Destroy(l.T.Context(), removals, func(r engine.Removal) {
		if r.Err != nil {
			l.T.Errorf("%s: %v", r.Step.ID, r.Err)
		}
	}); err != nil {
		l.T.Fatal(err)
	}
	if there, deleted := l.cloud.Graph.Applications(); there != 0 || deleted != 1 {
		l.T.Errorf("%d applications are there, %d deleted", there, deleted)
	}
	removals, err = l.runner().Removals(l.T.Context())
	if err != nil || len(removals) != 0 {
		l.T.Errorf("left: %v %v", removals, err)
	}
}

// The usual setup is destroyed and applied again.
func TestTenantDestroy(t *testing.T) {
	l := newTenantLab(t, fakegraph.Options{}, assignAda)
	l.applied()
	l.destroyed()
	l.applied()
}

var providerARN = regexp.MustCompile(`arn:aws:iam::\d+:saml-provider/[\w.-]+`)

// providersIn lists the SAML providers that an encoded trust policy names.
func providersIn(document string) []string {
	plain, err := url.QueryUnescape(document)
	if err != nil {
		return nil
	}
	return slices.Compact(slices.Sorted(slices.Values(providerARN.FindAllString(plain, -1))))
}
