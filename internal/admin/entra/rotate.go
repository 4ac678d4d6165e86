package entra

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/admin/aws"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/metadata"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/graph"
)

// Rotation replaces the signing certificate without a failed sign-in: AWS
// trusts the new one beside the old before Entra signs with it, and the old
// one goes only after Entra has stopped using it.
type Rotation struct {
	Tenant *Tenant
	World  *engine.World
	Tell   func(string)
	// Overlap is how long AWS knows both certificates before and after Entra
	// changes over: neither cloud is the same everywhere at once.
	Overlap time.Duration
	// Test signs somebody in; nil leaves it to the first person who does.
	Test func(context.Context) error
	// Progress is told of the accounts; may be nil.
	Progress func(engine.Event)
}

// Run rotates. It may be interrupted at any point and run again: sign-ins go
// on, and it takes up where it stopped.
func (r *Rotation) Run(ctx context.Context) error {
	if err := r.Tenant.Find(ctx, r.World); err != nil {
		return err
	}
	p, err := r.Tenant.principal(ctx, r.World)
	if err != nil {
		return err
	}
	old := activeKey(p)
	if old == nil {
		return fault.New(
			fault.Unsatisfied, "the application has no active signing certificate to replace",
			"create one with o365aws admin apply",
		)
	}
	r.World.LearnEntra(func(e *engine.EntraIDs) { e.CertificateID = old.thumbprint })
	if left := r.leftover(p, old); left != nil {
		r.Tell("Finishing an earlier rotation to " + old.thumbprint + ".")
		return r.resume(ctx, p)
	}
	next, err := r.prepare(ctx, p, old)
	if err != nil {
		return err
	}
	r.Tell("AWS accounts now trust the new certificate beside the old one.")
	if err := r.trust(ctx, old.der, next.der); err != nil {
		return err
	}
	if err := r.Tenant.pause(ctx, r.Overlap); err != nil {
		return err
	}
	r.Tell("Entra now signs with the new certificate.")
	if err := r.activate(ctx, p.ID, next.thumbprint); err != nil {
		return err
	}
	if err := r.test(ctx, p.ID, old.thumbprint); err != nil {
		return err
	}
	if err := r.Tenant.pause(ctx, r.Overlap); err != nil {
		return err
	}
	return r.finish(ctx, p.ID, next.thumbprint)
}

// resume finishes a rotation that ended after changing over. How long ago that
// was nobody knows, and what AWS trusts neither: so the old certificate is not
// made to sign again, whatever the test says.
func (r *Rotation) resume(ctx context.Context, p graph.ServicePrincipal) error {
	if err := r.shown(ctx); err != nil {
		return err
	}
	if err := r.Tenant.pause(ctx, r.Overlap); err != nil {
		return err
	}
	if r.Test != nil {
		if err := r.Test(ctx); err != nil {
			if ctx.Err() != nil {
				return err
			}
			return fault.Wrap(
				fault.KindOf(err), err, "the test sign-in failed, so nothing was taken out",
				"run the command again when the cause is fixed",
			)
		}
		r.Tell("A test sign-in succeeded.")
	}
	return r.finish(ctx, p.ID, r.World.Entra().CertificateID)
}

// leftover is an older certificate of ours that signs no more: what a rotation
// leaves that ended after changing over.
func (r *Rotation) leftover(p graph.ServicePrincipal, active *signingKey) *signingKey {
	for _, k := range r.ours(p) {
		if !strings.EqualFold(k.thumbprint, active.thumbprint) && k.starts.Before(active.starts) {
			return &k
		}
	}
	return nil
}

func (r *Rotation) ours(p graph.ServicePrincipal) []signingKey {
	return slices.DeleteFunc(signingKeys(p), func(k signingKey) bool {
		return strings.TrimPrefix(k.name, "CN=") != certificateName(r.World.Spec)
	})
}

