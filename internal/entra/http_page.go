package entra

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

// HTTPPage is a Page without a browser. It parses $Config of Microsoft's pages, reports
// the IDs of the elements that their client script would show, and sends the requests
// that the script would send. It works only while a method is called: Snapshot polls for
// an approval and follows pages that advance on their own. An unknown page ends it with a
// *NeedsBrowser error.
type HTTPPage struct {
	NoBrowser bool // no browser is installed that could continue

	http       *renewing
	preference Preference
	lookedUp   string // user name that Microsoft does not know
	submitted  bool   // whether a form was posted
	documents  int64
	captured   chan secret.Text
	changed    chan struct{}

	document
}

// document is the current page.
type document struct {
	url      *url.URL
	replies  []Reply // to the request of the page, and of its background requests
	config   pageConfig
	view     httpView
	begun    Begun
	verdict  string
	requests int
	answers  int
	failed   bool
	method   string // MFA method in use
	session  string // session of the method
}

// clicks maps selectors to the effects of clicks.
type clicks map[string]func(context.Context) error

// httpView is a view of a page.
type httpView struct {
	id      string // data-viewid
	ids     []string
	detail  string
	number  string // to enter in the app
	choices []Choice
	inputs  []string // selectors of inputs
	typed   map[string]secret.Text
	ticked  bool
	clicks  clicks
	// then is what the page does automatically after it was shown, not before at.
	then func(context.Context) error
	at   time.Time
	seen bool
}

// Reply is a response that a browser gets instead of sending the request again.
type Reply struct {
	Method, URL string // of the request that the browser would send; of polls, without their query
	Status      int
	Header      http.Header
	Body        []byte
}

// NeedsBrowser is the error of a page that plain HTTP cannot answer. A browser
// with the session can continue from Address. It gets Replies instead of sending
// their requests: they may have answered a form or notified a phone.
type NeedsBrowser struct {
	Why     string
	Address string // "" if no browser can continue without sending something again
	Replies []Reply
}

// Error implements error.
func (e *NeedsBrowser) Error() string { return "the sign-in needs a browser: " + e.Why }

// NewHTTPPage returns a sign-in page. Requests go only to the hosts of r and carry the
// headers and cookies of session. Other fields of r are ignored.
func NewHTTPPage(r Renewal, session Session) *HTTPPage {
	session.Cookies = slices.Clone(session.Cookies)
	if session.UserAgent == "" {
		session.UserAgent = deviceAgent
	}
	r.Device = nil
	return &HTTPPage{
		http:     &renewing{Renewal: r, hosts: r.Cloud.SessionHosts(r.LoginHosts), session: session},
		captured: make(chan secret.Text, 1), changed: make(chan struct{}, 1),
	}
}

// Session returns the cookies of the sign-in.
func (p *HTTPPage) Session() Session { return p.http.session }

// Prepare implements Page.
func (p *HTTPPage) Prepare(_ context.Context, preference Preference) error {
	p.preference = preference
	return nil
}

// Navigate implements Page.
func (p *HTTPPage) Navigate(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return errors.New("the address of the sign-in is malformed")
	}
	query := u.Query()
	if p.documents == 0 { // as in a renewal: do not look for a session with a script
		query.Set("sso_reload", "true")
		u.RawQuery = query.Encode()
	}
	return p.load(ctx, step{address: u, from: p.url})
}

// Changed implements Page.
func (p *HTTPPage) Changed() <-chan struct{} { return p.changed }

// Captured implements Page.
func (p *HTTPPage) Captured() <-chan secret.Text { return p.captured }

// Gone implements Page. This page never closes.
func (p *HTTPPage) Gone() <-chan struct{} { return nil }

// Snapshot implements Page.
func (p *HTTPPage) Snapshot(ctx context.Context) (Snapshot, error) {
	if v := &p.view; v.then != nil && v.seen && !p.http.Now().Before(v.at) {
		then := v.then
		v.then = nil
		if err := then(ctx); err != nil {
			return Snapshot{}, err
		}
	}
	p.view.seen = true
	if p.url == nil {
		return Snapshot{}, nil
	}
	c := p.config
	snap := Snapshot{
		URL: p.url.Scheme + "://" + p.url.Host + p.url.Path, Host: strings.ToLower(p.url.Host),
		Secure: p.url.Scheme == "https", Ready: true, PageID: c.PageID, ErrorCode: c.code(),
		ErrorText: c.Exception, IDs: p.view.ids, Number: p.view.number, Choices: p.view.choices, Begun: p.begun,
		Detail: p.view.detail, Account: c.Username, Trace: c.Trace, View: p.view.id, Document: p.documents,
		Answers: p.answers, Requests: p.requests, Failed: p.failed, Verdict: p.verdict,
	}
	if len(p.replies) > 0 {
		snap.Status = p.replies[0].Status
	}
	if snap.ErrorCode == "50058" { // no session yet, as usual on the first page
		snap.ErrorCode = ""
	}
	for _, proof := range c.Proofs {
		snap.Proofs = append(snap.Proofs, Proof{Method: proof.Method, Label: proof.Display, Default: proof.Default})
	}
	if target, err := p.url.Parse(c.URLSkip); err == nil && c.URLSkip != "" && target.Host == p.url.Host {
		snap.Skip = target.String()
	}
	return snap, nil
}

