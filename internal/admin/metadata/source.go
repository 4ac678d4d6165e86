package metadata

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/network"
)

// ErrNoMetadataYet is what a MetadataSource returns when another step, that
// of StepMetadata, has to be done first.
var ErrNoMetadataYet = errors.New("the tenant has no federation metadata yet")

// From returns the source that a spec names: a file or an https URL. The
// tenant's own source is the Entra side's; without it the tenant has none.
// client is asked for when a URL is read.
func From(s *spec.Spec, client func() (*http.Client, error)) engine.MetadataSource {
	switch from := s.Provider.Metadata; {
	case from == spec.MetadataTenant:
		return noMetadata{}
	case strings.HasPrefix(from, "https://"):
		return Cached(urlSource{from, client})
	default:
		return Cached(fileSource(s.Path(from)))
	}
}

// Cached returns a source that asks another one once.
func Cached(source engine.MetadataSource) engine.MetadataSource { return &once{source: source} }

// once reads its source a single time: every account uses the same document.
// A failure is not stored, so that a later step can retry.
type once struct {
	source engine.MetadataSource

	mu   sync.Mutex
	data []byte
}

// Metadata implements MetadataSource.
func (o *once) Metadata(ctx context.Context) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.data != nil {
		return o.data, nil
	}
	data, err := o.source.Metadata(ctx)
	if err == nil {
		o.data = data
	}
	return data, err
}

// String implements MetadataSource.
func (o *once) String() string { return o.source.String() }

type noMetadata struct{}

func (noMetadata) Metadata(context.Context) ([]byte, error) { return nil, ErrNoMetadataYet }
func (noMetadata) String() string                           { return "the tenant" }

type fileSource string

// Metadata implements MetadataSource.
func (f fileSource) Metadata(context.Context) ([]byte, error) {
	data, whole, err := spec.ReadUpTo(string(f), maxMetadata+3)
	if err != nil {
		return nil, fault.Wrap(
			fault.Config, err, "the metadata file cannot be read",
			"provider.metadata names it; a relative path begins at the spec file",
		)
	}
	if !whole {
		return nil, fault.Newf(fault.Config, "the metadata file %s is larger than AWS takes", string(f))
	}
	return data, nil
}

// String implements MetadataSource.
func (f fileSource) String() string { return string(f) }

type urlSource struct {
	url    string
	client func() (*http.Client, error)
}

// metadataLimit is how long a download of metadata may take.
const metadataLimit = time.Minute

// Metadata implements MetadataSource.
func (u urlSource) Metadata(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, metadataLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.url, nil)
	if err != nil {
		return nil, fault.Wrap(fault.Config, err, "provider.metadata is not a URL")
	}
	client, err := u.client()
	if err != nil {
		return nil, err
	}
	reply, err := network.HTTPSOnly(client).Do(request)
	if err != nil {
		return nil, fault.Wrap(fault.Network, err, "the metadata cannot be downloaded", fault.ReachAdvice)
	}
	defer func() { _ = reply.Body.Close() }()
	if reply.StatusCode != http.StatusOK {
		return nil, fault.Newf(fault.Network, "the metadata cannot be downloaded: %s answers %s", reply.Request.URL.Host, reply.Status).
			Hint("check provider.metadata in the spec")
	}
	data, err := io.ReadAll(io.LimitReader(reply.Body, maxMetadata+4))
	if err != nil {
		return nil, fault.Wrap(fault.Network, err, "the metadata cannot be downloaded", fault.ReachAdvice)
	}
	return data, nil
}

// String implements MetadataSource.
func (u urlSource) String() string { return u.url }

// Read reads the world's metadata, which must be there.
func Read(ctx context.Context, w *engine.World) (Metadata, error) {
	m, missing, err := Current(ctx, w)
	if missing != nil {
		return m, fault.New(
			fault.Unsatisfied, missing.Reason,
			"apply the steps of the tenant first, or set provider.metadata to a file or an https URL",
		)
	}
	return m, err
}

// Current reads the world's metadata, or says what has to be done before.
func Current(ctx context.Context, w *engine.World) (Metadata, *engine.Finding, error) {
	data, err := w.Metadata.Metadata(ctx)
	if errors.Is(err, ErrNoMetadataYet) {
		f := engine.NeedsFirst(engine.StepMetadata, "the application's federation metadata does not exist yet")
		f.Hints = []string{"or set provider.metadata to a file or an https URL"}
		return Metadata{}, &f, nil
	}
	if err != nil {
		return Metadata{}, nil, err
	}
	m, err := Parse(data)
	if err != nil {
		return Metadata{}, nil, fmt.Errorf("%s: %w", w.Metadata, err)
	}
	return m, nil, rightTenant(w, m)
}

// rightTenant refuses the metadata of another tenant: every sign-in would
// fail, and nothing would say why.
func rightTenant(w *engine.World, m Metadata) error {
	tenant := w.Entra().TenantID
	if tenant == "" && spec.IsGUID(w.Spec.Tenant) {
		tenant = w.Spec.Tenant
	}
	if tenant != "" && !strings.Contains(strings.ToLower(m.EntityID), strings.ToLower(tenant)) {
		return fault.Newf(fault.Config, "the metadata of %s is of %s, not of the tenant %s", w.Metadata, m.EntityID, tenant).
			Hint("download it from the application in the right tenant")
	}
	return nil
}
