package loopback

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

const leadsTo = "https://login.example/saml2?SAMLRequest=x"

const requestID = "id0123456789abcdef0123456789abcdef"

// waiting is a listener with a pending Await.
type waiting struct {
	reply  string
	lead   string // address that redirects to leadsTo
	result chan error
	cancel context.CancelFunc
	read   int // number of responses read
}

// await starts a listener on a free port and waits for a response.
func await(t *testing.T) *waiting {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &waiting{
		reply: fmt.Sprintf("http://localhost:%d/saml", free.Addr().(*net.TCPAddr).Port), result: make(chan error, 1),
	}
	_ = free.Close()
	l, err := Listen(w.reply)
	if err != nil {
		t.Fatal(err)
	}
	if w.lead, err = l.Lead(leadsTo, rand.Reader); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	w.cancel = cancel
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, err := l.Await(ctx, requestID, func(raw secret.Text) (saml.Response, error) {
			w.read++
			text, _ := base64.StdEncoding.DecodeString(raw.Reveal())
			switch {
			case strings.Contains(string(text), "elsewhere"):
				return saml.Response{Recipient: "http://localhost:1/saml"}, nil
			case strings.Contains(string(text), "bad"):
				return saml.Response{}, fault.New(fault.Auth, "Microsoft says <no>", "ask & see")
			}
			return saml.Response{Recipient: w.reply, SessionName: "ada@contoso.example"}, nil
		})
		w.result <- err
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return w
}

func answer(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// request posts a form as a browser would, after applying change.
func (w *waiting) request(t *testing.T, form url.Values, change func(*http.Request)) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.reply, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if change != nil {
		change(r)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
		"X-Content-Type-Options": "nosniff", "Content-Type": "text/html",
	} {
		if !strings.HasPrefix(response.Header.Get(name), want) {
			t.Errorf("headers %v", response.Header)
		}
	}
	return response.StatusCode, string(body)
}

// The address returned by Lead redirects to the sign-in once.
func TestLead(t *testing.T) {
	lead := await(t).lead
	if !strings.HasPrefix(lead, "http://localhost:") || strings.Contains(lead, "SAMLRequest") {
		t.Errorf("the address is %s", lead)
	}
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	for _, c := range []struct {
		name, address string
		status        int
		to            string
	}{
		{"shortened", lead[:len(lead)-1], http.StatusNotFound, ""},
		{"first use", lead, http.StatusSeeOther, leadsTo},
		{"second use", lead, http.StatusNotFound, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			response, err := client.Get(c.address)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if to := response.Header.Get("Location"); response.StatusCode != c.status || to != c.to {
				t.Errorf("got status %d, location %q; want %d, %q", response.StatusCode, to, c.status, c.to)
			}
		})
	}
}

func good() url.Values { return url.Values{"SAMLResponse": {answer("good " + requestID)}} }

func (w *waiting) ends(t *testing.T) error {
	t.Helper()
	select {
	case err := <-w.result:
		return err
	case <-time.After(20 * time.Second):
		t.Fatal("the listener is still waiting")
		return nil
	}
}

