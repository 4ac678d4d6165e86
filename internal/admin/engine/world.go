package engine

import (
	"context"
	"sync"
	"time"

	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/secret"
)

// World is what the steps of one run share: the spec, the services, and what has
// been found out. Steps run in parallel, so the latter is behind methods.
type World struct {
	Spec     *spec.Spec
	Now      func() time.Time
	Metadata MetadataSource // of the provider's metadata
	Keys     KeyReceiver    // of import keys; nil for none

	mu    sync.Mutex
	entra EntraIDs
	gone  map[string]bool  // ARNs of obsolete roles
	tell  func(ID, string) // of the current runner
	Poll  time.Duration    // before the second check of something slow; 0: default
}

// Say reports what a step is waiting for within its Apply.
func (w *World) Say(step ID, waits string) {
	w.mu.Lock()
	tell := w.tell
	w.mu.Unlock()
	if tell != nil {
		tell(step, waits)
	}
}

// LearnObsolete records that the spec no longer names a role that the setup created.
func (w *World) LearnObsolete(roleARN string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gone == nil {
		w.gone = map[string]bool{}
	}
	w.gone[roleARN] = true
}

// IsObsolete reports whether LearnObsolete was called for a role.
func (w *World) IsObsolete(roleARN string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.gone[roleARN]
}

// EntraIDs holds the objects of the tenant, "" until they are known.
type EntraIDs struct {
	TenantID           string // GUID
	TemplateID         string // of the gallery application
	ApplicationID      string // object id of the application
	AppID              string // client id
	ServicePrincipalID string
	CertificateID      string            // thumbprint of the active signing certificate
	JobID              string            // of provisioning
	Recorded           []spec.Place      // places that the application records
	AppRoles           map[string]string // value "roleARN,providerARN" -> id
}

// Entra returns what is known of the tenant. AppRoles must not be changed.
func (w *World) Entra() EntraIDs {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.entra
}

// LearnEntra stores what was found out about the tenant. AppRoles is replaced,
// never changed in place.
func (w *World) LearnEntra(learn func(*EntraIDs)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	learn(&w.entra)
}

// MetadataSource returns the SAML federation metadata of the application,
// unchanged. A source that cannot return it before another step is done returns
// an error for which errors.Is(err, ErrNoMetadataYet) is true.
type MetadataSource interface {
	Metadata(ctx context.Context) ([]byte, error)
	// String returns where it comes from, for messages.
	String() string
}

// KeyPair is an access key of the import user.
type KeyPair struct {
	ID     string
	Secret secret.Text
}

// KeyReceiver receives the access keys with which the tenant lists roles. The
// secret is in memory only.
type KeyReceiver interface {
	// Take tests the key, waiting until IAM knows it, and saves it in the tenant.
	Take(ctx context.Context, account string, key KeyPair) error
	// Works tests the key that is saved in the tenant.
	Works(ctx context.Context, account string) error
}
