package network

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

type answers func(*http.Request) (*http.Response, error)

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) { return a(r) }

// net/http can still write the body after the SDK has closed it.
func TestBodyIsBuffered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "form")
	if err := os.WriteFile(path, []byte("Action=AssumeRoleWithSAML"), 0o600); err != nil {
		t.Fatal(err)
	}
	body, err := os.Open(path) // a file cannot be read after it was closed
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, "https://sts.amazonaws.com/", body)
	if err != nil {
		t.Fatal(err)
	}
	var written io.Reader
	response, err := whole{answers(func(r *http.Request) (*http.Response, error) {
		written = io.LimitReader(r.Body, r.ContentLength)
		return &http.Response{Body: http.NoBody}, nil
	})}.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = body.Close(), response.Body.Close()
	if data, err := io.ReadAll(written); err != nil || string(data) != "Action=AssumeRoleWithSAML" {
		t.Errorf("%q, %v", data, err)
	}
}

// A request without a body is not sent with an unknown length.
func TestNoBody(t *testing.T) {
	r, err := http.NewRequest(http.MethodPost, "https://sts.amazonaws.com/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (whole{answers(func(r *http.Request) (*http.Response, error) {
		if r.Body != http.NoBody {
			t.Errorf("%T", r.Body)
		}
		return &http.Response{Body: http.NoBody}, nil
	})}).RoundTrip(r); err != nil {
		t.Fatal(err)
	}
}
