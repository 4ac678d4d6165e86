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

// newDoubleLab is a tenantLab whose AWS is the double's own account: the one
// that can also be signed in to.
func newDoubleLab(t testing.TB, o fakegraph.Options, more string) *tenantLab {
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
		"AWS_ENDPOINT_URL": "https://" + cloud.Addr(), "AWS_CA_BUNDLE": ca, "AWS_ACCESS_KEY_ID": fakecloud.AdminKeyID, "AWS_SECRET_ACCESS_KEY": fakecloud.AdminSecret,
		"AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_REGION": "us-east-1", "AWS_CONFIG_FILE": filepath.Join(l.Dir, "config"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(l.Dir, "credentials"),
		"AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	l.http = cloud.Client()
	l.Use("tenant: " + fakecloud.TenantDomain + "\n" + oneAccountOfTheDouble + more)
	return l
}

const oneAccountOfTheDouble = "accounts: [{id: '" + fakecloud.AccountID + "'}]\n"

// signIn signs Ada in and becomes a role, as the tool does but without pages.
func (l *tenantLab) signIn() error {
	assertion := l.cloud.Assertion(fakecloud.UserName, l.Spec.Application.Identifier)
	if assertion == "" {
		return fmt.Errorf("no assertion")
	}
	return l.assume(fakecloud.AccountID, assertion)
}

// assume becomes the first role in an account, by a connection of its own as
// another process would.
func (l *tenantLab) assume(account, assertion string) error {
	transport := l.http.Transport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true
	// Where an answer comes at once, the SDK may close the body that is still
	// being written, and with it the connection. No refusal of STS is repeated.
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

// interruptedAt runs something whose context ends at its nth write.
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

// signInAllTheWhile signs in again and again until done is closed, and returns
// how often, and what failed.
func (l *tenantLab) signInAllTheWhile(done <-chan struct{}) (count int, failures []error) {
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

// TestRotationUnderLoad replaces the certificate while people sign in far more
// often than twice a second: none of them fails.
func TestRotationUnderLoad(t *testing.T) {
	l := newDoubleLab(t, fakegraph.Options{}, assignAda)
	l.applied()
	_, before := l.cloud.Graph.ActiveCertificates()

	done := make(chan struct{})
	var count int
	var failures []error
	var load sync.WaitGroup
	load.Go(func() { count, failures = l.signInAllTheWhile(done) })
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

// TestRotationWithAllInMetadata: where the metadata lists certificates that do
// not sign as well, AWS is left with the new one alone all the same.
func TestRotationWithAllInMetadata(t *testing.T) {
	l := newDoubleLab(t, fakegraph.Options{Faults: []string{"metadata-all"}}, assignAda)
	l.applied()
	if err := l.rotate(nil); err != nil {
		t.Fatal(err)
	}
	if _, active := l.cloud.Graph.ActiveCertificates(); !slices.Equal(l.cloud.ProviderCertificates(), []string{active}) {
		t.Errorf("AWS trusts %q, %s signs", l.cloud.ProviderCertificates(), active)
	}
	l.settled()
}

// rotate runs a rotation whose pauses are real but short.
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

// TestRotationGoesBack: when the test sign-in fails, the old certificate signs
// again; and a rotation that is interrupted anywhere is finished by the next.
func TestRotationGoesBack(t *testing.T) {
	l := newDoubleLab(t, fakegraph.Options{}, assignAda)
	l.applied()
	_, before := l.cloud.Graph.ActiveCertificates()
	if err := l.rotate(func(context.Context) error { return fmt.Errorf("nobody gets in") }); err == nil ||
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
			t.Fatalf("after %d writes nobody gets in: %v", n, signIn)
		}
		if err == nil {
			break
		}
		if n == 1 { // what an interruption leaves is finished, and only that
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

// TestTenantKilled ends apply after each single write and runs it again: the
// end is always the same, and nothing is there twice.
func TestTenantKilled(t *testing.T) {
	for n := 1; ; n++ {
		l := newDoubleLab(t, fakegraph.Options{}, assignAda)
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

// same holds the end state against the one that there is to be.
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

// TestHoldings assigns, lists and takes away by name.
func TestHoldings(t *testing.T) {
	l := newDoubleLab(t, fakegraph.Options{}, "")
	l.applied()
	open := func() (*Tenant, *engine.World) {
		tenant, w := l.tenant(), &engine.World{Spec: l.Spec, Now: time.Now}
		if err := tenant.Find(t.Context(), w); err != nil {
			t.Fatal(err)
		}
		return tenant, w
	}
	wish := Wish{
		Users: []string{"ada@contoso.example", "bob@partner.example"}, Groups: []string{"AWS Readers"},
		Roles: []string{"azure.reader", fakecloud.AccountID + "/azure.admin"},
	}
	tenant, w := open()
	made, warnings, err := tenant.Assign(t.Context(), w, wish)
	if err != nil || len(made) != 6 || len(warnings) != 1 || !strings.Contains(warnings[0], "#EXT#") {
		t.Fatalf("made %v, warnings %q, %v", made, warnings, err)
	}
	long := strings.Repeat("long", 15) + "@contoso.example" // 76 characters
	l.Use(
		"tenant: " + fakecloud.TenantDomain + "\n" + oneAccountOfTheDouble + "assignments: [{user: '" + long + "', roles: [azure.reader]}, {user: ada@contoso.example, roles: [azure.reader]}]\n",
	)
	if r, _ := l.plan().Find(stepAssignments); len(r.Finding.Warnings) != 2 ||
		!strings.Contains(r.Finding.Warnings[0], long) ||
		!strings.Contains(r.Finding.Warnings[1], "5 assignments are not in the spec and are kept") {
		t.Errorf("the plan warns %q", r.Finding.Warnings)
	}
	tenant, w = open()
	if made, _, err = tenant.Assign(t.Context(), w, wish); err != nil || len(made) != 0 {
		t.Errorf("made again %v, %v", made, err)
	}
	list, err := tenant.Holdings(t.Context(), w)
	if err != nil || len(list) != 6 || list[0].Principal != "AWS Readers" || list[0].Kind != "group" ||
		list[0].Role != fakecloud.AccountID+"/azure.admin" {
		t.Errorf("list %+v, %v", list, err)
	}
	gone, _, err := tenant.Unassign(
		t.Context(), w, Wish{Groups: []string{"AWS Readers"}, Roles: []string{"azure.admin"}},
	)
	if err != nil || len(gone) != 1 {
		t.Errorf("gone %v, %v", gone, err)
	}
	if _, _, err := tenant.Assign(t.Context(), w, Wish{Users: []string{"ada@contoso.example"}, Roles: []string{"azure.root"}}); err == nil ||
		!strings.Contains(err.Error(), "azure.root") {
		t.Errorf("a role that is not there: %v", err)
	}
}
