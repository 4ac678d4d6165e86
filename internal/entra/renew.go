package entra

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

var errUnreadableSession = errors.New("the saved session cannot be read")

// Renewal signs in with a saved session over plain HTTP. It follows what a browser would
// do automatically, answers "Stay signed in?", selects the user's tile, and stops at any
// other page that requires an answer.
type Renewal struct {
	Cloud      Cloud
	LoginHosts []string // additional hosts that the sign-in may pass
	Username   string   // "" accepts any signed-in user
	Remember   bool     // answer "Stay signed in?" with yes
	Client     *http.Client
	Log        *slog.Logger
	Now        func() time.Time

	// Device authenticates the device in addition to the cookies of the session. It may
	// be nil.
	Device DeviceCredential
}

// RenewalError explains why a session or a device did not yield an assertion.
type RenewalError struct {
	Why     string // completes "the saved session ..."
	Device  bool   // the device signed in
	Ignored bool   // Microsoft ignored the device's credential
	Dead    bool   // Microsoft no longer accepts the session
	Browser bool   // a browser with the same cookies may succeed
}

func (e *RenewalError) Error() string {
	if e.Device {
		return "the sign-in of this device " + e.Why
	}
	return "the saved session " + e.Why
}

// csrfSpeedbump is the code of a confirmation that a federated sign-in may require.
// Source: AADSTS399218 in Microsoft's supportability wiki.
const csrfSpeedbump = "399218"

const (
	maxHops  = 14 // a real sign-in needs one to four
	maxPulls = 2  // reloads of a session pull
)

// renewing is a renewal in progress.
type renewing struct {
	Renewal
	hosts     []string
	session   Session
	pulls     int
	proof     secret.Text // provided by the device
	nonces    int         // number that Microsoft requested for the proof
	assertion secret.Text
}

// Run loads startURL with the cookies of session and returns the assertion and the
// updated session, also with an error. Errors are *RenewalError, faults of kind Network
// or Auth, or those of the context.
func (r Renewal) Run(ctx context.Context, session Session, startURL string) (secret.Text, Session, error) {
	s := &renewing{Renewal: r, hosts: r.Cloud.SessionHosts(r.LoginHosts), session: session}
	s.session.Cookies = slices.Clone(session.Cookies)
	next, err := s.first(ctx, startURL)
	for hop := 0; err == nil && s.assertion.IsZero(); hop++ {
		if hop >= maxHops {
			err = &RenewalError{Why: "was redirected without end", Browser: true}
			break
		}
		next, err = s.hop(ctx, next)
	}
	var lapsed *RenewalError
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case r.Device != nil && errors.As(err, &lapsed):
		ofDevice := *lapsed
		ofDevice.Device = true
		err = &ofDevice
	}
	return s.assertion, s.session, err
}

// step is a request to make.
type step struct {
	address *url.URL
	form    url.Values // nil for a GET
	from    *url.URL   // the referring page
}

// first returns the first step. Without a device, it tells Microsoft not to look for
// another session first, which would require a script.
func (s *renewing) first(ctx context.Context, address string) (step, error) {
	u, err := url.Parse(address)
	if err != nil {
		return step{}, errors.New("the address of the sign-in is malformed")
	}
	if s.Device != nil {
		s.session.UserAgent = cmp.Or(s.session.UserAgent, deviceAgent)
		return step{address: u}, s.prove(ctx, u)
	}
	query := u.Query()
	query.Set("sso_reload", "true")
	u.RawQuery = query.Encode()
	return step{address: u}, nil
}

// hop makes one request and returns the next step. The assertion ends the renewal.
func (s *renewing) hop(ctx context.Context, now step) (step, error) {
	if err := s.allowed(now.address); err != nil {
		return step{}, err
	}
	response, body, err := s.fetch(ctx, now)
	if err != nil {
		return step{}, err
	}
	s.Log.Debug(
		"renewal", "method", response.Request.Method, "host", now.address.Host, "path", now.address.Path, "status",
		response.StatusCode,
	)
	switch code := response.StatusCode; {
	case code >= 300 && code < 400:
		return s.redirected(ctx, now, response)
	case code != http.StatusOK:
		return step{}, &RenewalError{Why: "met HTTP status " + http.StatusText(code), Browser: true}
	}
	return s.answer(now.address, string(body))
}

// allowed returns an error for a URL to which the cookies of a session must not be sent.
func (s *renewing) allowed(u *url.URL) error {
	if u.Scheme == "https" && u.User == nil && slices.Contains(s.hosts, strings.ToLower(u.Host)) {
		return nil
	}
	return &RenewalError{
		Why: "was led to " + termtext.Printable(u.Host, 100) + ", which is not allowed", Browser: false,
	}
}

func (s *renewing) redirected(ctx context.Context, now step, response *http.Response) (step, error) {
	target, err := now.address.Parse(response.Header.Get("Location"))
	if err != nil || response.Header.Get("Location") == "" {
		return step{}, &RenewalError{Why: "met a redirect to nowhere", Browser: true}
	}
	next := step{address: target, from: now.address}
	if code := response.StatusCode; code == http.StatusTemporaryRedirect || code == http.StatusPermanentRedirect {
		next.form = now.form
	}
	return next, s.challenged(ctx, target)
}