// Fill implements Page.
func (p *HTTPPage) Fill(_ context.Context, selector string, text secret.Text, hosts []string) (bool, error) {
	switch host := strings.ToLower(p.url.Host); {
	case p.url.Scheme != "https":
		return false, &WrongHostError{Host: host, Why: "its connection is not secure"}
	case !slices.Contains(hosts, host):
		return false, &WrongHostError{Host: host, Why: "neither Microsoft's sign-in nor a host that the profile allows"}
	}
	if !slices.Contains(p.view.inputs, selector) {
		return false, nil
	}
	if p.view.typed == nil {
		p.view.typed = map[string]secret.Text{}
	}
	p.view.typed[selector] = text
	return true, nil
}

// Click implements Page.
func (p *HTTPPage) Click(ctx context.Context, selector string, _ int) (bool, error) {
	do := p.view.clicks[selector]
	if do == nil {
		return false, nil
	}
	return true, do(ctx)
}

// show shows a view of the current document.
func (p *HTTPPage) show(v httpView) {
	p.view = v
	p.notify()
}

func (p *HTTPPage) notify() {
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// load requests a page and follows redirects and forms until a page must be answered.
func (p *HTTPPage) load(ctx context.Context, next step) error {
	defer p.notify()
	for range maxHops {
		if p.http.allowed(next.address) != nil {
			p.open(document{url: next.address}) // shown for its host name; it is not requested
			if next.form == nil && p.http.Cloud.isCertAuth(next.address.Host) {
				return &NeedsBrowser{Why: "a certificate for " + next.address.Host, Address: next.address.String()}
			}
			return nil
		}
		response, body, err := p.http.fetch(ctx, next)
		if err != nil {
			return err
		}
		p.http.Log.Debug("sign-in request", "method", response.Request.Method, "host", next.address.Host,
			"path", next.address.Path, "status", response.StatusCode)
		reply := newReply(http.MethodGet, next.address, response, body)
		if response.StatusCode >= 300 && response.StatusCode < 400 && response.Header.Get("Location") != "" {
			if next, err = p.http.redirected(ctx, next, response); err != nil {
				return &NeedsBrowser{Why: "a redirect to an invalid address"}
			}
			continue
		}
		opened := document{url: next.address, replies: []Reply{reply}}
		if config, ok := readConfig(string(body)); ok {
			opened.config = config
			p.open(opened)
			return p.answer(ctx)
		}
		form, ok := hiddenForm(string(body))
		target, err := next.address.Parse(form.action)
		switch {
		case !ok || err != nil:
			p.open(opened)
			return p.openForm(string(body))
		case saml.IsACS(target) && form.values.Get("SAMLResponse") != "":
			p.captured <- secret.New(form.values.Get("SAMLResponse"))
			return nil
		}
		next = step{address: target, form: form.values, from: next.address}
	}
	return &NeedsBrowser{Why: "too many redirects"}
}

// newReply returns a response without the headers that belong to its connection,
// and without cookies, which are in the session.
func newReply(method string, address *url.URL, response *http.Response, body []byte) Reply {
	header := response.Header.Clone()
	for _, name := range strings.Fields("Set-Cookie Content-Encoding Content-Length Transfer-Encoding Connection") {
		header.Del(name)
	}
	target, _, _ := strings.Cut(address.String(), "#")
	return Reply{method, target, response.StatusCode, header, body}
}

// open makes a document the current one.
func (p *HTTPPage) open(d document) { p.documents, p.document = p.documents+1, d }

// needsBrowser returns the error of the current page.
func (p *HTTPPage) needsBrowser(why string) error {
	e := &NeedsBrowser{Why: why + " on " + p.url.Host, Replies: p.replies}
	if len(p.replies) > 0 {
		e.Address = p.replies[0].URL
	}
	return e
}

// record stores a reply of the page for a browser. A second request to a phone
// leaves none: a browser would take the first reply for the second.
func (p *HTTPPage) record(reply Reply) {
	again := slices.IndexFunc(p.replies, func(r Reply) bool { return r.Method == reply.Method && r.URL == reply.URL })
	switch {
	case again >= 0 && strings.HasSuffix(reply.URL, beginAuth):
		p.replies = nil
	case again >= 0:
		p.replies[again] = reply
	case len(p.replies) > 0:
		p.replies = append(p.replies, reply)
	}
}

// submit posts a form to the urlPost of the page. It is never retried.
func (p *HTTPPage) submit(ctx context.Context, values url.Values) error {
	target, err := p.url.Parse(p.config.URLPost)
	if err != nil {
		return p.needsBrowser("a page without an address to post to")
	}
	p.requests++
	p.submitted = true
	return p.load(ctx, step{address: target, form: values, from: p.url})
}

// call sends a background request, as the page would, and decodes the response into
// reply. New tokens in the response replace those of the page. A nil body makes it a GET.
// The request is not retried.
func (p *HTTPPage) call(ctx context.Context, address string, body any, headers map[string]string, reply any) error {
	target, err := p.url.Parse(address)
	if err != nil || address == "" || p.http.allowed(target) != nil {
		return p.needsBrowser("a page without an address for its requests")
	}
	method, data := http.MethodGet, []byte(nil)
	if body != nil {
		method = http.MethodPost
		if data, err = json.Marshal(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, target.String(), bytes.NewReader(data))
	if err != nil {
		return errors.New("the address of a request is malformed")
	}
	p.http.dress(request, step{address: target, from: p.url})
	request.Header.Del("Upgrade-Insecure-Requests")
	for name, value := range map[string]string{
		"Accept": "application/json", "Content-Type": "application/json; charset=UTF-8",
		"Origin": p.url.Scheme + "://" + p.url.Host, "canary": p.config.APICanary,
		"client-request-id": p.config.Trace, "hpgact": p.config.Action.String(), "hpgid": p.config.Number.String(),
		"hpgrequestid": p.config.SessionID,
	} {
		request.Header.Set(name, value)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	if SentByUser(method, target.String()) {
		p.requests++
	}
	response, answer, err := p.http.do(request)
	if err != nil {
		return networkFault(err, target.Host)
	}
	p.answers++
	p.failed = response.StatusCode < 200 || response.StatusCode >= 400
	p.http.Log.Debug("sign-in request", "method", method, "host", target.Host, "path", target.Path,
		"status", response.StatusCode)
	if p.failed {
		return errStatus
	}
	switch { // the tokens in the last reply are those that the server accepts
	case BeginsRequest(target.String()):
		p.record(newReply(method, target, response, answer))
	case !SentByUser(method, target.String()):
		polled := url.URL{Scheme: target.Scheme, Host: target.Host, Path: target.Path} // without its counter
		p.record(newReply(method, &polled, response, answer))
	}
	var tokens struct{ FlowToken, Ctx, APICanary string }
	if json.Unmarshal(answer, &tokens) != nil || json.Unmarshal(answer, reply) != nil {
		return p.needsBrowser("an unreadable reply")
	}
	p.config.renew(tokens.FlowToken, tokens.Ctx, tokens.APICanary)
	if begun, ok := ReadBegun(answer); ok && BeginsRequest(target.String()) {
		p.begun = begun
	}
	if verdict, ok := ReadVerdict(answer); ok && JudgesCode(target.String()) {
		p.verdict = verdict
	}
	return nil
}

// openForm shows the AD FS form.
func (p *HTTPPage) openForm(body string) error {
	form, ok := federatedForm(body)
	if !ok {
		return p.needsBrowser("page without id (HTTP status " + strconv.Itoa(p.replies[0].Status) + ")")
	}
	submit := func(ctx context.Context) error {
		values := form.values
		values.Set(form.user.name, p.view.typed["#"+form.user.id].Reveal())
		values.Set(form.password.name, p.view.typed["#"+form.password.id].Reveal())
		target, err := p.url.Parse(form.action)
		if err != nil {
			return p.needsBrowser("a form without an address")
		}
		p.requests++
		return p.load(ctx, step{address: target, form: values, from: p.url})
	}
	p.config.Exception = form.problem
	p.show(httpView{
		ids:    []string{form.user.id, form.password.id, "type:password"},
		inputs: []string{"#" + form.user.id, "#" + form.password.id},
		clicks: clicks{"#submitButton": submit, "#ContentPlaceHolder1_SubmitButton": submit},
	})
	return nil
}
