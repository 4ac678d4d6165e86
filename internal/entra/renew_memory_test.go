package entra_test

import (
	"bytes"
	"io"
	"net/http"
)

// roundTrip is an http.RoundTripper without a network.
type roundTrip func(*http.Request) *http.Response

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

// memory is a ResponseWriter that stores the response of a roundTrip.
type memory struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (m *memory) Header() http.Header         { return m.header }
func (m *memory) Write(p []byte) (int, error) { return m.body.Write(p) }
func (m *memory) WriteHeader(status int)      { m.status = status }

func (m *memory) response(r *http.Request) *http.Response {
	return &http.Response{StatusCode: m.status, Header: m.header, Body: io.NopCloser(&m.body), Request: r}
}

func write(w http.ResponseWriter, page string) { _, _ = io.WriteString(w, page) }