// answer does what the script of a page, or the user, would do.
func (s *renewing) answer(at *url.URL, body string) (step, error) {
	if config, ok := readConfig(body); ok {
		return s.answerPage(at, config)
	}
	form, ok := hiddenForm(body)
	if !ok {
		return step{}, &RenewalError{Why: "led to an unnamed page on " + at.Host, Browser: true}
	}
	target, err := at.Parse(form.action)
	if err != nil {
		return step{}, &RenewalError{Why: "met a form without an address", Browser: true}
	}
	if saml.IsACS(target) {
		s.assertion = secret.New(form.values.Get("SAMLResponse"))
		if s.assertion.IsZero() {
			return step{}, &RenewalError{Why: "was answered without an assertion", Browser: true}
		}
		return step{}, nil
	}
	return step{address: target, form: form.values, from: at}, nil
}

// answerPage answers a Microsoft page according to its ID.
func (s *renewing) answerPage(at *url.URL, c pageConfig) (step, error) {
	s.Log.Debug("renewal", "page", c.PageID, "code", c.code())
	post := func(values url.Values) (step, error) {
		target, err := at.Parse(c.URLPost)
		if err != nil || c.URLPost == "" {
			return step{}, unknownRenewal(c, at)
		}
		return step{address: target, form: values, from: at}, nil
	}
	switch c.PageID {
	case pageSessionPull:
		if s.pulls++; s.pulls > maxPulls {
			return step{}, &RenewalError{Why: "was requested repeatedly", Browser: true}
		}
		return post(c.posted())
	case pageKeepSignedIn:
		return post(c.keepSignedIn(s.Remember))
	case pageConfirmApp: // this program started the sign-in
		return post(c.confirmApp())
	case pageSignIn:
		return s.pickTile(at, c)
	case pageTFA:
		return step{}, &RenewalError{
			Why: "now requires multifactor authentication, by a policy of your organization",
		}
	case pageProofUp:
		if target, err := at.Parse(c.URLSkip); err == nil && c.URLSkip != "" {
			return step{address: target, from: at}, nil
		}
		return step{}, &RenewalError{Why: "requires more security information"}
	case pageChangePassword:
		return step{}, &RenewalError{Why: "requires a new password: the old one has expired", Dead: true}
	case pageException:
		return step{}, refusedRenewal(c)
	}
	return step{}, unknownRenewal(c, at)
}

// pickTile selects the user's signed-in tile, if there is one.
func (s *renewing) pickTile(at *url.URL, c pageConfig) (step, error) {
	other := ""
	for _, tile := range c.Sessions {
		switch {
		case !tile.SignedIn:
		case s.Username == "" && len(c.Sessions) > 1:
			return step{}, &RenewalError{
				Why: "holds several accounts: set azure_default_username",
			}
		case s.Username == "" || strings.EqualFold(tile.name(), s.Username):
			target, err := at.Parse(c.URLLogin)
			if err != nil || c.URLLogin == "" {
				return step{}, unknownRenewal(c, at)
			}
			query := target.Query()
			query.Set("sessionid", tile.ID.String())
			target.RawQuery = query.Encode()
			return step{address: target, from: at}, nil
		default:
			other = tile.name()
		}
	}
	if other != "" {
		return step{}, &RenewalError{
			Why: "is of " + termtext.Printable(other, 100) + ", not of " + s.Username, Dead: true,
		}
	}
	if s.Device != nil && !isLapse(c.code()) {
		return step{}, &RenewalError{Why: "was ignored by Microsoft", Ignored: true}
	}
	return step{}, lapsed(c.code())
}

// Codes with which Microsoft reports that a session is not sufficient.
// Source: learn.microsoft.com/entra/identity-platform/reference-error-codes
var (
	revokedCodes   = []string{"50132", "50133", "50173", "70008", "700082", "81010"}
	frequencyCodes = []string{"50078", "70043", "70044", "50074", "50076"}
)

func isLapse(code string) bool {
	return slices.Contains(revokedCodes, code) || slices.Contains(frequencyCodes, code)
}

func lapsed(code string) *RenewalError {
	switch {
	case slices.Contains(revokedCodes, code):
		return &RenewalError{Why: "was revoked (AADSTS" + code + ")", Dead: true}
	case slices.Contains(frequencyCodes, code):
		why := "has reached the sign-in frequency of your organization (AADSTS" + code + ")"
		return &RenewalError{Why: why, Dead: true}
	}
	return &RenewalError{Why: "has expired", Dead: true}
}

// refusedRenewal returns the error of a page: an expired session, a refusal that
// the user would get too, or one that plain HTTP may have caused.
func refusedRenewal(c pageConfig) error {
	code := c.code()
	switch {
	case isLapse(code):
		return lapsed(code)
	case strings.HasPrefix(code, "53"), strings.HasPrefix(code, "9"),
		slices.Contains([]string{"", "165000", "50089", "50058"}, code):
		return &RenewalError{Why: "was refused (AADSTS" + code + ")", Browser: true}
	}
	return Explain(code, c.Trace)
}

func unknownRenewal(c pageConfig, at *url.URL) error {
	return &RenewalError{Why: "met the page " + termtext.Printable(c.PageID, 60) + " on " + at.Host, Browser: true}
}

// networkFault returns the fault for a failed request to a host.
func networkFault(err error, host string) error {
	var timeout net.Error
	var connecting *net.OpError
	if errors.As(err, &timeout) && timeout.Timeout() && !errors.As(err, &connecting) {
		return unanswered(host, "")
	}
	return unreached(err)
}

// unreached returns the fault for a failure to reach Microsoft.
func unreached(err error) error {
	return fault.Wrap(fault.Network, err, "Microsoft's sign-in could not be reached", fault.ReachAdvice)
}