// prepare makes the new certificate, or finds the one that an interrupted
// rotation made, and waits until it is seen.
func (r *Rotation) prepare(ctx context.Context, p graph.ServicePrincipal, old *signingKey) (signingKey, error) {
	thumbprint, err := r.Tenant.usableCertificate(ctx, r.World, p, old.thumbprint)
	if err != nil {
		return signingKey{}, err
	}
	r.Tell("New signing certificate " + thumbprint + ".")
	var next *signingKey
	seen, err := r.Tenant.until(ctx, createTries*2, func() (bool, error) {
		now, err := r.Tenant.principal(ctx, r.World)
		for _, k := range signingKeys(now) {
			if strings.EqualFold(k.thumbprint, thumbprint) {
				next = &k
			}
		}
		return next != nil, err
	})
	if err != nil {
		return signingKey{}, err
	}
	if !seen {
		return signingKey{}, fault.New(
			fault.Unsatisfied, "Entra does not show the new certificate yet; nothing was changed",
			"run the command again in some minutes",
		)
	}
	return *next, nil
}

// trust puts certificates into the provider of every account, beside those
// that the tenant's metadata has. The one that signs is named too: metadata
// lags, and may not show it.
func (r *Rotation) trust(ctx context.Context, ders ...[]byte) error {
	data, err := tenantMetadata{r.Tenant, r.World}.Metadata(ctx)
	if errors.Is(err, metadata.ErrNoMetadataYet) {
		return fault.New(fault.Network, "no federation metadata at Microsoft", "run the command again in some minutes")
	}
	if err != nil {
		return err
	}
	for _, der := range ders {
		if data, err = metadata.WithCertificate(data, der); err != nil {
			return err
		}
	}
	return r.provide(ctx, data)
}

// provide makes the provider of every account hold a document, and waits
// until that is seen.
func (r *Rotation) provide(ctx context.Context, document []byte) error {
	w := &engine.World{Spec: r.World.Spec, Now: r.World.Now, Metadata: metadata.Fixed(document), Poll: r.World.Poll}
	w.LearnEntra(func(e *engine.EntraIDs) { *e = r.World.Entra() })
	steps, err := engine.Compose(w, aws.Side(r.Tenant.AWS))
	if err != nil {
		return err
	}
	runner := &engine.Runner{Steps: providersOnly(steps), World: w, Pause: r.Tenant.Wait, Progress: r.Progress}
	plan, err := runner.Plan(ctx)
	if err != nil {
		return err
	}
	if err := onlyMetadata(plan); err != nil {
		return err
	}
	report, err := runner.Apply(ctx, plan)
	if err == nil {
		err = report.Err()
	}
	if err != nil && ctx.Err() == nil {
		return fault.Wrap(
			fault.KindOf(err), err,
			"not every account could be updated; sign-ins keep working with the current certificate",
			"fix the cause and run the command again",
		)
	}
	return err
}

// providersOnly leaves out the steps that have nothing to do with metadata.
func providersOnly(steps []engine.Step) []engine.Step {
	kept := map[engine.ID]bool{}
	var out []engine.Step
	for _, s := range steps {
		id := string(s.ID)
		if strings.Contains(id, "/role/") || strings.HasSuffix(id, "/import-user") ||
			strings.HasSuffix(id, "/import-key") {
			continue
		}
		kept[s.ID] = true
		s.After = slices.DeleteFunc(slices.Clone(s.After), func(id engine.ID) bool { return !kept[id] })
		out = append(out, s)
	}
	return out
}

// onlyMetadata refuses a rotation that would bring more than a certificate:
// the template of a stack set holds the roles too.
func onlyMetadata(plan engine.Report) error {
	stackSet, ok := plan.Find(aws.StepStackSet)
	if !ok || stackSet.Finding.Status == engine.Done {
		return nil
	}
	for _, c := range stackSet.Finding.Changes {
		if c.Attribute != aws.ChangedProvider {
			return fault.Newf(fault.Unsatisfied, "the stack set differs from the spec (%s), and a rotation would "+
				"apply that too", c.Attribute).
				Hint("o365aws admin apply first, then run this again")
		}
	}
	return nil
}

// activate changes the certificate that signs, and waits until the metadata
// shows it.
func (r *Rotation) activate(ctx context.Context, principalID, thumbprint string) error {
	if err := r.Tenant.Graph.PatchPrincipal(ctx, principalID, graph.PrincipalPatch{SigningThumbprint: thumbprint}); err != nil {
		return err
	}
	r.World.LearnEntra(func(e *engine.EntraIDs) { e.CertificateID = thumbprint })
	return r.shown(ctx)
}

