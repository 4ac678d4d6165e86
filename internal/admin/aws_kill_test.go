package admin

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

	"github.com/o365aws/o365aws/internal/awsfake"
)

// childSpec names the spec for a test binary that is to apply it and end.
const childSpec = "O365AWS_TEST_APPLY"

// fileKeys is a tenant that remembers the id of the key that it has in a file.
type fileKeys string

func (f fileKeys) Take(_ context.Context, _ string, key KeyPair) error {
	return os.WriteFile(string(f), []byte(key.ID), 0o600)
}

func (fileKeys) Works(context.Context, string) error { return nil }

// applyInChild is what the child does: a whole apply, as the command does it.
func applyInChild(file string) error {
	spec, err := Load(file)
	if err != nil {
		return err
	}
	w := &World{
		Spec: spec, Now: time.Now, Metadata: MetadataFrom(spec, nil),
		Keys: fileKeys(filepath.Join(filepath.Dir(file), "key")),
	}
	steps, err := Compose(w, AWS(&Clients{}))
	if err != nil {
		return err
	}
	report, err := (&Runner{Steps: steps, World: w}).Apply(context.Background(), Report{})
	if err != nil {
		return err
	}
	return report.Err()
}

// child applies the lab's spec in a process of its own, which is killed after
// it wrote something for the n-th time; 0: never. It reports whether it was.
func (l *lab) child(n int64) bool {
	l.t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), childSpec+"="+filepath.Join(l.dir, "o365aws.yaml"))
	var output strings.Builder
	command.Stdout, command.Stderr = &output, &output
	var writes atomic.Int64
	var killed atomic.Bool
	started := make(chan struct{})
	l.gate.After(func(c awsfake.Call) {
		if c.Write() && writes.Add(1) == n {
			killed.Store(true)
			<-started
			_ = command.Process.Kill() // moto did it; the answer never arrives
		}
	})
	if err := command.Start(); err != nil {
		l.t.Fatal(err)
	}
	close(started)
	if err := command.Wait(); err != nil && !killed.Load() {
		l.t.Fatalf("the child: %v: %s", err, output.String())
	}
	l.gate.Idle()
	l.gate.After(nil)
	return killed.Load()
}

// everything is what there is in the account, in words that do not depend on
// how it came about.
func (l *lab) everything() []string {
	l.t.Helper()
	ctx, client := context.Background(), l.iam()
	check := func(err error) {
		if err != nil {
			l.t.Helper()
			l.t.Fatal(err)
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
		handed, err := os.ReadFile(filepath.Join(l.dir, "key"))
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
	l := newLab(t, oneAccount)
	spec := "tenant: " + awsfake.Tenant + "\nprovider: {metadata: metadata.xml}\n" + oneAccount
	if err := os.WriteFile(filepath.Join(l.dir, "o365aws.yaml"), []byte(spec), 0o600); err != nil {
		t.Fatal(err)
	}
	l.child(0)
	want := l.everything()
	if len(want) != 7 { // provider, two roles with a policy each, user, key
		t.Fatalf("an undisturbed run made %v", want)
	}
	n := int64(1)
	for ; ; n++ {
		l.sweep()
		if !l.child(n) {
			break // fewer writes than that
		}
		l.child(0)
		if got := l.everything(); !slices.Equal(got, want) {
			t.Errorf("killed after write %d:\n got %v\nwant %v", n, got, want)
		}
	}
	if n < 9 {
		t.Errorf("there were %d writes only", n-1)
	}
}
