package loopback

import (
	"context"
	"encoding/base64"
	"errors"
	"mime"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/openurl"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/termtext"
)

const (
	// signInLimit is the time that the user has to sign in.
	signInLimit = 10 * time.Minute
	// closeLimit is the time limit for sending the last page.
	closeLimit = 5 * time.Second
	// maxForm is the maximum size of a posted form in bytes. STS accepts assertions of
	// 100,000 characters, and escaping may triple their length.
	maxForm = 1 << 20
)

// Await waits for the response to the request with the given ID. read validates a
// response. The first response with that ID, issued for this listener, is final, whether
// it is valid or not; all other requests are refused. Errors come from read or the
// context, or are faults.
func (l *Listener) Await(
	ctx context.Context, requestID string, read func(secret.Text) (saml.Response, error),
) (saml.Response, error) {
	h := &handler{Listener: l, id: requestID, read: read, done: make(chan outcome, 1)}
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		MaxHeaderBytes: 64 << 10,
	}
	server.SetKeepAlivesEnabled(false)
	var serving sync.WaitGroup
	failed := make(chan error, len(l.sockets))
	for _, socket := range l.sockets {
		serving.Go(func() {
			if err := server.Serve(socket); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
				failed <- err
			}
		})
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeLimit)
		defer cancel()
		_ = server.Shutdown(closing) // sends the page that ends the sign-in
		_ = server.Close()
		serving.Wait()
	}()
	timer := time.NewTimer(signInLimit)
	defer timer.Stop()
	select {
	case o := <-h.done:
		return o.response, o.err
	case err := <-failed:
		return saml.Response{}, fault.Wrap(fault.Network, err, "cannot listen at "+l.reply)
	case <-timer.C:
		return saml.Response{}, fault.New(
			fault.Auth, "the sign-in in the browser was not completed", "run the command again",
		)
	case <-ctx.Done():
		return saml.Response{}, ctx.Err()
	}
}

type outcome struct {
	response saml.Response
	err      error
}

// handler serves the reply URL. Any page that the user has open can post to it, and so
// can every program and user of this machine.
type handler struct {
	*Listener
	id   string
	read func(secret.Text) (saml.Response, error)
	done chan outcome

	mu   sync.Mutex
	over bool
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.ToLower(r.Host) != h.host:
		// A foreign name can resolve to this machine (DNS rebinding).
		refuse(w, http.StatusMisdirectedRequest, "This address is not for "+termtext.Printable(r.Host, 100)+".")
	case h.leads(w, r):
	case r.URL.EscapedPath() != h.path || r.URL.RawQuery != "":
		refuse(w, http.StatusNotFound, "Nothing here. Continue the sign-in at Microsoft.")
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		refuse(w, http.StatusMethodNotAllowed, "This address receives the reply of Microsoft's sign-in.")
	default:
		h.receive(w, r)
	}
}

// leads serves the redirect and reports whether the request was for it.
func (h *handler) leads(w http.ResponseWriter, r *http.Request) bool {
	if h.lead == nil {
		return false
	}
	switch h.lead.Follow(w, r) {
	case openurl.Redirected:
		return true
	case openurl.ForeignUser:
		refuse(
			w,
			http.StatusForbidden,
			"This browser runs as a different user of this machine than o365aws, which serves only its own user. "+
				"Open the Microsoft address that o365aws shows in the terminal.",
		)
		return true
	}
	return false
}

func (h *handler) receive(w http.ResponseWriter, r *http.Request) {
	assertion, ok := form(w, r)
	switch {
	case !ok:
		refuse(w, http.StatusBadRequest, "This is not a reply of Microsoft's sign-in.")
	case !hasID(assertion, h.id):
		// A foreign assertion would sign the user in to another account.
		refuse(
			w, http.StatusForbidden,
			"This reply belongs to another sign-in. o365aws rejected it and still waits for its own.",
		)
	default:
		h.accept(w, assertion)
	}
}

// accept ends the sign-in with a response, unless it has already ended or the response
// was issued for another listener.
func (h *handler) accept(w http.ResponseWriter, assertion secret.Text) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over {
		refuse(w, http.StatusConflict, "This sign-in has already ended.")
		return
	}
	response, err := h.read(assertion)
	if err == nil && response.Recipient != h.reply {
		refuse(
			w, http.StatusForbidden, "This reply was issued for "+termtext.Printable(response.Recipient, 200)+", not for "+
				h.reply+". o365aws rejected it and still waits for its own. "+
				"Check o365aws_reply_url and the application's Reply URLs.",
		)
		return
	}
	h.over = true
	end(w, response, err)
	h.done <- outcome{response, err}
}

// form returns the SAML response in a form of the HTTP POST binding.
func form(w http.ResponseWriter, r *http.Request) (secret.Text, bool) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return secret.Text{}, false
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil || len(r.PostForm["SAMLResponse"]) != 1 {
		return secret.Text{}, false
	}
	return secret.New(r.PostForm.Get("SAMLResponse")), true
}

// hasID reports whether a response contains the ID of the request: 128 random
// bits that only this program and Microsoft know.
func hasID(response secret.Text, id string) bool {
	clean := strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "").Replace(response.Reveal())
	data, err := base64.StdEncoding.DecodeString(clean)
	return err == nil && id != "" && strings.Contains(string(data), id)
}
