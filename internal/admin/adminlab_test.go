package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/o365aws/o365aws/internal/awsfake"
)

// lab is an AWS account, a spec file and a tenant that takes keys.
type lab struct {
	t    testing.TB
	gate *awsfake.Gate
	dir  string
	spec *Spec
	keys *tenantKeys
	side func() []Side // of AWS, and more
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

// labAt returns a lab in front of a server. side makes the AWS side of a run.
func labAt(t testing.TB, moto *awsfake.Moto, side func() []Side, spec string) *lab {
	t.Helper()
	gate := awsfake.NewGate(t, moto)
	awsfake.Setenv(t, gate.URL)
	l := &lab{t: t, gate: gate, dir: t.TempDir(), keys: &tenantKeys{}, side: side}
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
	steps, err := Compose(w, l.side()...)
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

// iam is a client that changes things by hand.
func (l *lab) iam() *iam.Client {
	l.t.Helper()
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		l.t.Fatal(err)
	}
	return iam.NewFromConfig(cfg)
}

func (l *lab) userKeys() []string {
	l.t.Helper()
	list, err := l.iam().
		ListAccessKeys(context.Background(), &iam.ListAccessKeysInput{UserName: aws.String("AzureAAD")})
	if err != nil {
		l.t.Fatal(err)
	}
	var ids []string
	for _, k := range list.AccessKeyMetadata {
		if k.Status == "Active" {
			ids = append(ids, aws.ToString(k.AccessKeyId))
		}
	}
	return ids
}

// accountNumbers are made-up account numbers.
func accountNumbers(n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("%012d", 200000000000+i))
	}
	return all
}

// listed is the spec of a list of accounts, each reached by a role, with n
// roles in each.
func listed(accounts []string, roles int) string {
	var b strings.Builder
	b.WriteString("accounts:\n")
	for _, a := range accounts {
		fmt.Fprintf(&b, "- {id: '%s', assume_role: OrganizationAccountAccessRole}\n", a)
	}
	b.WriteString("roles:\n")
	for i := range roles {
		fmt.Fprintf(
			&b,
			"- {name: azure.role%d, inline: {p: {Statement: [{Effect: Allow, Action: 's3:List*', Resource: '*'}]}}}\n",
			i+1,
		)
	}
	return b.String()
}

// sweep empties IAM by its own calls: moto's reset makes it read all of AWS's
// policies again, which takes seconds.
func (l *lab) sweep() {
	l.t.Helper()
	ctx, client := context.Background(), l.iam()
	check := func(err error) {
		if err != nil {
			l.t.Helper()
			l.t.Fatal(err)
		}
	}
	roles, err := client.ListRoles(ctx, &iam.ListRolesInput{})
	check(err)
	for _, r := range roles.Roles {
		attached, err := client.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: r.RoleName})
		check(err)
		for _, p := range attached.AttachedPolicies {
			_, err := client.DetachRolePolicy(
				ctx, &iam.DetachRolePolicyInput{RoleName: r.RoleName, PolicyArn: p.PolicyArn},
			)
			check(err)
		}
		inline, err := client.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: r.RoleName})
		check(err)
		for _, p := range inline.PolicyNames {
			_, err := client.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: r.RoleName, PolicyName: &p})
			check(err)
		}
		_, err = client.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: r.RoleName})
		check(err)
	}
	users, err := client.ListUsers(ctx, &iam.ListUsersInput{})
	check(err)
	for _, u := range users.Users {
		keys, err := client.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: u.UserName})
		check(err)
		for _, k := range keys.AccessKeyMetadata {
			_, err := client.DeleteAccessKey(
				ctx, &iam.DeleteAccessKeyInput{UserName: u.UserName, AccessKeyId: k.AccessKeyId},
			)
			check(err)
		}
		attached, err := client.ListAttachedUserPolicies(ctx, &iam.ListAttachedUserPoliciesInput{UserName: u.UserName})
		check(err)
		for _, p := range attached.AttachedPolicies {
			_, err := client.DetachUserPolicy(
				ctx, &iam.DetachUserPolicyInput{UserName: u.UserName, PolicyArn: p.PolicyArn},
			)
			check(err)
		}
		inline, err := client.ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: u.UserName})
		check(err)
		for _, p := range inline.PolicyNames {
			_, err := client.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: u.UserName, PolicyName: &p})
			check(err)
		}
		_, err = client.DeleteUser(ctx, &iam.DeleteUserInput{UserName: u.UserName})
		check(err)
	}
	providers, err := client.ListSAMLProviders(ctx, &iam.ListSAMLProvidersInput{})
	check(err)
	for _, p := range providers.SAMLProviderList {
		_, err := client.DeleteSAMLProvider(ctx, &iam.DeleteSAMLProviderInput{SAMLProviderArn: p.Arn})
		check(err)
	}
	l.gate.Take()
}

// sharedLab returns a lab in front of the package's server, emptied before.
func sharedLab(t testing.TB, side func() []Side, spec string) *lab {
	t.Helper()
	l := labAt(t, awsfake.Shared(t), side, spec)
	l.sweep()
	return l
}

// mustParse parses a spec.
func mustParse(t testing.TB, text string) *Spec {
	t.Helper()
	s, err := Parse("o365aws.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}
