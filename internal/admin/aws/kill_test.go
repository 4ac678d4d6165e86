package aws

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/metadata"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/awsfake"
)

// childSpec names the spec for a test binary that is to apply it and end.
const childSpec = "O365AWS_TEST_APPLY"

// fileKeys is a tenant that remembers the id of the key that it has in a file.
type fileKeys string

func (f fileKeys) Take(_ context.Context, _ string, key engine.KeyPair) error {
	return os.WriteFile(string(f), []byte(key.ID), 0o600)
}

func (fileKeys) Works(context.Context, string) error { return nil }

// applyInChild is what the child does: a whole apply, as the command does it.
func applyInChild(file string) error {
	spec, err := spec.Load(file)
	if err != nil {
		return err
	}
	w := &engine.World{
		Spec: spec, Now: time.Now, Metadata: metadata.From(spec, nil),
		Keys: fileKeys(filepath.Join(filepath.Dir(file), "key")),
	}
	steps, err := engine.Compose(w, Side(&Clients{}))
	if err != nil {
		return err
	}
	report, err := (&engine.Runner{Steps: steps, World: w}).Apply(context.Background(), engine.Report{})
	if err != nil {
		return err
	}
	return report.Err()
}

// child applies the lab's spec in a process of its own, which is killed after
// it wrote something for the n-th time; 0: never. It reports whether it was.
func child(l *admintest.Lab, n int64) bool {
	l.T.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), childSpec+"="+filepath.Join(l.Dir, "o365aws.yaml"))
	var output strings.Builder
	command.Stdout, command.Stderr = &output, &output
	var writes atomic.Int64
	var killed atomic.Bool
	started := make(chan struct{})
	l.Gate.After(func(c awsfake.Call) {
		if c.Write() && writes.Add(1) == n {
			killed.Store(true)
			<-started
			_ = command.Process.Kill() // moto did it; the answer never arrives
		}
	})
	if err := command.Start(); err != nil {
		l.T.Fatal(err)
	}
	close(started)
	if err := command.Wait(); err != nil && !killed.Load() {
		l.T.Fatalf("the child: %v: %s", err, output.String())
	}
	l.Gate.Idle()
	l.Gate.After(nil)
	return killed.Load()
}

// everything is what there is in the account, in words that do not depend on
// how it came about.
func everything(l *admintest.Lab) []string {
	l.T.Helper()
	ctx, client := context.Background(), l.IAM()
	check := func(err error) {
		if err != nil {
			l.T.Helper()
			l.T.Fatal(err)
		}
	}
	var all []string
	providers, err := client.ListSAMLProviders(ctx, &iam.ListSAMLProvidersInput{})
	check(err)
	for _, p := range providers.SAMLProviderList {
		all = append(all, "provider "+*p.Arn)
	}
	roles, err := client.ListRoles(ctx, &iam.ListRolesInput{})
	check(err)
	for _, r := range roles.Roles {
		all = append(
			all,
			fmt.Sprintf(
				"role %s %d %s", *r.Arn, aws.ToInt32(r.MaxSessionDuration), decoded(*r.AssumeRolePolicyDocument),
			),
		)
		attached, err := client.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: r.RoleName})
		check(err)
		for _, p := range attached.AttachedPolicies {
			all = append(all, "role "+*r.RoleName+" has "+*p.PolicyArn)
		}
	}
	users, err := client.ListUsers(ctx, &iam.ListUsersInput{})
	check(err)
	for _, u := range users.Users {
		policies, err := client.ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: u.UserName})
		check(err)
		keys, err := client.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: u.UserName})
		check(err)
		handed, err := os.ReadFile(filepath.Join(l.Dir, "key"))
		check(err)
		for _, k := range keys.AccessKeyMetadata {
			all = append(
				all,
				fmt.Sprintf(
					"user %s has a key (%s) that the tenant has: %v", *u.UserName, k.Status,
					*k.AccessKeyId == string(handed),
				),
			)
		}
		all = append(all, fmt.Sprint("user ", *u.UserName, policies.PolicyNames))
	}
	slices.Sort(all)
	return all
}

// A run that is killed after any single write, and begun again, ends where an
// undisturbed one does, with nothing twice.
func TestApplyKilledAfterEachWrite(t *testing.T) {
	l := newLab(t, admintest.OneAccount)
	spec := "tenant: " + awsfake.Tenant + "\nprovider: {metadata: metadata.xml}\n" + admintest.OneAccount
	if err := os.WriteFile(filepath.Join(l.Dir, "o365aws.yaml"), []byte(spec), 0o600); err != nil {
		t.Fatal(err)
	}
	child(l, 0)
	want := everything(l)
	if len(want) != 7 { // provider, two roles with a policy each, user, key
		t.Fatalf("an undisturbed run made %v", want)
	}
	n := int64(1)
	for ; ; n++ {
		l.Sweep()
		if !child(l, n) {
			break // fewer writes than that
		}
		child(l, 0)
		if got := everything(l); !slices.Equal(got, want) {
			t.Errorf("killed after write %d:\n got %v\nwant %v", n, got, want)
		}
	}
	if n < 9 {
		t.Errorf("there were %d writes only", n-1)
	}
}
