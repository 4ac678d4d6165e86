package entra

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/fakecloud"
	fakegraph "github.com/o365aws/o365aws/internal/fakecloud/graph"
	"github.com/o365aws/o365aws/internal/fakecloud/graphspec"
)

// newEmulatorLab returns a tenantLab with the AWS account of the emulator, which
// supports sign-ins.
func newEmulatorLab(t testing.TB, o fakegraph.Options, more string) *tenantLab {
	t.Helper()
	l := &tenantLab{Lab: &admintest.Lab{T: t, Dir: t.TempDir()}}
	check := graphspec.Check(t)
	o.OnCall = func(c fakegraph.Call) {
		if check != nil {
			check(c)
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.calls = append(l.calls, c)
	}
	o.OnWrite = func(_ int, w fakegraph.Write) { l.wrote(w.Method + " " + w.Path) }
	cloud, err := fakecloud.New(fakecloud.Options{Empty: true, Graph: o, OnIAM: l.wrote})
	if err != nil {
		t.Fatal(err)
	}
	if err := cloud.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cloud.Close() })
	l.cloud = cloud
	ca := filepath.Join(l.Dir, "ca.pem")
	if err := cloud.WriteCA(ca); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": "https://" + cloud.Addr(), "AWS_CA_BUNDLE": ca, "AWS_ACCESS_KEY_ID": fakecloud.AdminKeyID,
		"AWS_SECRET_ACCESS_KEY": fakecloud.AdminSecret,
		"AWS_SESSION_TOKEN":     "", "AWS_PROFILE": "", "AWS_REGION": "us-east-1",
		"AWS_CONFIG_FILE":             filepath.Join(l.Dir, "config"),
		"AWS_SHARED_CREDENTIALS_FILE": filepath.Join(l.Dir, "credentials"),
		"AWS_EC2_METADATA_DISABLED":   "true",
	} {
		t.Setenv(name, value)
	}
	l.http = cloud.Client()
	l.Use("tenant: " + fakecloud.TenantDomain + "\n" + emulatorAccount + more)
	return l
}

const emulatorAccount = "accounts: [{id: '" + fakecloud.AccountID + "'}]\n"

// signIn signs Ada in and assumes a role, without sign-in pages.
func (l *tenantLab) signIn() error {
	assertion := l.cloud.Assertion(fakecloud.UserName, l.Spec.Application.Identifier)
	if assertion == "" {
		return fmt.Errorf("no assertion")
	}
	return l.assume(fakecloud.AccountID, assertion)
}

// assume assumes the first role in an account on a new connection, like another
// process.
func (l *tenantLab) assume(account, assertion string) error {
	transport := l.http.Transport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true
	// The SDK may close a connection while it still writes the body. Refusals of STS
	// are not retried.
	client := sts.New(
		sts.Options{Region: "us-east-1", HTTPClient: &http.Client{Transport: transport}, RetryMaxAttempts: 3},
	)
	_, err := client.AssumeRoleWithSAML(context.Background(), &sts.AssumeRoleWithSAMLInput{
		RoleArn: aws.String(
			l.Spec.RoleARN(account, l.Spec.Roles[0]),
		), PrincipalArn: aws.String(l.Spec.ProviderARN(account)), SAMLAssertion: aws.String(assertion),
	})
	return err
}

// interruptedAt calls run with a context that ends at the nth write.
func (l *tenantLab) interruptedAt(n int, run func(context.Context) error) error {
	ctx, cancel := context.WithCancel(l.T.Context())
	defer cancel()
	var writes atomic.Int64
	l.tell(func(string) {
		if writes.Add(1) == int64(n) {
			cancel()
		}
	})
	defer l.tell(nil)
	return run(ctx)
}

// signInUntil signs in repeatedly until done is closed, and returns the number of
// sign-ins and the failures.
func (l *tenantLab) signInUntil(done <-chan struct{}) (count int, failures []error) {
	for {
		select {
		case <-done:
			return count, failures
		case <-time.After(20 * time.Millisecond):
		}
		count++
		if err := l.signIn(); err != nil {
			failures = append(failures, err)
		}
	}
}