// Everything but the reply to the request is refused unread, and the listener continues
// to wait.
func TestRefusesOtherRequests(t *testing.T) {
	w := await(t)
	for name, c := range map[string]struct {
		form   url.Values
		change func(*http.Request)
		status int
	}{
		"another host":     {good(), func(r *http.Request) { r.Host = "evil.example" }, http.StatusMisdirectedRequest},
		"another port":     {good(), func(r *http.Request) { r.Host = "localhost:1" }, http.StatusMisdirectedRequest},
		"host by number":   {good(), func(r *http.Request) { r.Host = strings.Replace(r.URL.Host, "localhost", "127.0.0.1", 1) }, http.StatusMisdirectedRequest},
		"another path":     {good(), func(r *http.Request) { r.URL.Path = "/saml/" }, http.StatusNotFound},
		"a path in escape": {good(), func(r *http.Request) { r.URL.RawPath, r.URL.Path = "/%73aml", "/saml" }, http.StatusNotFound},
		"a query":          {good(), func(r *http.Request) { r.URL.RawQuery = "x=1" }, http.StatusNotFound},
		"get":              {good(), func(r *http.Request) { r.Method = http.MethodGet }, http.StatusMethodNotAllowed},
		"another request":  {url.Values{"SAMLResponse": {answer("good idfedcba9876543210")}}, nil, http.StatusForbidden},
		"the ID in clear":  {url.Values{"SAMLResponse": {requestID}}, nil, http.StatusForbidden},
		"no response":      {url.Values{"x": {"y"}}, nil, http.StatusBadRequest},
		"two responses":    {url.Values{"SAMLResponse": {answer(requestID), answer(requestID)}}, nil, http.StatusBadRequest},
		"as JSON":          {good(), func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }, http.StatusBadRequest},
		"in the query":     {url.Values{}, func(r *http.Request) { r.URL.RawQuery = good().Encode() }, http.StatusNotFound},
		"too long":         {url.Values{"SAMLResponse": {answer(requestID + strings.Repeat("x", maxForm))}}, nil, http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := w.request(t, c.form, c.change)
			if status != c.status || !strings.Contains(body, `id="refused"`) {
				t.Errorf("got status %d, want %d:\n%s", status, c.status, body)
			}
		})
	}
	if w.read > 0 {
		t.Errorf("got %d responses read, want 0", w.read)
	}
	spaced := answer("good " + requestID)
	spaced = spaced[:8] + "\r\n" + spaced[8:16] + " \t" + spaced[16:]
	status, body := w.request(t, url.Values{"SAMLResponse": {spaced}}, nil)
	if err := w.ends(t); err != nil || status != http.StatusOK || !strings.Contains(body, "ada@contoso.example") {
		t.Errorf("the right response: got %v, status %d\n%s", err, status, body)
	}
}

// A response issued for another recipient is refused with an error page, and the listener
// continues to wait.
func TestOtherRecipient(t *testing.T) {
	w := await(t)
	status, body := w.request(t, url.Values{"SAMLResponse": {answer("elsewhere " + requestID)}}, nil)
	if status != http.StatusForbidden || !strings.Contains(body, "was issued for http://localhost:1/saml") ||
		!strings.Contains(body, `id="refused"`) {
		t.Errorf("got status %d, want %d:\n%s", status, http.StatusForbidden, body)
	}
	if status, body = w.request(t, good(), nil); status != http.StatusOK || !strings.Contains(body, `id="done"`) {
		t.Errorf("the right response: got status %d, want %d:\n%s", status, http.StatusOK, body)
	}
	if err := w.ends(t); err != nil {
		t.Error(err)
	}
}

// An invalid reply to the request ends the sign-in, and the page shows the escaped
// reason.
func TestFailureShowsOnThePage(t *testing.T) {
	for text, want := range map[string]string{"bad ": "Microsoft says &lt;no&gt;", "bad": "ask &amp; see"} {
		t.Run(want, func(t *testing.T) {
			w := await(t)
			_, body := w.request(t, url.Values{"SAMLResponse": {answer(text + requestID)}}, nil)
			err := w.ends(t)
			if err == nil || !strings.Contains(body, want) || !strings.Contains(body, `id="failed"`) {
				t.Errorf("got %v, want %q on the page:\n%s", err, want, body)
			}
		})
	}
}

// The listener accepts connections on loopback addresses only.
func TestListensOnlyOnLoopback(t *testing.T) {
	w := await(t)
	u, _ := url.Parse(w.reply)
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		ip, _, err := net.ParseCIDR(a.String())
		if err != nil || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
			continue
		}
		if conn, err := net.DialTimeout("tcp", net.JoinHostPort(ip.String(), u.Port()), 2*time.Second); err == nil {
			_ = conn.Close()
			t.Errorf("reached at %s", ip)
		}
	}
}

// A port that another program uses, on any address, is an error with a hint.
func TestPortInUse(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0", ":0"} {
		t.Run(address, func(t *testing.T) {
			other, err := net.Listen("tcp", address)
			if err != nil && address == "[::1]:0" {
				t.Skip("no IPv6")
			}
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = other.Close() }()
			l, err := Listen(fmt.Sprintf("http://localhost:%d/saml", other.Addr().(*net.TCPAddr).Port))
			if err == nil {
				l.Close()
			}
			if fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), "in use") {
				t.Errorf("got %v, want a port in use", err)
			}
		})
	}
}

