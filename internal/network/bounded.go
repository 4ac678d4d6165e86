package network

import (
	"fmt"
	"io"
	"net/http"
)

// BoundedTransport returns a transport that returns an error for responses of more than
// most bytes.
func BoundedTransport(next http.RoundTripper, most int64) http.RoundTripper {
	return whole{bounded{next, most}}
}

type bounded struct {
	next http.RoundTripper
	most int64
}

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.next.RoundTrip(r)
	if err == nil {
		BoundBody(response, r.URL.Host, b.most)
	}
	return response, err
}

// BoundBody makes reading a response of more than most bytes fail.
func BoundBody(response *http.Response, host string, most int64) {
	response.Body = &body{response.Body, most, fmt.Errorf("%s replied with more than %d bytes", host, most)}
}

// body is a response body of which at most left bytes remain.
type body struct {
	io.ReadCloser
	left    int64
	tooLong error
}

// Read implements io.Reader. A response of exactly the maximum size is accepted.
func (b *body) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if int64(n) > b.left {
		n, err = int(b.left), b.tooLong
	}
	b.left -= int64(n)
	return n, err
}
