package fakecloud

import (
	"html/template"
	"net/http"
)

// adfsPage is the AD FS form. Its button is not an input element.
var adfsPage = template.Must(template.New("").Parse(`<!DOCTYPE html><html><head><title>Sign In</title></head><body>
<div id="error"><span id="errorText">{{.Problem}}</span></div>
<form method="post" id="loginForm" autocomplete="off" action="/adfs/ls/?wctx={{.Ctx}}">
<input id="userNameInput" name="UserName" type="email" value="{{.User}}"><input id="passwordInput" name="Password" type="password">
<div id="kmsiArea" style="display:none"><input type="checkbox" name="Kmsi" id="kmsiInput" value="true"></div>
<input type="hidden" name="AuthMethod" value="FormsAuthentication">
<span id="submitButton" class="submit" role="button" tabindex="4" onclick="document.forms['loginForm'].submit()">Sign in</span></form>
<form id="options" method="post"><input type="hidden" name="UserName" value=""></form></body></html>`))

// adfsScheme returns https, or http in the scenario plain-http.
func (c *Cloud) adfsScheme() string {
	if c.opts.Scenario == "plain-http" {
		return "http"
	}
	return "https"
}

// serveADFS serves the password page of federated users.
func (c *Cloud) serveADFS(w http.ResponseWriter, r *http.Request) {
	if hostOnly(r.Host) != ADFSHost {
		http.NotFound(w, r)
		return
	}
	if err := r.ParseForm(); err != nil {
		http.Error(w, "bad form", http.StatusBadRequest)
		return
	}
	ctx, problem := r.URL.Query().Get("wctx"), ""
	if r.Method == http.MethodPost {
		user := c.user(r.PostForm.Get("UserName"))
		if user != nil && user.Federated && r.PostForm.Get("Password") == user.Password &&
			r.PostForm.Get("AuthMethod") == "FormsAuthentication" {
			writeHandOver(
				w, "https://login.microsoftonline.com/login.srf", formField{"wa", "wsignin1.0"},
				formField{"wresult", c.federationToken(user)}, formField{"wctx", ctx},
			)
			return
		}
		problem = "Incorrect user ID or password."
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	// The client detects a truncated page.
	_ = adfsPage.Execute(w, fields{"Problem": problem, "Ctx": ctx, "User": r.URL.Query().Get("username")})
}

// federationToken returns a token that stands for the signed token of AD FS.
func (c *Cloud) federationToken(user *User) string {
	token := newToken()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entra.passed == nil {
		c.entra.passed = map[string]*User{}
	}
	c.entra.passed[token] = user
	return token
}

// serveFederated accepts the token of AD FS.
func (c *Cloud) serveFederated(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "bad form", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	f, user := c.entra.flows[r.PostForm.Get("wctx")], c.entra.passed[r.PostForm.Get("wresult")]
	c.mu.Unlock()
	if f == nil || user == nil {
		c.errorPage(w, refuse("50008", "SAML token is invalid."))
		return
	}
	f.user = user
	f.proved["password"] = true
	c.advance(w, r, f)
}
