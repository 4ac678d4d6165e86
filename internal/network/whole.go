package network

import (
	"bytes"
	"errors"
	"io"
	"net/http"
)

// whole sends the body of a request in one piece. The SDK closes the body as soon as it
// has a response. On a busy machine, this may happen before net/http has seen the end of
// the body; net/http then closes the connection, the response is lost, and the SDK
// repeats the request.
type whole struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t whole) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return t.next.RoundTrip(r)
	}
	data, err := io.ReadAll(r.Body) // a form of a few kilobytes
	if err := errors.Join(err, r.Body.Close()); err != nil {
		return nil, err
	}
	own := r.Clone(r.Context())
	own.ContentLength = int64(len(data))
	own.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	own.Body, _ = own.GetBody() // as above
	return t.next.RoundTrip(own)
}
