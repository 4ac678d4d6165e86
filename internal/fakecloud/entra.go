package fakecloud

import (
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/google/uuid"
)

// entraState is the variable state of the sign-in pages. Cloud.mu guards fields without
// another guard.
type entraState struct {
	serial  sync.Mutex         // serializes requests of the sign-in pages; guards the fields of flows
	flows   map[string]*flow   // by ctx
	signons map[string]*signon // by value of the session cookie
	passed  map[string]*User   // by the token that AD FS passed on
	lookups int                // number of GetCredentialType requests
	begun   int                // number of pushes, text messages and calls
	stays   bool               // the last sign-in outlives the browser
	texted  string             // data of the last method that was started
	pending *push

	sessions SessionState // treatment of sessions that are reused
	failures int          // number of uses since it was set

	usedWindow int64 // guarded by serial
}

// flow is a sign-in, from its request to its response.
type flow struct {
	ctx     string
	request authnRequest
	hint    string // login_hint
	user    *User
	proved  map[string]bool // completed steps: "password", "mfa", "kmsi", ...
	persist bool            // "Stay signed in?" was answered with yes
	mfaRuns int
	tile    *User // user of the signed-in tile on the page

	flowToken, canary, apiCanary string
	device                       string // code of a phone sign-in
	session                      string // of the method being used
}

// push is a request on a phone that waits for the user.
type push struct {
	number int // 0 if the page shows none
	polls  int
	answer string // "", "approved", "denied"
}

func (c *Cloud) newFlow(request authnRequest, hint string) *flow {
	f := &flow{ctx: newToken(), request: request, hint: hint, proved: map[string]bool{}}
	f.rotate()
	f.canary = newToken()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entra.flows == nil {
		c.entra.flows = map[string]*flow{}
	}
	c.entra.flows[f.ctx] = f
	return f
}

// rotate replaces the tokens. The old ones become invalid.
func (f *flow) rotate() { f.flowToken, f.apiCanary = newToken(), newToken() }

func newToken() string {
	return "AQABAA" + strings.ReplaceAll(uuid.NewString()+uuid.NewString(), "-", "")
}

// entraHandler routes the sign-in hosts by path.
func (c *Cloud) entraHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{tenant}/saml2", c.serveSAMLRequest)
	mux.HandleFunc("GET /{tenant}/v2.0/.well-known/openid-configuration", c.serveDiscovery)
	mux.HandleFunc("GET /{tenant}/federationmetadata/2007-06/federationmetadata.xml", c.serveMetadata)
	mux.HandleFunc("GET /common/discovery/instance", c.Graph.ServeInstances)
	mux.HandleFunc("POST /{tenant}/oauth2/v2.0/devicecode", c.Graph.ServeDeviceStart)
	mux.HandleFunc("POST /{tenant}/oauth2/v2.0/token", c.Graph.ServeToken)
	mux.HandleFunc("GET /{tenant}/oauth2/v2.0/authorize", c.Graph.ServeAuthorize)
	mux.HandleFunc("GET /getuserrealm.srf", c.serveRealm)
	mux.HandleFunc("POST /common/GetCredentialType", c.serveCredentialType)
	mux.HandleFunc("POST /common/LookUp", c.serveCredentialType) // for the scenario phone-unsaid
	mux.HandleFunc("POST /{tenant}/login", c.form(c.servePassword))
	mux.HandleFunc("GET /{tenant}/login", c.serveTile)
	mux.HandleFunc("POST /common/DeviceCodeStatus", c.serveDeviceCode)
	mux.HandleFunc("POST /common/GetOneTimeCode", c.serveOneTimeCode)
	mux.HandleFunc("POST /common/DeviceAuthTls/reprocess", c.serveReprocess)
	mux.HandleFunc("POST /common/certificate", c.serveNoCertificate)
	mux.HandleFunc("POST /common/SAS/BeginAuth", c.serveBeginAuth)
	mux.HandleFunc("POST /common/SAS/Start", c.serveBeginAuth) // for the scenario number-unsaid
	mux.HandleFunc("GET /common/SAS/EndAuth", c.servePoll)
	mux.HandleFunc("POST /common/SAS/EndAuth", c.serveCode)
	mux.HandleFunc("POST /common/SAS/ProcessAuth", c.form(c.serveProcessAuth))
	mux.HandleFunc("POST /kmsi", c.form(c.serveKeepSignedIn))
	mux.HandleFunc("POST /appverify", c.form(c.serveConfirmApp))
	mux.HandleFunc("GET /skipmfa", c.serveSkip)
	mux.HandleFunc("GET /fido/get", c.servePasskey)
	mux.HandleFunc("GET /adfs/ls/", c.serveADFS)
	mux.HandleFunc("POST /adfs/ls/", c.serveADFS)
	mux.HandleFunc("POST /login.srf", c.serveFederated)
	mux.HandleFunc("GET /favicon.ico", http.NotFound)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.fails(w, r) || c.elsewhere(w, r) {
			return
		}
		c.entra.serial.Lock()
		defer c.entra.serial.Unlock()
		c.setFirstCookies(w, r)
		mux.ServeHTTP(w, r)
	})
}

