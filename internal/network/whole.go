package network

import (
	"bytes"
	"errors"
	"io"
	"net/http"
)

// whole hands the body of a request over in one piece. The SDK closes its body
// as soon as there is an answer. On a busy machine that is before net/http has
// looked whether more of it comes; net/http then takes the connection down,
// the answer is lost, and the SDK asks again for what it was given.
type whole struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t whole) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return t.next.RoundTrip(r)
	}
	data, err := io.ReadAll(r.Body) // a form, of a few kilobytes
	if err := errors.Join(err, r.Body.Close()); err != nil {
		return nil, err
	}
	own := r.Clone(r.Context())
	own.ContentLength = int64(len(data))
	own.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	own.Body, _ = own.GetBody() // as above
	return t.next.RoundTrip(own)
}