// No sign-in fails during a rotation.
func TestRotationUnderLoad(t *testing.T) {
	l := newEmulatorLab(t, fakegraph.Options{}, assignAda)
	l.applied()
	_, before := l.cloud.Graph.ActiveCertificates()

	done := make(chan struct{})
	var count int
	var failures []error
	var load sync.WaitGroup
	load.Go(func() { count, failures = l.signInUntil(done) })
	err := l.rotate(func(context.Context) error { return l.signIn() })
	close(done)
	load.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if len(failures) > 0 || count < 10 {
		t.Errorf("%d of %d sign-ins failed: %v", len(failures), count, failures)
	}
	t.Logf("%d sign-ins during the rotation, %d failed", count, len(failures))
	all, after := l.cloud.Graph.ActiveCertificates()
	if len(all) != 1 || after == before {
		t.Errorf("certificates %q, active %s", all, after)
	}
	if certs := l.cloud.ProviderCertificates(); len(certs) != 1 || certs[0] != after {
		t.Errorf("AWS trusts %q", certs)
	}
	l.settled()
}

// If the metadata lists inactive certificates, AWS still trusts only the new one
// in the end.
func TestRotationWithAllInMetadata(t *testing.T) {
	l := newEmulatorLab(t, fakegraph.Options{Faults: []string{"metadata-all"}}, assignAda)
	l.applied()
	if err := l.rotate(nil); err != nil {
		t.Fatal(err)
	}
	if _, active := l.cloud.Graph.ActiveCertificates(); !slices.Equal(l.cloud.ProviderCertificates(), []string{active}) {
		t.Errorf("AWS trusts %q, %s signs", l.cloud.ProviderCertificates(), active)
	}
	l.settled()
}

// rotate runs a rotation with short pauses.
func (l *tenantLab) rotate(test func(context.Context) error) error {
	return l.rotateWith(l.T.Context(), test)
}

func (l *tenantLab) rotateWith(ctx context.Context, test func(context.Context) error) error {
	tenant := l.tenant()
	tenant.Wait = func(ctx context.Context, d time.Duration) error {
		timer := time.NewTimer(min(d, time.Second))
		defer timer.Stop()
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		return ctx.Err()
	}
	w := &engine.World{Spec: l.Spec, Now: time.Now}
	tenant.Attach(w)
	r := &Rotation{
		Tenant: tenant, World: w, Overlap: 800 * time.Millisecond, Test: test,
		Tell: func(text string) { l.T.Log(text) },
	}
	return r.Run(ctx)
}

// If the test sign-in fails, the old certificate is activated again. The next
// rotation finishes one that was interrupted at any write.
func TestRotationRollback(t *testing.T) {
	l := newEmulatorLab(t, fakegraph.Options{}, assignAda)
	l.applied()
	_, before := l.cloud.Graph.ActiveCertificates()
	if err := l.rotate(func(context.Context) error { return fmt.Errorf("sign-in failed") }); err == nil ||
		!strings.Contains(err.Error(), "old certificate signs again") {
		t.Fatalf("a failed test gives %v", err)
	}
	if _, active := l.cloud.Graph.ActiveCertificates(); active != before {
		t.Errorf("%s signs, not %s", active, before)
	}
	for n := 1; ; n++ {
		if n > 30 {
			t.Fatal("the rotation never ends")
		}
		err := l.interruptedAt(n, func(ctx context.Context) error { return l.rotateWith(ctx, nil) })
		if signIn := l.signIn(); signIn != nil {
			t.Fatalf("sign-in after %d writes: %v", n, signIn)
		}
		if err == nil {
			break
		}
		if n == 1 { // the next run only finishes the interrupted one
			if err := l.rotate(nil); err != nil {
				t.Fatal(err)
			}
			if all, _ := l.cloud.Graph.ActiveCertificates(); len(all) != 1 {
				t.Fatalf("certificates %q after finishing", all)
			}
		}
	}
	l.applied()
	if all, _ := l.cloud.Graph.ActiveCertificates(); len(all) != 1 {
		t.Errorf("certificates %q at the end", all)
	}
}

