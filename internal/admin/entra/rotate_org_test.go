package entra

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/awsfake"
	"github.com/o365aws/o365aws/internal/fakecloud"
	fakegraph "github.com/o365aws/o365aws/internal/fakecloud/graph"
)

// rollout emulates CloudFormation: an operation updates one account after the other
// and reports its progress.
type rollout struct {
	cloud    *fakecloud.Cloud
	accounts []string

	mu       sync.Mutex
	template string
	status   map[string]string // CURRENT, OUTDATED; by account
	state    string            // of the last operation
	fails    string            // the account in which the next operations fail
	tolerant bool              // an operation that failed in one account succeeds
	begun    int               // operations
	behind   int               // reads of a failed account after the end of an operation
	seen     func(behind int)  // called for each; may be nil
	all      sync.WaitGroup
}

// pace is the duration of an operation in one account.
const pace = 60 * time.Millisecond

func (o *rollout) play(c awsfake.Call) (string, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch c.Action {
	case "CreateStackSet":
		o.template = c.Params.Get("TemplateBody")
	case "UpdateStackSet":
		if body := c.Params.Get("TemplateBody"); body != "" {
			o.template = body
			for account := range o.status {
				o.status[account] = "OUTDATED"
			}
		}
		o.begin()
	case "CreateStackInstances":
		o.begin()
		return "<OperationId>11111111-2222-3333-4444-555555555555</OperationId>", true
	case "DescribeStackSetOperation":
		return "<StackSetOperation><Status>" + o.state + "</Status></StackSetOperation>", true
	case "ListStackSetOperations":
		if o.state == "" {
			return "<Summaries></Summaries>", true
		}
		return "<Summaries><member><OperationId>11111111-2222-3333-4444-555555555555</OperationId><Status>" + o.state + "</Status></member></Summaries>", true
	case "ListStackSetOperationResults", "ListStackInstances":
		if o.state == "SUCCEEDED" && o.status[o.fails] == "OUTDATED" && o.seen != nil {
			o.behind++
			o.seen(o.behind)
		}
		var b strings.Builder
		for _, account := range slices.Sorted(maps.Keys(o.status)) {
			status := o.status[account]
			if c.Action != "ListStackInstances" {
				status = map[string]string{"CURRENT": "SUCCEEDED", "OUTDATED": "FAILED"}[status]
			}
			fmt.Fprintf(
				&b, "<member><Account>%s</Account><Region>us-east-1</Region><Status>%s</Status></member>", account,
				status,
			)
		}
		return "<Summaries>" + b.String() + "</Summaries>", true
	}
	return "", false
}

// begin starts an operation on all accounts that are not current.
func (o *rollout) begin() {
	o.state = "RUNNING"
	o.begun++
	o.all.Go(func() {
		failed := false
		for _, account := range o.accounts {
			time.Sleep(pace) // emulates the duration of the operation
			failed = !o.deploy(account) || failed
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		o.state = "SUCCEEDED"
		if failed && !o.tolerant {
			o.state = "FAILED"
		}
	})
}

func (o *rollout) deploy(account string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.status[account] == "CURRENT" {
		return true
	}
	var template struct {
		Resources map[string]struct{ Properties map[string]any }
	}
	if account == o.fails || json.Unmarshal([]byte(o.template), &template) != nil {
		o.status[account] = "OUTDATED"
		return false
	}
	var roles []string
	for _, r := range template.Resources {
		if name, ok := r.Properties["RoleName"].(string); ok {
			roles = append(roles, name)
		}
	}
	provider := template.Resources["Provider"].Properties
	err := o.cloud.Deploy(account, provider["Name"].(string), provider["SamlMetadataDocument"].(string), roles...)
	o.status[account] = map[bool]string{true: "CURRENT", false: "OUTDATED"}[err == nil]
	return err == nil
}

// newMotoCompany returns an organization in moto and an empty tenant.
func newMotoCompany(t testing.TB, members int, o fakegraph.Options) (*tenantLab, *admintest.Company) {
	t.Helper()
	c := admintest.NewCompany(t, nil, members)
	l := newEmulatorLab(t, o, "")
	awsfake.Setenv(t, c.Gate.URL)
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(l.Dir, "config"))
	l.Gate = c.Gate
	c.Gate.After(func(call awsfake.Call) {
		if call.Write() {
			l.wrote(call.Name())
		}
	})
	return l, c
}

// newCompanyLab returns an organization that is set up by a stack set, and an empty
// tenant.
func newCompanyLab(t *testing.T, members int) (*tenantLab, *rollout) {
	t.Helper()
	l, c := newMotoCompany(t, members, fakegraph.Options{})
	o := &rollout{cloud: l.cloud, accounts: c.Accounts, status: map[string]string{}}
	c.Gate.Play(o.play)
	t.Cleanup(o.all.Wait)
	l.Use(
		"tenant: " + fakecloud.TenantDomain + "\nroles: [{name: azure.admin}]\norganization:\n  units: [" + c.Unit + "]\n" +
			"assignments:\n- {user: ada@contoso.example, roles: [azure.admin]}\n",
	)
	l.applied()
	return l, o
}

