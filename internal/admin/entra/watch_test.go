package entra

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/admin/engine"
	fakegraph "github.com/o365aws/o365aws/internal/fakecloud/graph"
)

// An access key is saved in Entra only after the connection test with that key.
func TestKeyTestedBeforeSaving(t *testing.T) {
	l := newEmulatorLab(t, fakegraph.Options{Faults: []string{"slow-validate"}}, "")
	l.applied()
	tested, saved := "", 0
	for _, c := range l.calls {
		key := keyIn(c)
		switch {
		case strings.HasSuffix(c.URL, "/validateCredentials") && c.Status == http.StatusNoContent && key != "":
			tested = key
		case c.Method == http.MethodPut && strings.HasSuffix(c.URL, "/synchronization/secrets"):
			if saved++; key == "" || key != tested {
				t.Errorf("the key %q is saved; tested was %q", key, tested)
			}
		}
	}
	if saved != 1 {
		t.Errorf("a key was saved %d times", saved)
	}
}

// keyIn returns the access key id in the body of a call.
func keyIn(c fakegraph.Call) string {
	_, rest, _ := strings.Cut(string(c.Body), `"AKIA`)
	key, _, _ := strings.Cut(rest, `"`)
	return key
}

// A certificate causes a warning within sixty days of its end, and is drift after
// it.
func TestCertificateExpiry(t *testing.T) {
	l := newEmulatorLab(t, fakegraph.Options{}, "")
	l.applied()
	ends := time.Now().AddDate(3, 0, -1)
	for left, want := range map[time.Duration]string{61 * 24 * time.Hour: "", 59 * 24 * time.Hour: "warning", -time.Hour: "drifted"} {
		tenant, w := l.tenant(), &engine.World{Spec: l.Spec, Now: func() time.Time { return ends.Add(-left) }}
		if err := tenant.Find(t.Context(), w); err != nil {
			t.Fatal(err)
		}
		f, err := tenant.checkCertificate(t.Context(), w)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		switch {
		case f.Status != engine.Done:
			got = f.Status.String()
		case len(f.Warnings) == 1 && strings.Contains(f.Warnings[0], ends.UTC().Format(time.DateOnly)) && strings.Contains(f.Warnings[0], "rotate-certificate"):
			got = "warning"
		case len(f.Warnings) > 0:
			t.Errorf("%q", f.Warnings)
		}
		if got != want {
			t.Errorf("%s before its end: %q, want %q", left, got, want)
		}
	}
}

// A change by hand of claims or owners is in the plan, and apply reverts it.
func TestClaimsAndOwnersDrift(t *testing.T) {
	l := newEmulatorLab(
		t, fakegraph.Options{},
		"application: {claims: {session_duration: 2h}, owners: [grace@contoso.example]}\nprovisioning: {style: none}\n",
	)
	l.applied()
	for name, tc := range map[string]struct {
		change func(*fakegraph.EditableApp)
		want   string
	}{
		"definition": {func(
			a *fakegraph.EditableApp,
		) {
			a.ClaimsPolicy = strings.Replace(a.ClaimsPolicy, "7200", "900", 1)
		}, "entra/claims: definition"},
		"not in use": {func(a *fakegraph.EditableApp) { a.Claims = false }, "entra/claims: used by the application"},
		"owner":      {func(a *fakegraph.EditableApp) { a.Owners = nil }, "entra/owners: owner"},
	} {
		t.Run(name, func(t *testing.T) {
			l.cloud.Graph.EditApplication(tc.change)
			if got := admintest.ChangesIn(l.plan()); !slices.Equal(got, []string{tc.want}) {
				t.Errorf("the plan names %q, want %q", got, tc.want)
			}
			l.applied()
			l.settled()
		})
	}
}
