// Package admintest contains what the tests of both clouds share: an AWS account or
// organization in moto, a spec, and a receiver of access keys.
package admintest

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

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/metadata"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/awsfake"
)

// Lab is an AWS account, a spec file and a receiver of access keys.
type Lab struct {
	T    testing.TB
	Gate *awsfake.Gate
	Dir  string
	Spec *spec.Spec
	Keys *TenantKeys
	side func() []engine.Side // of AWS, and more
}

// TenantKeys is an engine.KeyReceiver that records the keys.
type TenantKeys struct {
	mu     sync.Mutex
	Taken  []engine.KeyPair
	Refuse error // of Take
	Broken error // of Works
}

func (k *TenantKeys) Take(_ context.Context, _ string, key engine.KeyPair) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.Refuse != nil {
		return k.Refuse
	}
	k.Taken = append(k.Taken, key)
	return nil
}

func (k *TenantKeys) Works(context.Context, string) error { return k.Broken }

func (k *TenantKeys) Last() engine.KeyPair {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.Taken) == 0 {
		return engine.KeyPair{}
	}
	return k.Taken[len(k.Taken)-1]
}

// LabEnds is when LabCertificate ends.
var LabEnds = time.Now().AddDate(2, 0, 0)

// LabCertificate is the certificate of every lab, generated once because that is
// slow.
var LabCertificate string

// LabAt returns a lab with an AWS server. side returns the AWS side of a run.
func LabAt(t testing.TB, moto *awsfake.Moto, side func() []engine.Side, spec string) *Lab {
	t.Helper()
	gate := awsfake.NewGate(t, moto)
	awsfake.Setenv(t, gate.URL)
	l := &Lab{T: t, Gate: gate, Dir: t.TempDir(), Keys: &TenantKeys{}, side: side}
	if LabCertificate == "" {
		LabCertificate = awsfake.Certificate(t, 2048, LabEnds)
	}
	l.Metadata(awsfake.Metadata(t, LabCertificate))
	l.Use("tenant: " + awsfake.Tenant + "\nprovider: {metadata: metadata.xml}\n" + spec)
	return l
}

const OneAccount = "accounts: [{id: '" + awsfake.Account + "'}]\n"

func (l *Lab) Metadata(data []byte) {
	l.T.Helper()
	if err := os.WriteFile(filepath.Join(l.Dir, "metadata.xml"), data, 0o600); err != nil {
		l.T.Fatal(err)
	}
}

func (l *Lab) Use(text string) {
	l.T.Helper()
	s, err := spec.Parse(filepath.Join(l.Dir, "o365aws.yaml"), []byte(text))
	if err != nil {
		l.T.Fatal(err)
	}
	l.Spec = s
}

// Runner returns a new run, like that of another process. Its pauses are short:
// moto is consistent, and the gate's delays are counted in calls.
func (l *Lab) Runner() *engine.Runner {
	l.T.Helper()
	w := &engine.World{Spec: l.Spec, Now: time.Now, Metadata: metadata.From(l.Spec, nil), Keys: l.Keys}
	steps, err := engine.Compose(w, l.side()...)
	if err != nil {
		l.T.Fatal(err)
	}
	return &engine.Runner{Steps: steps, World: w, Pause: func(ctx context.Context, _ time.Duration) error {
		timer := time.NewTimer(time.Millisecond)
		defer timer.Stop()
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		return ctx.Err()
	}}
}

func (l *Lab) Plan() engine.Report {
	l.T.Helper()
	report, err := l.Runner().Plan(context.Background())
	if err != nil {
		l.T.Fatal(err)
	}
	return report
}

func (l *Lab) Apply() engine.Report {
	l.T.Helper()
	report, err := l.Runner().Apply(context.Background(), engine.Report{})
	if err != nil {
		l.T.Fatal(err)
	}
	return report
}

// Applied applies the spec and fails the test unless every step is done.
func (l *Lab) Applied() engine.Report {
	l.T.Helper()
	report := l.Apply()
	if err := report.Err(); err != nil || report.Open() != 0 {
		l.T.Fatalf("%d steps are open: %v", report.Open(), err)
	}
	return report
}

// CLI runs the AWS CLI without the gate.
func (l *Lab) CLI(into any, args ...string) {
	l.T.Helper()
	output := awsfake.CLI(l.T, l.Gate.Behind(), args...)
	if into == nil {
		return
	}
	if err := json.Unmarshal([]byte(output), into); err != nil {
		l.T.Fatalf("aws %v: %v: %s", args, err, output)
	}
}

// ChangesIn lists the changes of a plan as "step: attribute".
func ChangesIn(report engine.Report) []string {
	var all []string
	for _, r := range report.Results {
		switch {
		case r.Err != nil:
			all = append(all, string(r.Step.ID)+": "+r.Err.Error())
		case r.Finding.Status != engine.Done && len(r.Finding.Changes) == 0:
			all = append(all, string(r.Step.ID)+": "+r.Finding.Status.String()+" "+r.Finding.Reason)
		default:
			for _, c := range r.Finding.Changes {
				all = append(all, string(r.Step.ID)+": "+c.Attribute)
			}
		}
	}
	return all
}

// IAM returns a client for changes by hand.
func (l *Lab) IAM() *iam.Client {
	l.T.Helper()
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		l.T.Fatal(err)
	}
	return iam.NewFromConfig(cfg)
}

func (l *Lab) UserKeys() []string {
	l.T.Helper()
	list, err := l.IAM().
		ListAccessKeys(context.Background(), &iam.ListAccessKeysInput{UserName: aws.String("AzureAAD")})
	if err != nil {
		l.T.Fatal(err)
	}
	var ids []string
	for _, k := range list.AccessKeyMetadata {
		if k.Status == "Active" {
			ids = append(ids, aws.ToString(k.AccessKeyId))
		}
	}
	return ids
}

// AccountNumbers returns n account numbers.
func AccountNumbers(n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("%012d", 200000000000+i))
	}
	return all
}

// Listed returns a spec of accounts that are reached by a role, with n roles each.
func Listed(accounts []string, roles int) string {
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

// Sweep empties IAM with IAM's own calls: after moto's reset, reading all AWS
// managed policies takes seconds.
func (l *Lab) Sweep() {
	l.T.Helper()
	ctx, client := context.Background(), l.IAM()
	check := func(err error) {
		if err != nil {
			l.T.Helper()
			l.T.Fatal(err)
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
	l.Gate.Take()
}

// SharedLab returns a lab with the package's server, after Sweep.
func SharedLab(t testing.TB, side func() []engine.Side, spec string) *Lab {
	t.Helper()
	l := LabAt(t, awsfake.Shared(t), side, spec)
	l.Sweep()
	return l
}

// MustParse parses a spec.
func MustParse(t testing.TB, text string) *spec.Spec {
	t.Helper()
	s, err := spec.Parse("o365aws.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}
