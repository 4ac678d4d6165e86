package entra

import (
	"context"
	"crypto/sha1" // a thumbprint, as Microsoft shows it
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/metadata"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/graph"
)

// certificateStep returns the step for the signing certificate. The portal creates
// one automatically; Graph does not.
func (t *Tenant) certificateStep(*engine.World) engine.Step {
	return t.step(engine.Step{
		ID: stepCertificate, Title: "signing certificate", After: []engine.ID{stepSAML},
		Why: "Entra signs every SAML response with it, and AWS trusts no other. If it expires, no user can " +
			"sign in to AWS; verify warns in time, and o365aws admin rotate-certificate replaces it without a " +
			"failed sign-in.",
		Permissions: []engine.Permission{{Action: "Application.ReadWrite.All"}},
		Settle:      5 * time.Minute, Waits: "Entra to show the certificate",
		Manual: []string{
			"The application, Single sign-on, SAML Certificates, Edit, New Certificate, Save; then its menu, Make " +
				"certificate active.",
		},
	}, t.checkCertificate, t.applyCertificate)
}

// signingKey is a signing certificate of the principal.
type signingKey struct {
	thumbprint, custom, name string
	starts, ends             time.Time
	der                      []byte
}

// signingKeys returns the verifying halves. Their thumbprints are computed, because
// Graph does not return them.
func signingKeys(p graph.ServicePrincipal) []signingKey {
	var keys []signingKey
	for _, k := range p.KeyCredentials {
		der, err := base64.StdEncoding.DecodeString(k.Key)
		if k.Usage != "Verify" || err != nil || len(der) == 0 || k.Ends == nil {
			continue
		}
		sum := sha1.Sum(der)
		key := signingKey{
			thumbprint: strings.ToUpper(hex.EncodeToString(sum[:])), custom: k.CustomID, name: k.Name,
			ends: *k.Ends, der: der,
		}
		if k.Starts != nil {
			key.starts = *k.Starts
		}
		keys = append(keys, key)
	}
	return keys
}

// activeKey returns the key that signs; nil if there is none or it is not
// replicated yet.
func activeKey(p graph.ServicePrincipal) *signingKey {
	for _, k := range signingKeys(p) {
		if strings.EqualFold(k.thumbprint, p.SigningThumbprint) {
			return &k
		}
	}
	return nil
}

// certificateName returns the name of the certificates that the setup creates.
func certificateName(s *spec.Spec) string { return "o365aws " + s.Name }

// warnBefore is how long before its end a certificate causes a warning.
const warnBefore = 60 * 24 * time.Hour

func (t *Tenant) checkCertificate(ctx context.Context, w *engine.World) (engine.Finding, error) {
	p, err := t.principal(ctx, w)
	if err != nil {
		return engine.Finding{}, err
	}
	key := activeKey(p)
	if key == nil {
		return engine.IsMissing(
			engine.Change{Attribute: "active certificate", Want: fmt.Sprintf(
				"one of %d years", w.Spec.Application.CertificateYears,
			)},
		), nil
	}
	until := key.ends.UTC().Format(time.DateOnly)
	if !key.ends.After(w.Now()) {
		return engine.Compared(
			[]engine.Change{
				{
					Attribute: "active certificate", Have: "ended on " + until,
					Want: fmt.Sprintf("one of %d years", w.Spec.Application.CertificateYears),
				},
			},
		), nil
	}
	w.LearnEntra(func(e *engine.EntraIDs) { e.CertificateID = key.thumbprint })
	done := engine.IsDone()
	if left := key.ends.Sub(w.Now()); left < warnBefore {
		done.Warnings = []string{
			fmt.Sprintf(
				"the signing certificate ends on %s, in %s: run o365aws admin rotate-certificate", until,
				plural(int(left.Hours()/24), "day", "days"),
			),
		}
	}
	return done, nil
}

// applyCertificate activates an existing certificate of ours, or a new one.
func (t *Tenant) applyCertificate(ctx context.Context, w *engine.World) error {
	p, err := t.Graph.Principal(ctx, w.Entra().ServicePrincipalID)
	if err != nil {
		return err
	}
	thumbprint, err := t.usableCertificate(ctx, w, p, "")
	if err != nil {
		return err
	}
	return t.Graph.PatchPrincipal(ctx, p.ID, graph.PrincipalPatch{SigningThumbprint: thumbprint})
}

