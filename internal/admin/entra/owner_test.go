package entra

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/admin/engine"
	fakegraph "github.com/o365aws/o365aws/internal/fakecloud/graph"
)

// newOwnerLab returns a lab with a user who may not start provisioning.
func newOwnerLab(t *testing.T, faults ...string) *tenantLab {
	l := newEmulatorLab(t, fakegraph.Options{Faults: faults}, "")
	l.delegated = true
	return l
}

// noOwner checks that an owner was added and that none is left.
func (l *tenantLab) noOwner() {
	l.T.Helper()
	if owners := l.cloud.Graph.Owners(); len(owners) != 0 {
		l.T.Errorf("owners %q stay", owners)
	}
	if !slices.ContainsFunc(l.cloud.Graph.Writes(), becomesOwner) {
		l.T.Error("no owner was added")
	}
}

func becomesOwner(w fakegraph.Write) bool {
	return w.Method == http.MethodPost && strings.HasSuffix(w.Path, "/owners/$ref")
}

// A user who may not start provisioning becomes an owner for the call, and is
// removed afterwards, also if the call fails.
func TestOwnerWorkaround(t *testing.T) {
	l := newOwnerLab(t, "needs-owner")
	l.applied()
	l.noOwner()

	l = newOwnerLab(t, "needs-owner", "owner-late") // the directory copies slowly
	l.applied()
	l.noOwner()

	l = newOwnerLab(t, "owner-fails")
	report, err := l.runner().Apply(t.Context(), engine.Report{})
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, failed := range report.Failed() {
		text += failed.Err.Error() + " " + strings.Join(engine.HintsOf(failed.Err), " ")
	}
	if !strings.Contains(text, "start provisioning: not permitted") ||
		!strings.Contains(text, "or owner of the service principal") {
		t.Errorf("said %q", text)
	}
	l.noOwner()
}

// The owner is removed after an interruption, also if the directory has not
// replicated the owner yet.
func TestOwnerRemovedAfterInterruption(t *testing.T) {
	for _, faults := range [][]string{{"needs-owner"}, {"needs-owner", "owner-late"}} {
		t.Run(strings.Join(faults, " "), func(t *testing.T) { interruptsAnOwner(t, faults) })
	}
}

func interruptsAnOwner(t *testing.T, faults []string) {
	t.Helper()
	l := newOwnerLab(t, faults...)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l.tell(func(write string) {
		if strings.HasPrefix(write, http.MethodPost) && strings.HasSuffix(write, "/owners/$ref") {
			cancel()
		}
	})
	if _, err := l.runner().Apply(ctx, engine.Report{}); err == nil {
		t.Error("got no error after an interruption")
	}
	l.tell(nil)
	l.noOwner()
	l.applied()
}

// The owner is removed after a panic.
func TestOwnerRemovedAfterPanic(t *testing.T) {
	l := newOwnerLab(t, "owner-fails")
	if _, err := l.runner().Apply(t.Context(), engine.Report{}); err != nil {
		t.Fatal(err)
	}
	tenant, w := l.tenant(), &engine.World{Spec: l.Spec, Now: time.Now}
	if err := tenant.Find(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	ids, tries := w.Entra(), 0
	func() {
		defer func() {
			if recover() == nil {
				t.Error("got no panic")
			}
		}()
		_ = tenant.asOwner(t.Context(), ids.ServicePrincipalID, func() error {
			if tries++; tries > 1 {
				if len(l.cloud.Graph.Owners()) != 1 {
					t.Errorf("owners %q at the second try", l.cloud.Graph.Owners())
				}
				panic("a bug")
			}
			return tenant.Graph.StartJob(t.Context(), ids.ServicePrincipalID, ids.JobID)
		})
	}()
	l.noOwner()
}

// If the owner cannot be removed, the error says so.
func TestOwnerNotRemoved(t *testing.T) {
	for _, fault := range []string{"owner-stays", "owner-hidden"} {
		t.Run(fault, func(t *testing.T) { leavesAnOwner(t, fault) })
	}
}

func leavesAnOwner(t *testing.T, fault string) {
	t.Helper()
	l := newOwnerLab(t, "owner-fails", fault)
	report, err := l.runner().Apply(t.Context(), engine.Report{})
	if err != nil {
		t.Fatal(err)
	}
	r, _ := report.Find(stepImport)
	if r.Err == nil || !strings.Contains(r.Err.Error(), "ada@contoso.example is still an owner of the application") {
		t.Errorf("got %v, want an error that names the owner", r.Err)
	}
	if hints := engine.HintsOf(r.Err); !slices.Contains(
		hints, "Entra admin center, the application, Owners: remove ada@contoso.example",
	) {
		t.Errorf("hints %q", hints)
	}
}

// If the owner cannot be removed, the error says so even after an interruption.
func TestOwnerNotRemovedAfterInterruption(t *testing.T) {
	l := newOwnerLab(t, "owner-stays")
	if _, err := l.runner().Apply(t.Context(), engine.Report{}); err != nil {
		t.Fatal(err)
	}
	tenant, w := l.tenant(), &engine.World{Spec: l.Spec, Now: time.Now}
	if err := tenant.Find(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	l.cloud.Graph.EditApplication(func(a *fakegraph.EditableApp) { a.Owners = nil })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ids := w.Entra()
	err := tenant.asOwner(ctx, ids.ServicePrincipalID, func() error {
		if len(l.cloud.Graph.Owners()) > 0 {
			cancel()
		}
		return tenant.Graph.StartJob(ctx, ids.ServicePrincipalID, ids.JobID)
	})
	if err == nil || errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "is still an owner") {
		t.Errorf("got %v, want an error that names the owner", err)
	}
}
