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

// Rotation replaces the signing certificate without a failed sign-in: AWS trusts
// both certificates before Entra signs with the new one, and the old one is removed
// only after Entra has stopped using it.
type Rotation struct {
	Tenant *Tenant
	World  *engine.World
	Tell   func(string)
	// Overlap is how long AWS trusts both certificates before and after the
	// change: replication takes time in both clouds.
	Overlap time.Duration
	// Test signs a user in; nil skips the test.
	Test func(context.Context) error
	// Progress receives the progress of the accounts; may be nil.
	Progress func(engine.Event)
}

// Run rotates. It can be interrupted at any point and run again: sign-ins keep
// working, and it continues where it stopped.
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
	r.Tell("AWS accounts now trust both certificates.")
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

// resume finishes a rotation that ended after the change. The old certificate does
// not sign again even if the test fails: AWS may no longer trust it.
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
				fault.KindOf(err), err, "the test sign-in failed, so nothing was removed",
				"fix the cause and run the command again",
			)
		}
		r.Tell("A test sign-in succeeded.")
	}
	return r.finish(ctx, p.ID, r.World.Entra().CertificateID)
}

// leftover returns an older inactive certificate of ours, which a rotation leaves
// that ended after the change; nil if there is none.
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

// prepare creates the new certificate, or finds the one of an interrupted
// rotation, and waits until reads show it.
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

// trust adds certificates to those of the tenant's metadata in the provider of
// every account. The metadata lags, so the active one is among them.
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

// provide writes a metadata document to the provider of every account and waits
// until reads show it.
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

// providersOnly returns the steps that concern metadata.
func providersOnly(steps []engine.Step) []engine.Step {
	included := map[engine.ID]bool{}
	var out []engine.Step
	for _, s := range steps {
		id := string(s.ID)
		if strings.Contains(id, "/role/") || strings.HasSuffix(id, "/import-user") ||
			strings.HasSuffix(id, "/import-key") {
			continue
		}
		included[s.ID] = true
		s.After = slices.DeleteFunc(slices.Clone(s.After), func(id engine.ID) bool { return !included[id] })
		out = append(out, s)
	}
	return out
}

// onlyMetadata refuses a rotation that would change more than the certificate: the
// template of a stack set also contains the roles.
func onlyMetadata(plan engine.Report) error {
	for _, result := range plan.Results {
		for _, c := range result.Finding.Changes {
			if strings.HasPrefix(string(result.Step.ID), string(aws.StepStackSet)) && c.Attribute != aws.ChangedProvider {
				return fault.Newf(fault.Unsatisfied, "the stack set differs from the spec (%s), and a rotation would "+
					"apply that too", c.Attribute).
					Hint("o365aws admin apply first, then run this again")
			}
		}
	}
	return nil
}

// activate changes the active certificate and waits until the metadata shows it.
func (r *Rotation) activate(ctx context.Context, principalID, thumbprint string) error {
	patch := graph.PrincipalPatch{SigningThumbprint: thumbprint}
	if err := r.Tenant.Graph.PatchPrincipal(ctx, principalID, patch); err != nil {
		return err
	}
	r.World.LearnEntra(func(e *engine.EntraIDs) { e.CertificateID = thumbprint })
	return r.shown(ctx)
}

// shown waits until the metadata shows the active certificate.
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

// test signs a user in. If that fails, the old certificate is activated again.
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
	patch := graph.PrincipalPatch{SigningThumbprint: old}
	if undo := r.Tenant.Graph.PatchPrincipal(back, principalID, patch); undo != nil {
		return errors.Join(err, undo)
	}
	if ctx.Err() != nil {
		return err
	}
	return fault.Wrap(
		fault.KindOf(err), err, "the test sign-in failed, so the old certificate signs again",
		"AWS trusts both certificates: fix the cause and run the command again",
	)
}

// finish removes the inactive certificates from AWS, then from the application.
// It waits until reads show the active one.
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

// withoutKeys returns the patch that removes certificates. Each consists of two
// keys and a password.
func withoutKeys(p graph.ServicePrincipal, gone map[string]bool) graph.PrincipalPatch {
	keys, passwords := []graph.Key{}, []graph.KeyName{}
	for _, k := range p.KeyCredentials {
		if !gone[k.CustomID] {
			k.Key = "" // must not be sent for those that stay
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