// signInTo signs Ada in to an account of the organization.
func (l *tenantLab) signInTo(account string) error {
	if err := l.assume(account, l.cloud.Assertion(fakecloud.UserName, l.Spec.Application.Identifier)); err != nil {
		return fmt.Errorf("account %s: %w", account, err)
	}
	return nil
}

// signInEverywhere signs in to every account repeatedly until done is closed.
func (l *tenantLab) signInEverywhere(accounts []string, done <-chan struct{}) (count int, failures []error) {
	for {
		for _, account := range accounts {
			count++
			if err := l.signInTo(account); err != nil {
				failures = append(failures, err)
			}
		}
		select {
		case <-done:
			return count, failures
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// underLoad rotates while users sign in to every account.
func (l *tenantLab) underLoad(ctx context.Context, o *rollout) error {
	l.T.Helper()
	done := make(chan struct{})
	var count int
	var failures []error
	var load sync.WaitGroup
	load.Go(func() { count, failures = l.signInEverywhere(o.accounts, done) })
	err := l.rotateWith(ctx, nil)
	close(done)
	load.Wait()
	if len(failures) > 0 {
		l.T.Errorf("%d of %d sign-ins failed: %q", len(failures), count, failures[0].Error())
	}
	l.T.Logf("%d sign-ins during the rotation, %d failed", count, len(failures))
	return err
}

// trusts checks that every account trusts n certificates.
func (l *tenantLab) trusts(o *rollout, n int) {
	l.T.Helper()
	for _, account := range o.accounts {
		if certs := l.cloud.Trusted(account); len(certs) != n {
			l.T.Errorf("account %s trusts %q", account, certs)
		}
	}
}

// Stack set operations update one account after the other. Entra signs with the new
// certificate only after the last one trusts it, so no sign-in fails.
func TestRotationThroughStackSets(t *testing.T) {
	l, o := newCompanyLab(t, 4)
	_, before := l.cloud.Graph.ActiveCertificates()
	if err := l.underLoad(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	all, after := l.cloud.Graph.ActiveCertificates()
	if len(all) != 1 || after == before {
		t.Errorf("certificates %q, active %s", all, after)
	}
	l.trusts(o, 1)
	if o.begun != 3 { // the stacks, with the new certificate, without the old one
		t.Errorf("%d operations", o.begun)
	}
	l.settled()
}

// A rotation stops before the change if an account fails, also if the operation
// reports success. The next run updates that account and continues.
func TestRotationStopsForAnAccount(t *testing.T) {
	for _, tolerant := range []bool{false, true} {
		t.Run(fmt.Sprintf("tolerant %v", tolerant), func(t *testing.T) {
			l, o := newCompanyLab(t, 3)
			_, before := l.cloud.Graph.ActiveCertificates()
			o.mu.Lock()
			o.fails, o.tolerant = o.accounts[1], tolerant
			// An operation that reports success is waited for: a few reads are enough.
			ctx, enough := context.WithCancel(t.Context())
			o.seen = func(behind int) {
				if behind == 5 {
					enough()
				}
			}
			o.mu.Unlock()
			err := l.underLoad(ctx, o)
			enough()
			want := "not every account could be updated"
			if tolerant {
				want = context.Canceled.Error()
			}
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("an account that was not told: %v, want %q", err, want)
			}
			if _, active := l.cloud.Graph.ActiveCertificates(); active != before {
				t.Errorf("Entra signs with %s already", active)
			}
			o.mu.Lock()
			o.fails, o.seen = "", nil
			o.mu.Unlock()
			if err := l.underLoad(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			if all, active := l.cloud.Graph.ActiveCertificates(); len(all) != 1 || active == before {
				t.Errorf("certificates %q, active %s", all, active)
			}
			l.trusts(o, 1)
			l.settled()
		})
	}
}

// Interrupted anywhere, sign-ins to every account work, and the next run finishes.
func TestRotationThroughStackSetsInterrupted(t *testing.T) {
	l, o := newCompanyLab(t, 2)
	for n := 1; ; n++ {
		if n > 10 {
			t.Fatal("the rotation never ends")
		}
		if err := l.interruptedAt(n, func(ctx context.Context) error { return l.underLoad(ctx, o) }); err == nil {
			break
		}
	}
	o.all.Wait()
	l.applied()
	l.trusts(o, 1)
	if all, _ := l.cloud.Graph.ActiveCertificates(); len(all) != 1 {
		t.Errorf("certificates %q at the end", all)
	}
}

// A rotation does not deploy a changed role with the certificate.
func TestRotationChangesOnlyTheCertificate(t *testing.T) {
	l, o := newCompanyLab(t, 1)
	l.Spec.Roles[0].Session = spec.Duration(4 * time.Hour)
	err := l.rotateWith(t.Context(), nil)
	if err == nil || !strings.Contains(err.Error(), "template: role ") || o.begun != 1 {
		t.Errorf("after %d operations: %v", o.begun, err)
	}
	if all, active := l.cloud.Graph.ActiveCertificates(); !slices.Contains(all, active) {
		t.Errorf("certificates %q, active %s", all, active)
	}
	if err := l.signInTo(o.accounts[0]); err != nil {
		t.Error(err)
	}
}
