package credserver

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if status, why := s.refuse(r); status != 0 {
		s.refused.add(s.log, why, r.RemoteAddr)
		write(w, status, failure{"Forbidden", why})
		return
	}
	creds, err := s.keeper.get(r.Context())
	if err != nil {
		s.log.Warn("cannot renew the credentials of the command", "error", err)
		write(w, http.StatusInternalServerError, failure{"CredentialsUnavailable", err.Error()})
		return
	}
	write(w, http.StatusOK, struct {
		AccessKeyID     string `json:"AccessKeyId"`
		SecretAccessKey string
		Token           string
		Expiration      string
	}{
		creds.AccessKeyID, creds.SecretAccessKey.Reveal(), creds.SessionToken.Reveal(),
		creds.Expires.UTC().Format(time.RFC3339),
	})
}

// failure is an error document in the format that SDKs parse.
type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// browserHeaders lists headers that browsers send and SDKs do not.
var browserHeaders = []string{"Origin", "Referer", "Cookie"}

// refuse returns the reason to refuse a request, or status 0 to accept it. It compares
// the whole Host header, because a page whose name was rebound to 127.0.0.1 sends that
// name.
func (s *Server) refuse(r *http.Request) (status int, why string) {
	if other := s.forwarded.Load(); r.Host != s.host && (other == nil || r.Host != *other) {
		return http.StatusForbidden, "the request is for another host"
	}
	for _, name := range browserHeaders {
		if _, ok := r.Header[name]; ok {
			return http.StatusForbidden, "the request comes from a browser"
		}
	}
	for name := range r.Header {
		if strings.HasPrefix(name, "Sec-") {
			return http.StatusForbidden, "the request comes from a browser"
		}
	}
	switch {
	case r.Method != http.MethodGet:
		return http.StatusMethodNotAllowed, "only GET is allowed"
	case r.URL.Path != path || r.URL.RawQuery != "" || r.URL.IsAbs():
		return http.StatusNotFound, "not found"
	case !s.knows(r.Header.Values("Authorization")):
		return http.StatusUnauthorized, "missing or wrong token"
	}
	return 0, ""
}

// knows reports whether the token is correct, in constant time.
func (s *Server) knows(given []string) bool {
	if len(given) != 1 {
		return false
	}
	got, want := sha256.Sum256([]byte(given[0])), sha256.Sum256([]byte(s.token))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

func write(w http.ResponseWriter, status int, document any) {
	data, err := json.Marshal(document)
	if err != nil { // strings can always be marshaled
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(data) // the client may have disconnected
}
