package graph

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The size of a token response is limited: the library reads all of it.
func TestEndlessToken(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for chunk := bytes.Repeat([]byte("A"), 1<<20); ; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	for _, client := range []*http.Client{nil, server.Client()} {
		request, err := http.NewRequestWithContext(
			t.Context(), http.MethodPost, server.URL, strings.NewReader("grant_type=client_credentials"),
		)
		if err != nil {
			t.Fatal(err)
		}
		response, err := clientOptions(SignInOptions{HTTP: client}).Transport.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(response.Body)
		if err == nil || len(data) != maxToken {
			t.Errorf("%d bytes were read, %v", len(data), err)
		}
		_ = response.Body.Close()
	}
}
