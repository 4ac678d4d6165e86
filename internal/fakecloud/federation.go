package fakecloud

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"
)

// serveFederation emulates the endpoint that signs a browser in to the console. It is
// stricter than that of AWS, which also accepts the keys in the query of a GET.
// Source: docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html
func (c *Cloud) serveFederation(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	switch {
	case r.Method == http.MethodPost && r.PostForm.Get("Action") == "getSigninToken" && r.URL.RawQuery == "":
		c.giveSigninToken(w, r)
	case r.Method == http.MethodGet && r.URL.Query().Get("Action") == "login":
		c.signInToConsole(w, r)
	default:
		http.Error(w, "Invalid request", http.StatusBadRequest)
	}
}

// giveSigninToken returns a token for valid temporary credentials that STS has issued in
// the partition of this site.
func (c *Cloud) giveSigninToken(w http.ResponseWriter, r *http.Request) {
	var given struct{ SessionID, SessionKey, SessionToken string }
	if err := json.Unmarshal([]byte(r.PostForm.Get("Session")), &given); err != nil {
		http.Error(w, "Session is not JSON", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	known, ok := c.sessions[given.SessionID]
	same := subtle.ConstantTimeCompare(
		[]byte(known.secretKey+"\n"+known.token), []byte(given.SessionKey+"\n"+given.SessionToken),
	) == 1
	if !ok || !same || !known.expires.After(c.now()) ||
		strings.Split(known.arn, ":")[1] != partitionOfACS("https://"+hostOnly(r.Host)+"/") {
		http.Error(w, "Invalid credentials", http.StatusBadRequest)
		return
	}
	token := "VCQgs5qZ" + strings.ReplaceAll(uuid.NewString()+uuid.NewString(), "-", "")
	if c.signins == nil {
		c.signins = map[string]string{}
	}
	c.signins[token] = known.arn
	writeJSON(w, http.StatusOK, fields{"SigninToken": token})
}

// signInToConsole uses up a token and redirects the browser to the console.
func (c *Cloud) signInToConsole(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	destination, err := url.Parse(query.Get("Destination"))
	c.mu.Lock()
	arn, ok := c.signins[query.Get("SigninToken")]
	delete(c.signins, query.Get("SigninToken"))
	c.mu.Unlock()
	signin, _, _ := strings.Cut(hostOnly(r.Host), ".")
	console := strings.Replace(hostOnly(r.Host), signin+".", "console.", 1)
	if err != nil || !ok || destination.Scheme != "https" || destination.Host != console {
		http.Error(w, "Invalid token or destination", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	c.consoles = append(c.consoles, arn+" "+destination.String())
	c.mu.Unlock()
	w.Header().Set("Content-Type", "text/plain")
	_, _ = w.Write([]byte("signed in to the console as " + arn + "\n" + destination.String() + "\n"))
}

// Consoles returns the role session and destination of each console sign-in.
func (c *Cloud) Consoles() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.consoles...)
}
