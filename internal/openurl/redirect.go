package openurl

import (
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/o365aws/o365aws/internal/secret"
)

// AfterFailure is how long a browser may still request the address after its command has
// failed: explorer.exe, a common BROWSER in WSL, always exits with 1, and a browser that
// was not running takes time to start.
const AfterFailure = 10 * time.Second

// Redirect redirects one browser to an address.
type Redirect struct {
	// Foreign reports whether a request comes from another user, if that is known.
	Foreign func(*http.Request) bool

	path string
	to   secret.Text
	used atomic.Bool
}

// NewRedirect returns a Redirect with a random path.
func NewRedirect(to secret.Text, random io.Reader) (*Redirect, error) {
	name := make([]byte, 32)
	if _, err := io.ReadFull(random, name); err != nil {
		return nil, fmt.Errorf("address for the browser: %w", err)
	}
	return &Redirect{path: "/start/" + hex.EncodeToString(name), to: to, Foreign: foreignUser}, nil
}

// Path returns the path of the redirect on the host of its server.
func (r *Redirect) Path() string { return r.path }

// Used reports whether the redirect has been used.
func (r *Redirect) Used() bool { return r.used.Load() }

// Answer is the result of a request.
type Answer int

// Values of Answer.
const (
	NotFound    Answer = iota // wrong path or already used; nothing was written
	ForeignUser               // right path, wrong user; nothing was written
	Redirected                // the redirect was written
)

// Follow responds to a request. The caller has checked its host.
func (r *Redirect) Follow(w http.ResponseWriter, q *http.Request) Answer {
	if q.Method != http.MethodGet || subtle.ConstantTimeCompare([]byte(q.URL.Path), []byte(r.path)) != 1 ||
		r.used.Load() {
		return NotFound
	}
	if r.Foreign(q) {
		return ForeignUser
	}
	if !r.used.CompareAndSwap(false, true) {
		return NotFound
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Location", r.to.Reveal())
	w.WriteHeader(http.StatusSeeOther)
	return Redirected
}
