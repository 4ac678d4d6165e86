package entra

import (
	"slices"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/fakecloud"
	fakegraph "github.com/o365aws/o365aws/internal/fakecloud/graph"
)

// An application from the portal, under a current or former name of the gallery,
// has no identifier and no tag. It is reported and left alone unless the spec adopts
// it. A second application needs its own identifier.
func TestTenantPortalApplication(t *testing.T) {
	for _, name := range []string{"Amazon Web Services (AWS)", "AWS Single-Account Access"} {
		t.Run(name, func(t *testing.T) {
			const style = "provisioning: {style: none}\n" + emulatorAccount
			l := newEmulatorLab(t, fakegraph.Options{}, "")
			l.cloud.Graph.AddApplication(name)
			l.Use("tenant: " + fakecloud.TenantDomain + "\n" + style)
			report, err := l.runner().Apply(t.Context(), engine.Report{})
			if err != nil {
				t.Fatal(err)
			}
			r, _ := report.Find(stepApplication)
			if r.Err == nil || !strings.Contains(r.Err.Error(), "the application "+name) ||
				!strings.Contains(strings.Join(engine.HintsOf(r.Err), " "), "adopt: true") {
				t.Errorf("got %v, want an error that names the application", r.Err)
			}
			if writes := l.cloud.Graph.Writes(); len(writes) != 0 {
				t.Errorf("written %v", writes)
			}

			l.Use(
				"tenant: " + fakecloud.TenantDomain + "\nname: second\napplication: {identifier: " +
					"'https://signin.aws.amazon.com/saml#2', name: Second}\nprovider: {name: Second}\nroles: " +
					"[{name: second}]\n" + style,
			)
			l.applied()
			if there, _ := l.cloud.Graph.Applications(); there != 2 {
				t.Errorf("%d applications, want 2", there)
			}

			l.Use("tenant: " + fakecloud.TenantDomain + "\napplication: {adopt: true}\n" + style)
			if got := admintest.ChangesIn(l.plan()); name != "AWS Single-Account Access" &&
				!slices.Contains(got, "entra/urls: name") {
				t.Errorf("the plan names %q", got)
			}
			l.applied()
			if there, _ := l.cloud.Graph.Applications(); there != 2 {
				t.Errorf("%d applications after taking one over", there)
			}
			l.settled()
		})
	}
}

// A spec for a second account with the name of the first leaves the application of
// the first alone: applying it would take over identifier, key and roles.
func TestTenantNamesake(t *testing.T) {
	const spec = "tenant: " + fakecloud.TenantDomain + "\nprovisioning: {style: none}\n" + emulatorAccount
	l := newEmulatorLab(t, fakegraph.Options{}, "")
	l.Use(spec)
	l.applied()
	writes := len(l.cloud.Graph.Writes())
	const second = "application: {identifier: 'https://signin.aws.amazon.com/saml#2', name: Second}\n"
	l.Use(spec + second)
	report, err := l.runner().Apply(t.Context(), engine.Report{})
	if err != nil {
		t.Fatal(err)
	}
	r, _ := report.Find(stepApplication)
	if r.Err == nil ||
		!strings.Contains(
			r.Err.Error(),
			"of another setup with the name office365 has the identifier https://signin.aws.amazon.com/saml",
		) ||
		!strings.Contains(strings.Join(engine.HintsOf(r.Err), "; "), "another name in the spec") {
		t.Errorf("got %v, want an error that names the application", r.Err)
	}
	removals, err := l.runner().Removals(t.Context())
	if err != nil ||
		!slices.ContainsFunc(
			removals,
			func(r engine.Removal) bool { return strings.Contains(r.Undo.Keep, "its identifier is not that") },
		) {
		t.Errorf("destroy: %+v %v", removals, err)
	}
	if now := len(l.cloud.Graph.Writes()); now != writes {
		t.Errorf("%d writes", now-writes)
	}

	l.cloud.Graph.EditApplication(
		func(a *fakegraph.EditableApp) { a.Identifiers = []string{"https://signin.amazonaws-us-gov.com/saml"} },
	)
	l.Use(spec)
	if r, _ := l.plan().Find(stepApplication); !strings.Contains(r.Finding.Reason, "of another setup with the name") {
		t.Errorf("an application for another partition of AWS: %+v", r)
	}
	l.cloud.Graph.EditApplication(
		func(a *fakegraph.EditableApp) { a.Identifiers = []string{"https://signin.aws.amazon.com/saml"} },
	)
	l.Use(spec + "name: second\n" + second + "provider: {name: Second}\nroles: [{name: second}]\n")
	l.applied()
	l.cloud.Graph.EditApplication(
		func(a *fakegraph.EditableApp) { a.Identifiers = []string{"https://apps.contoso.example/aws"} },
	)
	l.applied() // drift, not another setup
	if there, _ := l.cloud.Graph.Applications(); there != 2 {
		t.Errorf("%d applications", there)
	}
}
