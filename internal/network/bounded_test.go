package network

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
)

// A response of the maximum size is read completely, in any number of parts, and a longer
// one causes an error.
func TestBounded(t *testing.T) {
	for text, whole := range map[string]bool{"": true, "12345": true, "12345678": true, "123456789": false, "1234567890123": false} {
		for name, as := range map[string]func(io.Reader) io.Reader{"at once": func(r io.Reader) io.Reader { return r }, "byte by byte": iotest.OneByteReader, "with its end": iotest.DataErrReader} {
			t.Run(text+" "+name, func(t *testing.T) {
				r, err := http.NewRequest(http.MethodGet, "https://iam.amazonaws.com/", nil)
				if err != nil {
					t.Fatal(err)
				}
				response, err := BoundedTransport(answers(func(*http.Request) (*http.Response, error) {
					return &http.Response{Body: io.NopCloser(as(strings.NewReader(text)))}, nil
				}), 8).RoundTrip(r)
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(response.Body)
				if whole && (err != nil || string(got) != text) {
					t.Errorf("got %q, %v", got, err)
				}
				if !whole &&
					(err == nil || string(got) != text[:8] || !strings.Contains(err.Error(), "iam.amazonaws.com replied with more than 8 bytes")) {
					t.Errorf("got %q, %v", got, err)
				}
				if n, err := response.Body.Read(make([]byte, 4)); n > 0 || err == nil {
					t.Errorf("after the end: got %d bytes, %v", n, err)
				}
				if err := response.Body.Close(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
