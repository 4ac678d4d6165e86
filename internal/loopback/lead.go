package loopback

import (
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
)

// lead is an address on this machine that leads once to another one.
type lead struct {
	path string // "" for none
	to   string
	used atomic.Bool
}

// Lead returns an address of the listener that leads a browser to another
// one, once. That one names the person and our request, and the arguments of
// a browser are read by every user of the machine, who get nothing here.
func (l *Listener) Lead(to string, random io.Reader) (string, error) {
	name := make([]byte, 16)
	if _, err := io.ReadFull(random, name); err != nil {
		return "", fmt.Errorf("address for the browser: %w", err)
	}
	l.lead.path, l.lead.to = "/start/"+hex.EncodeToString(name), to
	return "http://" + l.host + l.lead.path, nil
}

// follow answers the request for a lead, and reports whether it was one.
func (l *Listener) follow(w http.ResponseWriter, r *http.Request) bool {
	right := l.lead.path != "" && r.Method == http.MethodGet && subtle.ConstantTimeCompare([]byte(r.URL.Path), []byte(l.lead.path)) == 1
	if !right || l.stranger(r) || !l.lead.used.CompareAndSwap(false, true) {
		return false
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Location", l.lead.to)
	w.WriteHeader(http.StatusSeeOther)
	return true
}