// Interrupted after any write, the next apply reaches the same state without
// duplicates.
func TestTenantKilled(t *testing.T) {
	for n := 1; ; n++ {
		l := newEmulatorLab(t, fakegraph.Options{}, assignAda)
		ctx, cancel := context.WithCancel(t.Context())
		var mu sync.Mutex
		writes, last := 0, ""
		l.tell(func(what string) {
			mu.Lock()
			defer mu.Unlock()
			if writes++; writes == n {
				last = what
				cancel()
			}
		})
		_, err := l.runner().Apply(ctx, engine.Report{})
		cancel()
		l.tell(nil)
		mu.Lock()
		reached := writes >= n
		mu.Unlock()
		l.applied()
		l.same(fmt.Sprintf("killed after write %d (%s)", n, last))
		if !reached {
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d writes in all", n-1)
			return
		}
		if n > 60 {
			t.Fatal("it never gets through")
		}
	}
}

// same checks the end state.
func (l *tenantLab) same(when string) {
	l.T.Helper()
	if got, want := l.cloud.Graph.Assigned(), assignedAda(fakecloud.AccountID); !slices.Equal(got, want) {
		l.T.Errorf("%s: assigned %q", when, got)
	}
	if there, deleted := l.cloud.Graph.Applications(); there != 1 || deleted != 0 {
		l.T.Errorf("%s: %d applications, %d deleted", when, there, deleted)
	}
	if all, active := l.cloud.Graph.ActiveCertificates(); len(all) != 1 || active == "" {
		l.T.Errorf("%s: certificates %q, active %q", when, all, active)
	}
	if keys := l.cloud.ImportKeys(); keys != 1 {
		l.T.Errorf("%s: %d access keys", when, keys)
	}
	if err := l.signIn(); err != nil {
		l.T.Errorf("%s: %v", when, err)
	}
}

// Assignments are created, listed and deleted by name.
func TestAssignments(t *testing.T) {
	l := newEmulatorLab(t, fakegraph.Options{}, "")
	l.applied()
	open := func() (*Tenant, *engine.World) {
		tenant, w := l.tenant(), &engine.World{Spec: l.Spec, Now: time.Now}
		if err := tenant.Find(t.Context(), w); err != nil {
			t.Fatal(err)
		}
		return tenant, w
	}
	sel := Selection{
		Users: []string{"ada@contoso.example", "bob@partner.example"}, Groups: []string{"AWS Readers"},
		Roles: []string{"azure.reader", fakecloud.AccountID + "/azure.admin"},
	}
	tenant, w := open()
	made, warnings, err := tenant.Assign(t.Context(), w, sel)
	if err != nil || len(made) != 6 || len(warnings) != 1 || !strings.Contains(warnings[0], "#EXT#") {
		t.Fatalf("made %v, warnings %q, %v", made, warnings, err)
	}
	long := strings.Repeat("long", 15) + "@contoso.example" // 76 characters
	l.Use(
		"tenant: " + fakecloud.TenantDomain + "\n" + emulatorAccount + "assignments: [{user: '" + long + "', roles: [azure.reader]}, {user: ada@contoso.example, roles: [azure.reader]}]\n",
	)
	if r, _ := l.plan().Find(stepAssignments); len(r.Finding.Warnings) != 2 ||
		!strings.Contains(r.Finding.Warnings[0], long) ||
		!strings.Contains(r.Finding.Warnings[1], "5 assignments are not in the spec and stay") {
		t.Errorf("the plan warns %q", r.Finding.Warnings)
	}
	tenant, w = open()
	if made, _, err = tenant.Assign(t.Context(), w, sel); err != nil || len(made) != 0 {
		t.Errorf("second time: got %v, %v, want none", made, err)
	}
	list, err := tenant.Assignments(t.Context(), w)
	if err != nil || len(list) != 6 || list[0].Principal != "AWS Readers" || list[0].Kind != "group" ||
		list[0].Role != fakecloud.AccountID+"/azure.admin" {
		t.Errorf("list %+v, %v", list, err)
	}
	gone, _, err := tenant.Unassign(
		t.Context(), w, Selection{Groups: []string{"AWS Readers"}, Roles: []string{"azure.admin"}},
	)
	if err != nil || len(gone) != 1 {
		t.Errorf("gone %v, %v", gone, err)
	}
	if _, _, err := tenant.Assign(t.Context(), w, Selection{Users: []string{"ada@contoso.example"}, Roles: []string{"azure.root"}}); err == nil ||
		!strings.Contains(err.Error(), "azure.root") {
		t.Errorf("missing role: got %v", err)
	}
}