// shown waits until the metadata shows the certificate that signs: what it
// shows is what AWS is told to trust.
func (r *Rotation) shown(ctx context.Context) error {
	seen, err := r.Tenant.until(ctx, createTries*2, func() (bool, error) {
		f, err := r.Tenant.checkMetadata(ctx, r.World)
		return f.Status == engine.Done, err
	})
	if err == nil && !seen {
		return fault.New(
			fault.Unsatisfied, "Entra's metadata does not show the new certificate yet; AWS trusts both",
			"run the command again in some minutes: it continues where it stopped",
		)
	}
	return err
}

// test signs somebody in; when that fails, the old certificate signs again.
func (r *Rotation) test(ctx context.Context, principalID, old string) error {
	if r.Test == nil {
		return nil
	}
	err := r.Test(ctx)
	if err == nil {
		r.Tell("A test sign-in succeeded.")
		return nil
	}
	back, cancel := context.WithTimeout(context.WithoutCancel(ctx), ownerLimit)
	defer cancel()
	if undo := r.Tenant.Graph.PatchPrincipal(back, principalID, graph.PrincipalPatch{SigningThumbprint: old}); undo != nil {
		return errors.Join(err, undo)
	}
	if ctx.Err() != nil {
		return err
	}
	return fault.Wrap(
		fault.KindOf(err), err, "the test sign-in failed, so the old certificate signs again",
		"AWS trusts both certificates: run the command again when the cause is fixed",
	)
}

// finish takes the certificates out that sign no more: from AWS, then from
// the application. signs is the one that stays: what does not show it yet is
// not gone by.
func (r *Rotation) finish(ctx context.Context, principalID, signs string) error {
	var p graph.ServicePrincipal
	var active *signingKey
	seen, err := r.Tenant.until(ctx, createTries*2, func() (bool, error) {
		var err error
		if p, err = r.Tenant.Graph.Principal(ctx, principalID); err != nil {
			return false, err
		}
		active = activeKey(p)
		return active != nil && strings.EqualFold(active.thumbprint, signs), nil
	})
	if err != nil {
		return err
	}
	if !seen {
		return fault.New(
			fault.Unsatisfied, "Entra does not show which certificate signs", "run the command again in some minutes",
		)
	}
	r.World.LearnEntra(func(e *engine.EntraIDs) { e.CertificateID = active.thumbprint })
	if err := r.shown(ctx); err != nil {
		return err
	}
	gone, old := map[string]bool{}, map[string]bool{}
	for _, k := range r.ours(p) {
		if !strings.EqualFold(k.thumbprint, active.thumbprint) {
			gone[k.custom], old[k.thumbprint] = true, true
		}
	}
	data, err := tenantMetadata{r.Tenant, r.World}.Metadata(ctx)
	if err == nil {
		data, err = metadata.WithoutCertificates(data, old)
	}
	if err != nil {
		return err
	}
	r.Tell("Removing the old certificate from AWS.")
	if err := r.provide(ctx, data); err != nil {
		return err
	}
	if err := r.Tenant.Graph.PatchPrincipal(ctx, p.ID, withoutKeys(p, gone)); err != nil {
		return err
	}
	r.Tell(
		fmt.Sprintf(
			"Done: certificate %s signs until %s, the old one was removed.", active.thumbprint,
			active.ends.UTC().Format(time.DateOnly),
		),
	)
	return nil
}

// withoutKeys is the patch that leaves some certificates out. Each is two keys
// and a password that go together.
func withoutKeys(p graph.ServicePrincipal, gone map[string]bool) graph.PrincipalPatch {
	keys, passwords := []graph.Key{}, []graph.KeyName{}
	for _, k := range p.KeyCredentials {
		if !gone[k.CustomID] {
			k.Key = "" // never sent for those that stay
			keys = append(keys, k)
		}
	}
	for _, k := range p.Passwords {
		if !gone[k.CustomID] {
			passwords = append(
				passwords,
				graph.KeyName{KeyID: k.KeyID, CustomID: k.CustomID, Name: k.Name, Starts: k.Starts, Ends: k.Ends},
			)
		}
	}
	return graph.PrincipalPatch{KeyCredentials: &keys, Passwords: &passwords}
}
