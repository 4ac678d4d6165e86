package aws

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/awsfake"
	"github.com/o365aws/o365aws/internal/fault"
)

// Several accounts are set up in parallel. One that cannot be entered does not
// stop the others, and is named.
func TestSeveralAccounts(t *testing.T) {
	accounts := admintest.AccountNumbers(5)
	l := admintest.LabAt(t, awsfake.SharedPlain(t), sides, admintest.Listed(accounts, 2))
	l.Gate.Reset(t)
	closed := accounts[2]
	l.Gate.Before(func(c awsfake.Call) *awsfake.Refusal {
		if c.Action == "AssumeRole" && strings.Contains(c.Params.Get("RoleArn"), closed) {
			return awsfake.Refuse("AccessDenied")
		}
		return nil
	})
	report := l.Apply()
	for _, account := range accounts {
		r, _ := report.Find(engine.RoleStep(account, "azure.role2"))
		if open := r.Open(); open != (account == closed) {
			t.Errorf("account %s: open %v, %v", account, open, r.Err)
		}
	}
	r, _ := report.Find(engine.AccountStep(closed))
	if len(report.Failed()) != 1 || r.Err == nil {
		t.Fatalf("failed: %v", report.Err())
	}
	said := r.Err.Error() + strings.Join(engine.HintsOf(r.Err), " ")
	if !strings.Contains(said, "sts:AssumeRole") ||
		!strings.Contains(said, "arn:aws:iam::"+closed+":role/OrganizationAccountAccessRole") {
		t.Errorf("the closed account: %s", said)
	}
	l.Gate.Before(nil)
	l.Gate.Take()
	l.Applied()
	if writes := awsfake.Writes(l.Gate.Take()); len(writes) != 5 { // provider, two roles with a policy each
		t.Errorf("the second run wrote %v", writes)
	}
}

// At most as many calls run at a time as steps may run in parallel.
func TestAccountsAreBounded(t *testing.T) {
	l := admintest.LabAt(t, awsfake.SharedPlain(t), sides, admintest.Listed(admintest.AccountNumbers(12), 2))
	l.Gate.Reset(t)
	var now, most atomic.Int64
	l.Gate.Before(func(awsfake.Call) *awsfake.Refusal {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		return nil
	})
	l.Gate.After(func(awsfake.Call) { now.Add(-1) })
	r := l.Runner()
	r.Parallel = 3
	report, err := r.Apply(context.Background(), engine.Report{})
	if err != nil || report.Open() != 0 {
		t.Fatal(err, report.Err())
	}
	if most.Load() > 3 {
		t.Errorf("%d calls were under way at once", most.Load())
	}
}

// Credentials for another account than the spec says write nothing.
func TestWrongAccount(t *testing.T) {
	l := newLab(t, "accounts: [{id: '999999999999'}]\n")
	report := l.Apply()
	err := report.Err()
	if err == nil || !strings.Contains(err.Error(), "for account 123456789012, not for 999999999999") ||
		fault.KindOf(err) != fault.Config {
		t.Errorf("err = %v", err)
	}
	if writes := awsfake.Writes(l.Gate.Take()); len(writes) != 0 {
		t.Errorf("written %v", writes)
	}
}

// destroy takes what is ours in every account, and leaves what is not.
func TestDestroy(t *testing.T) {
	l := newLab(t, fullSpec)
	l.Applied()
	client, ctx := l.IAM(), context.Background()
	if _, err := client.UntagRole(ctx, &iam.UntagRoleInput{RoleName: aws.String("azure.reader"), TagKeys: []string{spec.TagKey}}); err != nil {
		t.Fatal(err)
	}
	removals, err := l.Runner().Removals(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var remaining []string
	for _, r := range removals {
		if r.Undo.Keep != "" {
			remaining = append(remaining, r.Undo.What)
		}
	}
	if strings.Join(remaining, ",") != "role azure.reader" {
		t.Errorf("remaining %v", remaining)
	}
	if err := engine.Destroy(ctx, removals, func(r engine.Removal) {
		if r.Err != nil {
			t.Error(r.Err)
		}
	}); err != nil {
		t.Fatal(err)
	}
	roles, err := client.ListRoles(ctx, &iam.ListRolesInput{})
	if err != nil || len(roles.Roles) != 1 || *roles.Roles[0].RoleName != "azure.reader" {
		t.Errorf("roles left: %v %v", roles.Roles, err)
	}
	users, err := client.ListUsers(ctx, &iam.ListUsersInput{})
	if err != nil || len(users.Users) != 0 {
		t.Errorf("users left: %v %v", users.Users, err)
	}
}

// All accounts share connections: a handshake for each would be slow, and a
// provider of the network may see an attack in hundreds.
func TestAccountsShareConnections(t *testing.T) {
	l := admintest.LabAt(t, awsfake.SharedPlain(t), sides, admintest.Listed(admintest.AccountNumbers(20), 1))
	l.Gate.Reset(t)
	report := l.Plan()
	if len(report.Failed()) != 0 {
		t.Fatal(report.Err())
	}
	if n := l.Gate.Connections(); n > 2*engine.DefaultParallel {
		t.Errorf("20 accounts took %d connections", n)
	}
}