// Only a plain URL of this machine is accepted as a reply URL.
func TestReplyURL(t *testing.T) {
	for _, reply := range []string{
		"", "https://localhost:8365/saml", "http://localhost.evil.example:8365/saml", "http://0.0.0.0:8365/saml",
		"http://192.0.2.1:8365/saml", "http://user@localhost:8365/saml", "http://localhost:8365/saml?x", "http://localhost:8365/saml#x", "localhost:8365",
	} {
		t.Run(reply, func(t *testing.T) {
			l, err := Listen(reply)
			if err == nil {
				l.Close()
			}
			if fault.KindOf(err) != fault.Config {
				t.Errorf("got %v, want a configuration error", err)
			}
		})
	}
}

// An interrupted wait ends immediately and releases the port.
func TestInterrupted(t *testing.T) {
	w := await(t)
	w.cancel()
	if err := w.ends(t); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	l, err := Listen(w.reply)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}

// The first of two replies with the ID is final.
func TestFirstReplyIsFinal(t *testing.T) {
	read := 0
	h := &handler{
		Listener: &Listener{host: "localhost:1", path: "/saml", reply: "http://localhost:1/saml"},
		id:       requestID, done: make(chan outcome, 2),
	}
	h.read = func(secret.Text) (saml.Response, error) {
		read++
		return saml.Response{Recipient: h.reply}, nil
	}
	for _, want := range []int{http.StatusOK, http.StatusConflict} {
		r, got := httptest.NewRequest(
			http.MethodPost, h.reply, strings.NewReader(good().Encode()),
		), httptest.NewRecorder()
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if h.ServeHTTP(got, r); got.Code != want || read != 1 || len(h.done) != 1 {
			t.Errorf("status %d, not %d; read %d times", got.Code, want, read)
		}
	}
}

// Each name of this machine uses only its own address, and a browser requests / if the
// URL has no path.
func TestHostsOfThisMachine(t *testing.T) {
	for host, want := range map[string]string{"127.0.0.1": "127.0.0.1", "[::1]": "::1", "LOCALHOST": "127.0.0.1"} {
		t.Run(host, func(t *testing.T) {
			free, err := net.Listen("tcp", net.JoinHostPort(want, "0"))
			if err != nil && want == "::1" {
				t.Skip("no IPv6")
			}
			if err != nil {
				t.Fatal(err)
			}
			port := free.Addr().(*net.TCPAddr).Port
			_ = free.Close()
			l, err := Listen(fmt.Sprintf("http://%s:%d", host, port))
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			at := l.sockets[0].Addr().(*net.TCPAddr)
			if at.IP.String() != want || host != "LOCALHOST" && len(l.sockets) != 1 ||
				l.host != fmt.Sprintf("%s:%d", strings.ToLower(host), port) || l.path != "/" {
				t.Errorf("got %d sockets, at %v for %s%s; want %s", len(l.sockets), at, l.host, l.path, want)
			}
		})
	}
}

// Another user, who finds the address in the process list and connects first, is refused;
// the user's browser is still redirected.
func TestLeadRefusesOtherUsers(t *testing.T) {
	others := true
	l := &Listener{host: "localhost:1", path: "/saml"}
	address, err := l.Lead(leadsTo, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	l.lead.Foreign = func(*http.Request) bool { return others }
	h := &handler{Listener: l, id: requestID, done: make(chan outcome, 1)}
	for _, want := range []int{http.StatusForbidden, http.StatusSeeOther} {
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, address, nil))
		if answer.Code != want || (answer.Header().Get("Location") == leadsTo) != (want == http.StatusSeeOther) {
			t.Errorf("status %d, not %d", answer.Code, want)
		}
		if l.Led() != (want == http.StatusSeeOther) {
			t.Errorf("after a status %d, led: %v", want, l.Led())
		}
		if want == http.StatusForbidden && !strings.Contains(answer.Body.String(), "as a different user") {
			t.Errorf("it says %s", answer.Body)
		}
		others = false
	}
}
