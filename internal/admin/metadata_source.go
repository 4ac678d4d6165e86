package admin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/network"
)

// ErrNoMetadataYet is what a MetadataSource returns when another step, that
// of StepMetadata, has to be done first.
var ErrNoMetadataYet = errors.New("the tenant has no federation metadata yet")

// MetadataFrom is the source that a spec names: a file or an https URL. The
// tenant's own source is the Entra side's; without it the tenant has none.
// client is asked for when a URL is read.
func MetadataFrom(s *Spec, client func() (*http.Client, error)) MetadataSource {
	switch from := s.Provider.Metadata; {
	case from == MetadataTenant:
		return noMetadata{}
	case strings.HasPrefix(from, "https://"):
		return cached(metadataURL{from, client})
	default:
		return cached(metadataFile(s.Path(from)))
	}
}

// cached returns a source that asks another one once.
func cached(source MetadataSource) MetadataSource { return &once{source: source} }

// once asks its source a single time: every account wants the same document.
// A failure is not kept, so that a later step may try again.
type once struct {
	source MetadataSource

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

type metadataFile string

// Metadata implements MetadataSource.
func (f metadataFile) Metadata(context.Context) ([]byte, error) {
	data, whole, err := readUpTo(string(f), maxMetadata+3)
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
func (f metadataFile) String() string { return string(f) }

type metadataURL struct {
	url    string
	client func() (*http.Client, error)
}

// metadataLimit is how long a download of metadata may take.
const metadataLimit = time.Minute

// Metadata implements MetadataSource.
func (u metadataURL) Metadata(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, metadataLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.url, nil)
	if err != nil {
		return nil, fault.Wrap(fault.Config, err, "provider.metadata is no URL")
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
func (u metadataURL) String() string { return u.url }

// ReadCurrent reads the world's metadata, which must be there.
func ReadCurrent(ctx context.Context, w *World) (Metadata, error) {
	m, missing, err := currentMetadata(ctx, w)
	if missing != nil {
		return m, fault.New(
			fault.Unsatisfied, missing.Reason,
			"apply the steps of the tenant first, or set provider.metadata to a file or an https URL",
		)
	}
	return m, err
}

// currentMetadata reads the world's metadata, or says what has to be done before.
func currentMetadata(ctx context.Context, w *World) (Metadata, *Finding, error) {
	data, err := w.Metadata.Metadata(ctx)
	if errors.Is(err, ErrNoMetadataYet) {
		f := NeedsFirst(StepMetadata, "the application's federation metadata is not there yet")
		f.Hints = []string{"or set provider.metadata to a file or an https URL"}
		return Metadata{}, &f, nil
	}
	if err != nil {
		return Metadata{}, nil, err
	}
	m, err := ReadMetadata(data)
	if err != nil {
		return Metadata{}, nil, fmt.Errorf("%s: %w", w.Metadata, err)
	}
	return m, nil, rightTenant(w, m)
}

// rightTenant refuses the metadata of another tenant: every sign-in would
// fail, and nothing would say why.
func rightTenant(w *World, m Metadata) error {
	tenant := w.Entra().TenantID
	if tenant == "" && isGUID(w.Spec.Tenant) {
		tenant = w.Spec.Tenant
	}
	if tenant != "" && !strings.Contains(strings.ToLower(m.EntityID), strings.ToLower(tenant)) {
		return fault.Newf(fault.Config, "the metadata of %s is of %s, not of the tenant %s", w.Metadata, m.EntityID, tenant).
			Hint("download it from the application in the right tenant")
	}
	return nil
}
