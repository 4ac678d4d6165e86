package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awsfake"
)

func TestMain(m *testing.M) {
	if file := os.Getenv(childSpec); file != "" {
		if err := applyInChild(file); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	awsfake.Main(m)
}

// lab is an AWS account, a spec file and a tenant that takes keys.
type lab struct {
	t    testing.TB
	gate *awsfake.Gate
	dir  string
	spec *Spec
	keys *tenantKeys
	side []Side
}

// tenantKeys is the tenant as far as keys go.
type tenantKeys struct {
	mu     sync.Mutex
	taken  []KeyPair
	refuse error // of Take
	broken error // of Works
}

func (k *tenantKeys) Take(_ context.Context, _ string, key KeyPair) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.refuse != nil {
		return k.refuse
	}
	k.taken = append(k.taken, key)
	return nil
}

func (k *tenantKeys) Works(context.Context, string) error { return k.broken }

func (k *tenantKeys) last() KeyPair {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.taken) == 0 {
		return KeyPair{}
	}
	return k.taken[len(k.taken)-1]
}

// labEnds is when the lab's certificate ends.
var labEnds = time.Now().AddDate(2, 0, 0)

// labCertificate is that of every lab: its key takes a while.
var labCertificate string

func newLab(t *testing.T, spec string) *lab {
	t.Helper()
	l := labAt(t, awsfake.Shared(t), spec)
	l.sweep()
	return l
}

func labAt(t testing.TB, moto *awsfake.Moto, spec string) *lab {
	t.Helper()
	gate := awsfake.NewGate(t, moto)
	awsfake.Setenv(t, gate.URL)
	l := &lab{t: t, gate: gate, dir: t.TempDir(), keys: &tenantKeys{}}
	if labCertificate == "" {
		labCertificate = awsfake.Certificate(t, 2048, labEnds)
	}
	l.metadata(awsfake.Metadata(t, labCertificate))
	l.use("tenant: " + awsfake.Tenant + "\nprovider: {metadata: metadata.xml}\n" + spec)
	return l
}

const oneAccount = "accounts: [{id: '" + awsfake.Account + "'}]\n"

func (l *lab) metadata(data []byte) {
	l.t.Helper()
	if err := os.WriteFile(filepath.Join(l.dir, "metadata.xml"), data, 0o600); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) use(spec string) {
	l.t.Helper()
	s, err := Parse(filepath.Join(l.dir, "o365aws.yaml"), []byte(spec))
	if err != nil {
		l.t.Fatal(err)
	}
	l.spec = s
}

// runner is a new run, as another process would begin it. Its pauses are
// short: moto is not eventually consistent, and what the gate plays is counted
// in calls.
func (l *lab) runner() *Runner {
	l.t.Helper()
	w := &World{Spec: l.spec, Now: time.Now, Metadata: MetadataFrom(l.spec, nil), Keys: l.keys}
	steps, err := Compose(w, append([]Side{AWS(&Clients{})}, l.side...)...)
	if err != nil {
		l.t.Fatal(err)
	}
	return &Runner{Steps: steps, World: w, Pause: func(ctx context.Context, _ time.Duration) error {
		timer := time.NewTimer(time.Millisecond)
		defer timer.Stop()
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		return ctx.Err()
	}}
}

func (l *lab) plan() Report {
	l.t.Helper()
	report, err := l.runner().Plan(context.Background())
	if err != nil {
		l.t.Fatal(err)
	}
	return report
}

func (l *lab) apply() Report {
	l.t.Helper()
	report, err := l.runner().Apply(context.Background(), Report{})
	if err != nil {
		l.t.Fatal(err)
	}
	return report
}

// applied applies and wants everything to be done.
func (l *lab) applied() Report {
	l.t.Helper()
	report := l.apply()
	if err := report.Err(); err != nil || report.Open() != 0 {
		l.t.Fatalf("%d steps are open: %v", report.Open(), err)
	}
	return report
}

// aws asks the AWS CLI, behind the gate's back.
func (l *lab) aws(into any, args ...string) {
	l.t.Helper()
	output := awsfake.CLI(l.t, l.gate.Behind(), args...)
	if into == nil {
		return
	}
	if err := json.Unmarshal([]byte(output), into); err != nil {
		l.t.Fatalf("aws %v: %v: %s", args, err, output)
	}
}

