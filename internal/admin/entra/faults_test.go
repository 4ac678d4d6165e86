package entra

import (
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/awsfake"
	fakegraph "github.com/o365aws/o365aws/internal/fakecloud/graph"
	"github.com/o365aws/o365aws/internal/graph"
	"github.com/o365aws/o365aws/internal/secret"
)

// Temporary faults of Graph are waited for, with the same end state and without
// duplicates.
func TestTenantFaults(t *testing.T) {
	for _, fault := range []string{
		"instantiate-404", "lost-answer", "lost-answers", "lost-answers certificate-late", "reads-404", "list-late",
		"sync-403", "sync-409", "no-reference", "duplicate-entitlement", "assignments-hidden",
		"throttled", "throttled-bare", "throttled-batch", "storm", "small-pages", "certificate-late", "metadata-late",
		"roles-late", "stuck-import", "other-template", "slow-validate",
	} {
		t.Run(fault, func(t *testing.T) {
			l := newEmulatorLab(
				t, fakegraph.Options{Faults: strings.Fields(fault)},
				assignAda+"application: {claims: {session_duration: 2h}, owners: [grace@contoso.example]}\n",
			)
			report, err := l.runner().Apply(t.Context(), engine.Report{})
			if err != nil || report.Open() != 0 {
				t.Fatalf("%v %v", err, report.Err())
			}
			l.same(fault)
		})
	}
}

// The error of a permanent fault names the cause.
func TestTenantRefusals(t *testing.T) {
	for name, tc := range map[string]struct {
		o    fakegraph.Options
		more string
		want []string
	}{
		"quarantine": {fakegraph.Options{
			Faults: []string{"quarantine"},
		}, "", []string{"quarantine", "cannot sign in to AWS"}},
		"taken identifier": {fakegraph.Options{
			Faults: []string{"identifier-taken"},
		}, "", []string{"another application of the tenant has the identifier", "saml#2"}},
		"roles mismatch": {fakegraph.Options{
			Faults: []string{"roles-mismatch"},
		}, "provisioning: {style: merge}\n", []string{"registration", "manifest"}},
		"no template": {fakegraph.Options{Faults: []string{"no-template"}}, "", []string{"gallery"}},
		"no permission": {fakegraph.Options{
			Program: []string{"Application.Read.All"},
		}, "", []string{"Application.ReadWrite.OwnedBy"}},
		"no policy right": {fakegraph.Options{Faults: []string{"no-policy-right"}}, "application: {claims: " +
			"{session_duration: 2h}}\n", []string{"Policy.Read.All"}},
		"no such user": {fakegraph.Options{}, "assignments: [{user: nobody@contoso.example, roles: " +
			"[azure.admin]}]\n", []string{"no user nobody@contoso.example"}},
		"mailing list": {fakegraph.Options{}, "assignments: [{group: Mailing list, roles: [azure.admin]}]\n", []string{"not a security group"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newEmulatorLab(t, tc.o, tc.more)
			report, err := l.runner().Apply(t.Context(), engine.Report{})
			if err != nil {
				t.Fatal(err)
			}
			if report.Err() == nil {
				t.Fatal("got no error")
			}
			text := report.Err().Error()
			for _, failed := range report.Failed() {
				text += " " + strings.Join(engine.HintsOf(failed.Err), " ")
			}
			for _, want := range tc.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q does not say %q", text, want)
				}
			}
		})
	}
}

// A role that Entra's import skips is reported with the reason instead of being
// waited for.
func TestSkippedRole(t *testing.T) {
	l := newTenantLab(t, fakegraph.Options{}, "")
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRoleWithSAML","Principal":{"Federated":["arn:aws:iam::` + awsfake.Account +
		`:saml-provider/AzureAD","arn:aws:iam::` + awsfake.Account + `:saml-provider/Other"]},"Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}]}`
	l.CLI(nil, "iam", "create-role", "--role-name", "azure.admin", "--assume-role-policy-document", trust)
	l.CLI(nil, "iam", "create-user", "--user-name", "AzureAAD")
	var made struct {
		AccessKey struct {
			ID              string `json:"AccessKeyId"`
			SecretAccessKey string
		}
	}
	l.CLI(&made, "iam", "create-access-key", "--user-name", "AzureAAD")

	run := func() (*Tenant, *engine.World, engine.Report) {
		tenant, w := l.tenant(), &engine.World{Spec: l.Spec, Now: time.Now}
		tenant.Attach(w)
		steps, err := engine.Compose(w, tenant.Steps)
		if err != nil {
			t.Fatal(err)
		}
		report, err := (&engine.Runner{Steps: steps, World: w, Pause: short}).Apply(t.Context(), engine.Report{})
		if err != nil {
			t.Fatal(err)
		}
		return tenant, w, report
	}
	tenant, w, report := run()
	if report.Err() == nil || !strings.Contains(report.Err().Error(), "start provisioning") {
		t.Fatalf("without a key: %v", report.Err())
	}
	key := graph.AccessKey{ID: made.AccessKey.ID, Secret: secret.New(made.AccessKey.SecretAccessKey)}
	if err := tenant.Graph.SaveKey(t.Context(), w.Entra().ServicePrincipalID, key, ""); err != nil {
		t.Fatal(err)
	}
	_, _, report = run()
	text := ""
	for _, failed := range report.Failed() {
		text += failed.Err.Error() + " " + strings.Join(engine.HintsOf(failed.Err), " ")
	}
	if !strings.Contains(text, "azure.admin is skipped: its trust policy names 2 SAML providers") {
		t.Errorf("a role with two providers: %q", text)
	}
}
