package fakecloud

import "net/http"

// AccessPass is the Temporary Access Pass of every user.
const AccessPass = "Zp7+wq-Kd4"

// judgePass returns the error code for a Temporary Access Pass, or "" if it is valid.
// Source: learn.microsoft.com/entra/identity-platform/reference-error-codes
func (c *Cloud) judgePass(pass string) string {
	switch {
	case c.opts.Scenario == "access-pass-used":
		return "130505"
	case pass != AccessPass:
		return "130503"
	}
	return ""
}

// servePass validates a Temporary Access Pass that is posted instead of a password.
func (c *Cloud) servePass(w http.ResponseWriter, r *http.Request, f *flow) {
	user := c.user(r.PostForm.Get("login"))
	code := c.judgePass(r.PostForm.Get("accesspass"))
	if user == nil {
		code = "50126"
	}
	if code != "" {
		c.page(w, f, "ConvergedSignIn", fields{
			"sErrorCode": code, "arrValErrs": []string{code}, "sPOST_Username": r.PostForm.Get("login"),
			"oGetCredTypeResult": fields{"Credentials": fields{"PrefCredential": 13}, "EstsProperties": fields{}},
		})
		return
	}
	f.user = user
	f.proved["password"], f.proved["mfa"] = true, true
	c.advance(w, r, f)
}

// serveOneTimeCode sends the request of a phone sign-in for which the page asks for
// confirmation first.
func (c *Cloud) serveOneTimeCode(w http.ResponseWriter, r *http.Request) {
	body := readJSON(r)
	f, ok := c.xhr(w, r, body, "OriginalRequest", "FlowToken")
	if !ok {
		return
	}
	f.rotate()
	writeJSON(
		w, http.StatusOK,
		fields{"State": 201, "FlowToken": f.flowToken, "apiCanary": f.apiCanary, "RemoteNgcParams": c.ringPhone(f)},
	)
}

// ringPhone starts a phone sign-in.
func (c *Cloud) ringPhone(f *flow) fields {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entra.begun++
	c.entra.pending = &push{number: pushNumber}
	f.device = newToken()
	return fields{"SessionIdentifier": f.device, "Entropy": pushNumber, "DefaultType": 1}
}