var firstCookies = []string{"fpc", "x-ms-gateway-slice", "stsservicecookie", "esctx", "buid"}

// setFirstCookies sets the cookies that later posts require.
func (c *Cloud) setFirstCookies(w http.ResponseWriter, r *http.Request) {
	for _, name := range firstCookies {
		if _, err := r.Cookie(name); err != nil {
			http.SetCookie(w, entraCookie(name, newToken()))
		}
	}
}

func hasCookies(r *http.Request) bool {
	for _, name := range []string{"fpc", "esctx", "buid"} {
		if _, err := r.Cookie(name); err != nil {
			return false
		}
	}
	return true
}

// Session cookies of Entra. The first one is deleted when the browser exits.
const (
	cookieSession    = "ESTSAUTH"
	cookiePersistent = "ESTSAUTHPERSISTENT"
)

// serveSAMLRequest starts a sign-in.
func (c *Cloud) serveSAMLRequest(w http.ResponseWriter, r *http.Request) {
	if tenant := r.PathValue("tenant"); tenant != TenantID && !strings.EqualFold(tenant, TenantDomain) &&
		tenant != "common" {
		c.errorPage(
			w,
			refuse(
				"90002",
				"Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
				tenant,
			),
		)
		return
	}
	request, err := c.parseAuthnRequest(r.URL.Query().Get("SAMLRequest"))
	if err != nil {
		c.errorPage(w, err)
		return
	}
	if c.opts.Scenario == "session-pull" && r.URL.Query().Get("sso_reload") == "" || c.opts.Scenario == "pull-loop" {
		c.page(w, nil, "BssoInterrupt", fields{"urlPost": r.URL.RequestURI() + "&sso_reload=true"})
		return
	}
	if c.wantsNonce(w, r) {
		return
	}
	f := c.newFlow(request, r.URL.Query().Get("login_hint"))
	device := c.deviceUser(r)
	c.useNonce(r)
	f.proved["compliant"] = device != nil
	if c.opts.Scenario == "other-account" { // a device token takes precedence
		f.user, f.proved = c.user("grace@contoso.example"), map[string]bool{"password": true, "mfa": true, "kmsi": true}
		c.advance(w, r, f)
		return
	}
	if s := c.signedOn(r); s != nil && !request.ForceAuthn {
		c.resume(w, r, f, s)
		return
	}
	if device != nil && !request.ForceAuthn {
		c.byDevice(w, r, f, device)
		return
	}
	if request.IsPassive {
		c.handOver(
			w,
			request.ACS,
			c.failedResponse(
				request, statusResponder, statusNoPassive,
				"AADSTS50058: A silent sign-in request was sent but no user is signed in.",
			),
		)
		return
	}
	c.firstPage(w, f)
}

// firstPage serves the first page of a sign-in without a session.
func (c *Cloud) firstPage(w http.ResponseWriter, f *flow) {
	extra := fields{"sErrorCode": "50058", "arrValErrs": []string{"50058"}}
	if code, ok := strings.CutPrefix(c.opts.Scenario, errorPrefix); ok {
		c.errorPage(w, refuse(code, "Something went wrong."))
		return
	}
	if c.leadAway(w, f) {
		return
	}
	switch c.opts.Scenario {
	case "unknown-page":
		c.page(w, f, "ConvergedSomethingNew", nil)
		return
	case "stuck":
		extra["stuck"] = true
	case "tiles":
		extra["arrSessions"] = []fields{
			{"id": "1", "name": "grace@contoso.example", "isSignedIn": false},
			{"id": "2", "name": UserName, "isSignedIn": false},
		}
	case "tile-signed-in":
		extra["arrSessions"] = []fields{
			{"id": "1", "name": "grace@contoso.example", "isSignedIn": true},
			{"id": "2", "name": "linus@contoso.example", "isSignedIn": true},
		}
	}
	if user := c.user(f.hint); user != nil && c.opts.Scenario == "prefilled" {
		f.user = user
		extra["sPOST_Username"] = user.Name
		extra["oGetCredTypeResult"] = c.credentialType(f, user)
	}
	c.page(w, f, "ConvergedSignIn", extra)
}

// flowOf returns the flow of a post. It refuses stale tokens, wrong canaries and browsers
// without cookies. ctx is passed separately because its name varies.
func (c *Cloud) flowOf(r *http.Request, ctx, flowToken string) (*flow, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.entra.flows[ctx]
	switch {
	case f == nil || !hasCookies(r):
		return nil, refuse("165000", "Invalid Request: The user session context or cookies are missing.")
	case flowToken != f.flowToken:
		return nil, refuse("50089", "The flow token expired. Authentication failed. Try to sign in again.")
	}
	return f, nil
}