// usableCertificate returns the newest certificate of ours except one, and creates
// one if there is none. The name identifies a certificate that an interrupted run
// created.
func (t *Tenant) usableCertificate(
	ctx context.Context, w *engine.World, p graph.ServicePrincipal, but string,
) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.created.Thumbprint != "" {
		return t.created.Thumbprint, nil
	}
	if thumbprint := newestOurs(w, p, but); thumbprint != "" {
		return thumbprint, nil
	}
	// A day less than the limit, which the service counts in its own time.
	until := w.Now().AddDate(w.Spec.Application.CertificateYears, 0, -1)
	made, err := t.Graph.AddCertificate(ctx, p.ID, certificateName(w.Spec), until)
	if err != nil && ctx.Err() == nil && graph.IsUncertain(err) {
		made.Thumbprint, err = t.uncertainCertificate(ctx, w, but, err)
	}
	if err != nil {
		return "", err
	}
	t.created = made
	return made.Thumbprint, nil
}

// newestOurs returns the certificate of ours that lasts longest, except one; "" if
// there is none.
func newestOurs(w *engine.World, p graph.ServicePrincipal, but string) string {
	keys := slices.DeleteFunc(signingKeys(p), func(k signingKey) bool {
		return strings.TrimPrefix(k.name, "CN=") != certificateName(w.Spec) ||
			!k.ends.After(w.Now().Add(warnBefore)) ||
			strings.EqualFold(k.thumbprint, but)
	})
	if len(keys) == 0 {
		return ""
	}
	return slices.MaxFunc(keys, func(a, b signingKey) int { return a.ends.Compare(b.ends) }).thumbprint
}

// uncertainCertificate searches for a certificate after a creation with an
// uncertain answer, so that it is not created twice.
func (t *Tenant) uncertainCertificate(
	ctx context.Context, w *engine.World, but string, failure error,
) (thumbprint string, err error) {
	_, err = t.until(ctx, createTries, func() (bool, error) {
		p, err := t.principal(ctx, w)
		thumbprint = newestOurs(w, p, but)
		return thumbprint != "" && err == nil, err
	})
	if err == nil && thumbprint == "" {
		err = failure
	}
	return thumbprint, err
}

// metadataStep returns the step that waits for the federation metadata.
func (t *Tenant) metadataStep(*engine.World) engine.Step {
	return t.step(engine.Step{
		ID: engine.StepMetadata, Title: "federation metadata", After: []engine.ID{stepURLs, stepCertificate},
		Why: "The metadata identifies the tenant and its signing certificate. o365aws copies it to the SAML " +
			"provider of every account.",
		Settle: 5 * time.Minute, Waits: "Entra to publish the metadata with the new certificate",
		Manual: []string{"The application, Single sign-on, SAML Certificates, Federation Metadata XML, Download."},
	}, t.checkMetadata, func(context.Context, *engine.World) error { return nil }) // Entra publishes it
}

func (t *Tenant) checkMetadata(ctx context.Context, w *engine.World) (engine.Finding, error) {
	ids := w.Entra()
	if ids.AppID == "" || ids.CertificateID == "" {
		return engine.NeedsFirst(stepCertificate, "the application has no signing certificate yet"), nil
	}
	data, err := t.Graph.Metadata(ctx, ids.TenantID, ids.AppID)
	if graph.AsError(err) != nil {
		return engine.IsMissing(engine.Change{Attribute: "metadata", Want: "with the active certificate"}), nil
	}
	if err != nil {
		return engine.Finding{}, err
	}
	m, err := metadata.Parse(data)
	if err != nil {
		return engine.Finding{}, err
	}
	if !slices.ContainsFunc(
		m.Certificates, func(c metadata.Certificate) bool { return strings.EqualFold(c.Thumbprint, ids.CertificateID) },
	) {
		return engine.Compared([]engine.Change{
			{Attribute: "signing certificates", Have: metadata.Thumbprints(m), Want: ids.CertificateID},
		}), nil
	}
	return engine.IsDone(), nil
}

// tenantMetadata reads the metadata of the application for the AWS side.
type tenantMetadata struct {
	t *Tenant
	w *engine.World
}

// Metadata implements MetadataSource.
func (m tenantMetadata) Metadata(ctx context.Context) ([]byte, error) {
	ids := m.w.Entra()
	if ids.AppID == "" || ids.CertificateID == "" {
		return nil, metadata.ErrNoMetadataYet
	}
	data, err := m.t.Graph.Metadata(ctx, ids.TenantID, ids.AppID)
	if graph.AsError(err) != nil {
		return nil, metadata.ErrNoMetadataYet
	}
	return data, err
}

// String implements MetadataSource.
func (m tenantMetadata) String() string { return "the tenant" }