// changes lists what a plan would change: "step: attribute".
func changesIn(report Report) []string {
	var all []string
	for _, r := range report.Results {
		switch {
		case r.Err != nil:
			all = append(all, string(r.Step.ID)+": "+r.Err.Error())
		case r.Finding.Status != Done && len(r.Finding.Changes) == 0:
			all = append(all, string(r.Step.ID)+": "+r.Finding.Status.String()+" "+r.Finding.Reason)
		default:
			for _, c := range r.Finding.Changes {
				all = append(all, string(r.Step.ID)+": "+c.Attribute)
			}
		}
	}
	return all
}

// From an empty account to the post's end of chapter 5, seen by the AWS CLI;
// and a second run writes nothing.
func TestApplyMakesThePost(t *testing.T) {
	l := newLab(t, oneAccount)
	if plan := l.plan(); plan.Open() != 5 { // provider, two roles, user, key
		t.Fatalf("plan of an empty account: %v", changesIn(plan))
	}
	if writes := awsfake.Writes(l.gate.Take()); len(writes) != 0 {
		t.Fatalf("plan wrote: %v", writes)
	}
	l.applied()
	writes := awsfake.Writes(l.gate.Take())
	slices.Sort(writes)
	want := []string{
		"iam:AttachRolePolicy", "iam:AttachRolePolicy", "iam:CreateAccessKey", "iam:CreateRole", "iam:CreateRole",
		"iam:CreateSAMLProvider", "iam:CreateUser", "iam:PutUserPolicy", "iam:TagUser",
	}
	if !slices.Equal(writes, want) {
		t.Errorf("writes %v", writes)
	}
	l.seenByCLI()

	if report := l.applied(); report.Applied() != 0 {
		t.Errorf("the second run applied %d steps", report.Applied())
	}
	if writes := awsfake.Writes(l.gate.Take()); len(writes) != 0 {
		t.Errorf("the second run wrote %v", writes)
	}
	if plan := l.plan(); plan.Open() != 0 {
		t.Errorf("the plan afterwards: %v", changesIn(plan))
	}
}

// seenByCLI reads back with the AWS CLI what the post makes.
func (l *lab) seenByCLI() {
	l.t.Helper()
	t := l.t
	var provider struct{ SAMLMetadataDocument string }
	l.aws(
		&provider, "iam", "get-saml-provider", "--saml-provider-arn",
		"arn:aws:iam::123456789012:saml-provider/AzureAD",
	)
	if strings.HasPrefix(provider.SAMLMetadataDocument, "\ufeff") ||
		!strings.Contains(provider.SAMLMetadataDocument, awsfake.Tenant) {
		t.Error("the provider's metadata is not the application's without byte order mark")
	}
	for role, policy := range map[string]string{
		"azure.admin": "arn:aws:iam::aws:policy/AdministratorAccess", "azure.reader": "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
	} {
		var attached struct{ AttachedPolicies []struct{ PolicyArn string } }
		l.aws(&attached, "iam", "list-attached-role-policies", "--role-name", role)
		if len(attached.AttachedPolicies) != 1 || attached.AttachedPolicies[0].PolicyArn != policy {
			t.Errorf("role %s has %v", role, attached)
		}
		var got struct {
			Role struct{ AssumeRolePolicyDocument json.RawMessage }
		}
		l.aws(&got, "iam", "get-role", "--role-name", role)
		if trust := string(got.Role.AssumeRolePolicyDocument); !samePolicy(
			trust,
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:saml-provider/AzureAD"},`+
				`"Action":["sts:AssumeRoleWithSAML","sts:TagSession","sts:SetSourceIdentity"],"Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}]}`,
		) {
			t.Errorf("role %s trusts %s", role, trust)
		}
	}
	var policy struct{ PolicyDocument json.RawMessage }
	l.aws(&policy, "iam", "get-user-policy", "--user-name", "AzureAAD", "--policy-name", "AzureAAD.Policy")
	if !samePolicy(
		string(policy.PolicyDocument),
		`{"Version":"2012-10-17","Statement":[{"Action":["iam:ListRoles"],"Effect":"Allow","Resource":["*"]}]}`,
	) {
		t.Errorf("user policy %s", policy.PolicyDocument)
	}
	var keys struct {
		AccessKeyMetadata []struct {
			ID string `json:"AccessKeyId"`
		}
	}
	l.aws(&keys, "iam", "list-access-keys", "--user-name", "AzureAAD")
	if len(keys.AccessKeyMetadata) != 1 || keys.AccessKeyMetadata[0].ID != l.keys.last().ID ||
		l.keys.last().Secret.IsZero() {
		t.Errorf("keys %v, the tenant has %v", keys, l.keys.last().ID)
	}
}