// form validates the common fields of posted forms and finds their flow.
func (c *Cloud) form(next func(http.ResponseWriter, *http.Request, *flow)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			c.errorPage(w, refuse("90014", "The form cannot be read."))
			return
		}
		ctx := r.PostForm.Get("ctx")
		if ctx == "" {
			ctx = r.PostForm.Get("request") // its name in ProcessAuth
		}
		f, err := c.flowOf(r, ctx, r.PostForm.Get("flowToken"))
		if err == nil && (r.PostForm.Get("canary") != f.canary || r.PostForm.Get("hpgrequestid") == "") {
			err = refuse("165000", "Invalid Request: canary or request id do not fit.")
		}
		if err == nil && r.PostForm.Has("otc") {
			err = refuse("50089", "The code must not be sent again.")
		}
		if err != nil {
			c.errorPage(w, err)
			return
		}
		f.rotate()
		f.proved["compliant"] = f.proved["compliant"] || c.deviceUser(r) != nil
		next(w, r, f)
	}
}

// advance serves the next page after the user was identified.
func (c *Cloud) advance(w http.ResponseWriter, r *http.Request, f *flow) {
	if c.interrupt(w, r, f) {
		return
	}
	needsMFA := len(c.methods(f.user)) > 0 && !f.proved["mfa"]
	switch scenario := c.opts.Scenario; {
	case needsMFA:
		c.strongPage(w, f)
	case strings.HasPrefix(scenario, "proof-up") && !f.proved["proof-up"]:
		days := map[string]int{"proof-up": 14, "proof-up-unnamed": 1}[scenario]
		skip := "/skipmfa?ctx=" + f.ctx
		if scenario == "proof-up-forced" {
			skip = ""
		}
		c.page(w, f, "ConvergedProofUpRedirect", fields{
			"urlSkipMfaRegistration": skip, "iRemainingDaysToSkipMfaRegistration": days, "unnamed": scenario == "proof-up-unnamed",
		})
	case scenario == "improve-sign-ins" && !f.proved["proof-up"]:
		c.page(w, f, "ConvergedImproveSignIns", fields{"urlSkipMfaRegistration": "/skipmfa?ctx=" + f.ctx})
	case scenario == "more-info-view" && !f.proved["proof-up"]:
		c.page(w, f, "ConvergedSignIn", fields{"view": 59, "urlSkipMfaRegistration": "/skipmfa?ctx=" + f.ctx})
	case scenario == "account-recovery":
		c.page(w, f, "ConvergedSignIn", fields{"view": 76})
	case scenario == "confirm-app" && !f.proved["confirm-app"]:
		c.page(w, f, "CmsiInterrupt", fields{"urlPost": "/appverify", "sErrorCode": "50199"})
	case scenario == "speed-bump" && !f.proved["confirm-app"]:
		c.page(w, f, "CmsiInterrupt", fields{"urlPost": "/appverify", "sErrorCode": speedBump})
	case !f.proved["kmsi"] && scenario != "no-kmsi" || scenario == "loop":
		c.page(w, f, "KmsiInterrupt", fields{"urlPost": "/kmsi"})
	case !c.admitted(f.request, f.user):
		c.errorPage(
			w,
			refuse(
				"50105",
				"Your administrator has configured the application %s ('%s') to block users unless they are specifically granted ('assigned') access to the application. The signed in user '%s' is blocked because they are not a direct member of a group with access, nor had access directly assigned by an administrator.",
				c.app.name, c.app.id, f.user.Name,
			),
		)
	default:
		c.finish(w, r, f)
	}
}

// finish ends a sign-in: session cookies, and the response for AWS.
func (c *Cloud) finish(w http.ResponseWriter, r *http.Request, f *flow) {
	response, err := c.signedResponse(f.request, f.user)
	if err != nil {
		http.Error(w, "internal failure", http.StatusInternalServerError)
		return
	}
	c.mu.Lock()
	delete(c.entra.flows, f.ctx)
	c.entra.stays = f.persist
	cookies := c.sessionCookiesLocked(&signon{user: f.user, agent: r.UserAgent(), hints: hintsOf(r), persistent: f.persist})
	c.mu.Unlock()
	for _, cookie := range cookies {
		http.SetCookie(w, cookie)
	}
	c.handOver(w, f.request.ACS, response)
}

// errorPage shows an aadError as ConvergedError.
func (c *Cloud) errorPage(w http.ResponseWriter, err error) {
	var aad *aadError
	if !errors.As(err, &aad) {
		aad = &aadError{Code: "50000", Message: "There was an error issuing a token."}
	}
	c.page(w, nil, "ConvergedError", fields{
		"iErrorCode": aad.Code, "strMainMessage": "Sorry, but we’re having trouble signing you in.",
		"strServiceExceptionMessage": aad.Error() + " Trace ID: " + uuid.NewString() + " Correlation ID: " + uuid.NewString(),
	})
}
