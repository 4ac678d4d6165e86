package fakecloud

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
)

// xhr reads a background request: its JSON, headers and flow. If it returns false, it has
// already written the response.
func (c *Cloud) xhr(w http.ResponseWriter, r *http.Request, body map[string]any, ctx, flowToken string) (*flow, bool) {
	for _, name := range []string{"canary", "client-request-id", "hpgact", "hpgid", "hpgrequestid"} {
		if r.Header.Get(name) == "" {
			writeJSON(
				w, http.StatusBadRequest,
				fields{"error": fields{"code": "6000", "message": "missing header " + name}},
			)
			return nil, false
		}
	}
	if body != nil {
		ctx, flowToken = text(body, ctx), text(body, flowToken)
	}
	f, err := c.flowOf(r, ctx, flowToken)
	if err == nil && r.Header.Get("canary") != f.apiCanary {
		err = refuse("6001", "The canary has expired.")
	}
	if err != nil {
		writeJSON(w, http.StatusOK, fields{"Success": false, "error": fields{"code": "6001", "message": err.Error()}})
		return nil, false
	}
	return f, true
}

func readJSON(r *http.Request) map[string]any {
	var body map[string]any
	_ = json.NewDecoder(r.Body).Decode(&body) // callers check for nil
	if body == nil {
		body = map[string]any{}
	}
	return body
}

func text(body map[string]any, key string) string {
	s, _ := body[key].(string)
	return s
}

// serveCredentialType responds with how a user signs in. The tokens in the response
// replace those of the page.
func (c *Cloud) serveCredentialType(w http.ResponseWriter, r *http.Request) {
	body := readJSON(r)
	c.mu.Lock()
	c.entra.lookups++
	first := c.entra.lookups == 1
	c.mu.Unlock()
	switch {
	case c.opts.Scenario == "lookup-fails-once" && first:
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	case c.opts.Scenario == "lookup-error-once" && first:
		writeJSON(w, http.StatusOK, fields{"error": fields{"code": "1000", "message": "An unexpected error occurred."}})
		return
	}
	f, ok := c.xhr(w, r, body, "originalRequest", "flowToken")
	if !ok {
		return
	}
	f.rotate()
	user := c.user(text(body, "username"))
	f.user = user
	answer := c.credentialType(f, user)
	answer["FlowToken"], answer["apiCanary"] = f.flowToken, f.apiCanary
	writeJSON(w, http.StatusOK, answer)
}

// credentialType returns the response for a user, which may be nil. An unknown name still
// "has a password", as in Microsoft's responses.
func (c *Cloud) credentialType(f *flow, user *User) fields {
	preferred, exists := 1, 0
	credentials := fields{"HasPassword": true, "HasRemoteNGC": false, "HasFido": false, "CertAuthParams": nil}
	estate := fields{"DomainType": 3, "DesktopSsoEnabled": c.opts.Scenario == "desktop-sso"}
	answer := fields{"IsUnmanaged": false, "ThrottleStatus": 0, "IsSignupDisallowed": true}
	switch {
	case user == nil:
		exists = 1
	case user.Federated:
		preferred = 4
		estate["DomainType"] = 4
		answer["ThrottleStatus"] = 1 // as in a recorded response
		credentials["FederationRedirectUrl"] = c.adfsScheme() + "://" + ADFSHost + "/adfs/ls/?wa=wsignin1.0&username=" + user.Name + "&wctx=" + f.ctx
	}
	switch c.opts.Scenario {
	case "account-type":
		exists = 6
	case "throttled":
		exists = 2
		answer["ThrottleStatus"] = 1
	case "personal-account":
		exists = 5
	case "access-pass", "access-pass-used":
		preferred = 13
		credentials["HasAccessPass"] = true
	case "certificate", "certificate-only":
		preferred = 15
		credentials["CertAuthParams"] = fields{
			"CertAuthUrl": "https://" + certAuthHost + "/" + TenantID + "/certauth",
		}
	case "confirm-send":
		preferred = 2
		credentials["HasRemoteNGC"] = true
		credentials["RemoteNgcParams"] = fields{"SessionIdentifier": nil, "DefaultType": 1} // no request is sent yet
	case "credential-picker":
		preferred = 1000
	case "passkey", "passkey-only", "passkey-hidden":
		preferred = 7
		credentials["HasFido"] = true
	case "phone-sign-in", "phone-denied", "phone-moved", "phone-unsaid":
		preferred = 2
		credentials["HasRemoteNGC"] = true
		credentials["RemoteNgcParams"] = c.ringPhone(f) // this request itself notifies the phone
	}
	credentials["PrefCredential"] = preferred
	answer["IfExistsResult"], answer["Credentials"], answer["EstsProperties"] = exists, credentials, estate
	return answer
}

