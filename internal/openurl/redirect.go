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

// AfterFailure is how long after its command has failed a browser may still
// come: explorer.exe, which people name in WSL, always ends with 1, and a
// browser that was not running takes its time.
const AfterFailure = 10 * time.Second

// Redirect leads to an address.
type Redirect struct {
	// Foreign reports requests of other users, as far as that can be known.
	Foreign func(*http.Request) bool

	path string
	to   secret.Text
	used atomic.Bool
}

// NewRedirect returns a lead whose path nobody can guess.
func NewRedirect(to secret.Text, random io.Reader) (*Redirect, error) {
	name := make([]byte, 32)
	if _, err := io.ReadFull(random, name); err != nil {
		return nil, fmt.Errorf("address for the browser: %w", err)
	}
	return &Redirect{path: "/start/" + hex.EncodeToString(name), to: to, Foreign: foreignUser}, nil
}

// Path is where the lead is, on the host that its owner serves.
func (l *Redirect) Path() string { return l.path }

// Used reports whether a browser was led.
func (l *Redirect) Used() bool { return l.used.Load() }

// Answer is what became of a request.
type Answer int

// The answers.
const (
	NotFound    Answer = iota // it is for nothing here, or the lead is used up: nothing was written
	ForeignUser               // it is right, but of another user: nothing was written
	Redirected                // the redirect was written
)

// Follow answers a request whose host is the right one.
func (l *Redirect) Follow(w http.ResponseWriter, r *http.Request) Answer {
	if r.Method != http.MethodGet || subtle.ConstantTimeCompare([]byte(r.URL.Path), []byte(l.path)) != 1 ||
		l.used.Load() {
		return NotFound
	}
	if l.Foreign(r) {
		return ForeignUser
	}
	if !l.used.CompareAndSwap(false, true) {
		return NotFound
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Location", l.to.Reveal())
	w.WriteHeader(http.StatusSeeOther)
	return Redirected
}
