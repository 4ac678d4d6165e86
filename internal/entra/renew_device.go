package entra

import (
	"context"
	"net/url"
	"strings"

	"github.com/o365aws/o365aws/internal/secret"
)

// DeviceHeader is the header by which Microsoft identifies a device and the account that
// is signed in on it. Microsoft silently ignores an invalid value.
// Source: learn.microsoft.com/openspecs/windows_protocols/ms-oapxbc 2.2.1.1
const DeviceHeader = "x-ms-RefreshTokenCredential"

// DeviceCredential returns the value of DeviceHeader for a request to address,
// with a nonce in its query if Microsoft requires one.
type DeviceCredential func(ctx context.Context, address string) (secret.Text, error)

// deviceAgent is the user agent of a sign-in that no browser started. Conditional Access
// derives the platform from it.
const deviceAgent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 " +
	"(KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

// maxNonces limits how often Microsoft may request a value with a nonce.
const maxNonces = 2

// prove gets the value for all following requests.
func (s *renewing) prove(ctx context.Context, address *url.URL) error {
	value, err := s.Device(ctx, address.String())
	s.proof = value
	return err
}

// challenged handles a redirect that requests a value with a nonce.
func (s *renewing) challenged(ctx context.Context, target *url.URL) error {
	if s.Device == nil || !target.Query().Has("sso_nonce") || !s.takesProof(target) {
		return nil
	}
	if s.nonces++; s.nonces > maxNonces {
		return &RenewalError{Why: "was ignored by Microsoft: it asks for a nonce repeatedly", Ignored: true}
	}
	return s.prove(ctx, target)
}

// takesProof reports whether a request to u carries the value, which is sent only to the
// login host of the cloud, over TLS.
func (s *renewing) takesProof(u *url.URL) bool {
	return u.Scheme == "https" && u.User == nil && strings.EqualFold(u.Host, s.Cloud.LoginHost)
}