// servePassword validates user name and password.
func (c *Cloud) servePassword(w http.ResponseWriter, r *http.Request, f *flow) {
	if r.PostForm.Has("accesspass") {
		c.servePass(w, r, f)
		return
	}
	user := c.user(r.PostForm.Get("login"))
	code := ""
	switch {
	case c.opts.Scenario == "passkey-only":
		code = "50126"
	case r.PostForm.Get("type") == "21":
		if f.device == "" || r.PostForm.Get("code") != f.device || !f.proved["phone"] {
			c.errorPage(w, refuse("50126", "Error validating credentials due to invalid username or password."))
			return
		}
		f.proved["mfa"] = true
	case r.PostForm.Get("passwd") == "":
		code = "50056"
	case user == nil, user.Federated, r.PostForm.Get("passwd") != user.Password:
		code = "50126"
	case user.Locked:
		code = "50053"
	case c.opts.Scenario == "disabled":
		code = "50057"
	case c.opts.Scenario == "silent-error":
		code = "50199999"
	}
	if c.opts.Scenario == "session-pull" && !f.proved["pulled"] && code == "" {
		f.proved["pulled"] = true
		echo := fields{}
		for name := range r.PostForm {
			echo[name] = r.PostForm.Get(name)
		}
		echo["flowToken"] = f.flowToken
		c.page(w, f, "BssoInterrupt", fields{"urlPost": "/" + TenantID + "/login?sso_reload=True", "oPostParams": echo})
		return
	}
	twice := c.opts.Scenario == "password-twice" && code == "" && !f.proved["once"]
	if twice {
		f.proved["once"], code = true, "50058" // as on the first page
	}
	if code != "" {
		extra := fields{
			"sErrorCode": code, "arrValErrs": []string{code}, "sPOST_Username": r.PostForm.Get("login"),
			"oGetCredTypeResult": fields{"Credentials": fields{"PrefCredential": 1}, "EstsProperties": fields{}},
		}
		if c.opts.Scenario == "silent-error" {
			extra["sErrTxt"] = nil
		}
		c.page(w, f, "ConvergedSignIn", extra)
		return
	}
	f.user = user
	f.proved["password"] = true
	c.advance(w, r, f)
}

// serveDeviceCode responds to a poll of a passwordless phone sign-in.
func (c *Cloud) serveDeviceCode(w http.ResponseWriter, r *http.Request) {
	code := r.URL.Query().Get("code")
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.entra.flows {
		if f.device == "" || f.device != code {
			continue
		}
		state := map[string]int{"": 0, "approved": 2, "denied": 1}[c.pollLocked()]
		f.proved["phone"] = state == 2
		writeJSON(w, http.StatusOK, fields{"AuthorizationState": state})
		return
	}
	http.Error(w, "no such session", http.StatusBadRequest)
}

// servePasskey serves the page that asks for a passkey. A browser without one
// returns to the sign-in page.
func (c *Cloud) servePasskey(w http.ResponseWriter, r *http.Request) {
	back := "https://login.microsoftonline.com/" + TenantID + "/login?passkey=declined&ctx=" + r.URL.Query().Get("ctx")
	c.page(w, nil, "ConvergedFido", fields{"sFidoChallenge": newToken(), "urlCancel": back})
}

func (c *Cloud) serveKeepSignedIn(w http.ResponseWriter, r *http.Request, f *flow) {
	if kind := r.PostForm.Get("type"); kind != "28" {
		c.errorPage(w, refuse("900144", "The request body must contain the parameter: 'type'."))
		return
	}
	f.persist = r.PostForm.Get("LoginOptions") == "1"
	f.proved["kmsi"] = true
	c.advance(w, r, f)
}

// speedBump is the code of a confirmation in a federated sign-in.
const speedBump = "399218"

func (c *Cloud) serveConfirmApp(w http.ResponseWriter, r *http.Request, f *flow) {
	bump := strconv.FormatBool(c.opts.Scenario == "speed-bump")
	if r.PostForm.Get("ContinueAuth") != "true" || r.PostForm.Get("iscsrfspeedbump") != bump {
		c.errorPage(w, refuse("50199", "For security reasons, user confirmation is required for this request."))
		return
	}
	f.proved["confirm-app"] = true
	c.advance(w, r, f)
}

func (c *Cloud) serveSkip(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	f := c.entra.flows[r.URL.Query().Get("ctx")]
	c.mu.Unlock()
	skippable := []string{"proof-up", "proof-up-unnamed", "proof-up-returns", "improve-sign-ins", "more-info-view"}
	if f == nil || !slices.Contains(skippable, c.opts.Scenario) {
		c.errorPage(
			w,
			refuse(
				"50072",
				"Due to a configuration change made by your administrator you must enroll in multi-factor authentication.",
			),
		)
		return
	}
	f.proved["proof-up"] = c.opts.Scenario != "proof-up-returns"
	c.advance(w, r, f)
}
