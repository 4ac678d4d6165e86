package engine

import (
	"context"
	"sync"
	"time"

	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/secret"
)

// World is what the steps of one run share: what is wanted, the outside, and
// what has been found out. Steps run beside each other, so what is found out
// is reached by methods.
type World struct {
	Spec     *spec.Spec
	Now      func() time.Time
	Metadata MetadataSource // where the provider's metadata comes from
	Keys     KeyReceiver    // who takes an import key; nil when nobody does

	mu    sync.Mutex
	entra EntraIDs
	tell  func(ID, string) // of the runner that is at work
	Poll  time.Duration    // before the second look at something slow; 0: as usual
}

// Say tells people what a step is waiting for, within its Apply.
func (w *World) Say(step ID, waits string) {
	w.mu.Lock()
	tell := w.tell
	w.mu.Unlock()
	if tell != nil {
		tell(step, waits)
	}
}

// EntraIDs are the objects of the tenant, "" until they are known.
type EntraIDs struct {
	TenantID           string // GUID
	TemplateID         string // of the gallery application
	ApplicationID      string // object id of the application
	AppID              string // client id
	ServicePrincipalID string
	CertificateID      string            // thumbprint of the active signing certificate
	JobID              string            // of the provisioning
	AppRoles           map[string]string // value "roleARN,providerARN" -> id
}

// Entra returns what is known of the tenant. AppRoles is not to be changed.
func (w *World) Entra() EntraIDs {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.entra
}

// LearnEntra notes what was found out about the tenant. AppRoles is replaced,
// never changed in place.
func (w *World) LearnEntra(learn func(*EntraIDs)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	learn(&w.entra)
}

// MetadataSource gives the SAML federation metadata of the application. It
// returns the document as it came; AWS's peculiarities are not its business.
// A source that cannot give it before another step is done returns an error
// for which errors.Is(err, ErrNoMetadataYet) holds.
type MetadataSource interface {
	Metadata(ctx context.Context) ([]byte, error)
	// String says where it comes from, for people.
	String() string
}

// KeyPair is an access key of the import user.
type KeyPair struct {
	ID     string
	Secret secret.Text
}

// KeyReceiver takes the access keys by which the tenant reads role names. The
// secret is in memory only, and gone afterwards.
type KeyReceiver interface {
	// Take tests the key (a fresh one may not be known at once: wait, within
	// ctx) and keeps it in the tenant.
	Take(ctx context.Context, account string, key KeyPair) error
	// Works tests the key that the tenant has. It is asked before an old key is
	// switched off and after.
	Works(ctx context.Context, account string) error
}
