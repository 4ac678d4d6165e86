package aws

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/awsfake"
	"github.com/o365aws/o365aws/internal/fault"
)

const chained = `[default]
role_arn = arn:aws:iam::123456789012:role/x
source_profile = long
[profile long]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = x
`

// unwilling is a server that is silent, slow or without end, as its path says.
// It counts who has asked, and the megabytes that were sent.
func unwilling(t *testing.T, asked, sent *atomic.Int64) *httptest.Server {
	over := make(chan struct{})
	silent := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // or the end of the connection goes unseen
		select {
		case <-r.Context().Done():
		case <-over:
		}
	}
	answers := map[string]http.HandlerFunc{
		"/silent": silent,
		"/slow": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, `{"AccessKeyId":"`)
			_ = http.NewResponseController(w).Flush()
			silent(w, r)
		},
		"/endless": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"AccessKeyId":"`)
			for ; sent.Load() < 1<<10; sent.Add(1) {
				if _, err := w.Write(make([]byte, 1<<20)); err != nil {
					return
				}
			}
		},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		for path, answer := range answers {
			if strings.HasPrefix(r.URL.Path, path) {
				answer(w, r)
			}
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(over) }) // first
	return server
}

// Who never answers, or never ends, is asked once and not waited for, wherever
// the credentials come from, and the proxy holds for all of it.
func TestLimits(t *testing.T) {
	var asked, sent atomic.Int64
	server := unwilling(t, &asked, &sent)
	const moment = 100 * time.Millisecond
	var passed atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		passed.Add(1)
		_, _ = io.WriteString(w, "<html>")
	}))
	defer proxy.Close()
	way := func(*http.Request) (*url.URL, error) { return url.Parse(proxy.URL) }
	for name, row := range map[string]struct {
		container, path string // who gives credentials, "" for STS; what it does
		limits          limits
		proxy           func(*http.Request) (*url.URL, error)
		want            string
		kind            fault.Kind
		asked           int64
	}{
		"AWS is silent":   {"", "/silent", limits{answer: moment}, nil, "timeout awaiting response headers", fault.Auth, 1},
		"AWS without end": {"", "/endless", limits{reply: 1000}, nil, "the response is not from AWS", fault.Network, 1},
		"the container is silent": {"x", "/silent", limits{answer: moment}, nil, "timeout awaiting response " +
			"headers", fault.Auth, 1},
		"the container ends nothing": {"x", "/slow", limits{credentials: moment}, nil, "timed out", fault.Auth, 1},
		"the container without end":  {"x", "/endless", limits{reply: 1000}, nil, "the response is not from AWS", fault.Network, 1},
		"AWS by the proxy":           {"", "/silent", limits{}, way, "the response is not from AWS", fault.Network, 0},
		"the container by the proxy": {"x", "/silent", limits{}, way, "the response is not from AWS", fault.Network, 0},
	} {
		t.Run(name, func(t *testing.T) {
			asked.Store(0)
			sent.Store(0)
			awsfake.Setenv(t, server.URL+row.path)
			t.Setenv("AWS_ENDPOINT_URL_STS", server.URL+row.path) // the SDK enters roles of a profile by this alone
			config := filepath.Join(t.TempDir(), "config")
			t.Setenv("AWS_CONFIG_FILE", config)
			if err := os.WriteFile(config, []byte(chained), 0o600); err != nil {
				t.Fatal(err)
			}
			t.Setenv("AWS_ACCESS_KEY_ID", "")
			if row.container != "" {
				t.Setenv("AWS_CONFIG_FILE", config+"-none")
				t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", server.URL+row.path)
			}
			s := &spec.Spec{Partition: "aws"}
			clients := &Clients{limits: row.limits, Proxy: row.proxy}
			_, err := inAccount{clients: clients, spec: s, account: spec.Account{ID: awsfake.Account}}.enter(t.Context())
			if err == nil || !strings.Contains(err.Error(), row.want) || fault.KindOf(err) != row.kind {
				t.Errorf("%v (%v)", err, fault.KindOf(err))
			}
			if asked.Load() != row.asked || passed.Swap(0) != 1-row.asked || sent.Load() > 64 {
				t.Errorf("asked %d times by the straight way, some %d MB were sent", asked.Load(), sent.Load())
			}
		})
	}
}
