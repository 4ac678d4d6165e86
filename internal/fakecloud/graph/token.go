package graph

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// The client id of the service principal, and its secret.
const (
	ProgramID     = "5d9c1f0e-2a7b-4c68-b3d1-90e4f6a81c37"
	ProgramSecret = "fake~program~secret~~0123456789"
)

// Permissions of tokens, unless the options replace them.
var (
	delegatedGrants = []string{
		"Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "Directory.Read.All",
		"Synchronization.ReadWrite.All", "Policy.Read.All", "Policy.ReadWrite.ApplicationConfiguration", "User.Read",
	}
	programGrants = []string{
		"Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "Directory.Read.All",
		"Synchronization.ReadWrite.All", "Policy.Read.All", "Policy.ReadWrite.ApplicationConfiguration",
		"User.Read.All", "Group.Read.All",
	}
)

// issued holds the tokens and codes of the token endpoint, and the keys it trusts.
type issued struct {
	mu     sync.Mutex
	keys   []*rsa.PublicKey // of client assertions
	codes  map[string]*deviceCode
	tokens map[string]*accessToken // by their text
}

// accessToken is an access token of the emulator.
type accessToken struct {
	scopes  []string
	host    string // of Graph, its audience
	user    *User  // nil for a program
	expires time.Time
}

type tokenKey struct{}

func withToken(ctx context.Context, t *accessToken) context.Context {
	return context.WithValue(ctx, tokenKey{}, t)
}

func tokenOf(r *http.Request) *accessToken {
	t, _ := r.Context().Value(tokenKey{}).(*accessToken)
	return t
}

// globalAdministrator is the id of the directory role's template.
const globalAdministrator = "62e90394-69f5-4237-9190-012177145e10"

// graphOf lists the hosts of Graph by the host of the sign-in: clouds are separate.
var graphOf = map[string][]string{
	"login.microsoftonline.com":        {"graph.microsoft.com"},
	"login.microsoftonline.us":         {"graph.microsoft.us", "dod-graph.microsoft.us"},
	"login.partner.microsoftonline.cn": {"microsoftgraph.chinacloudapi.cn"},
}

// resourceOf splits requested scopes into the host of Graph and the permissions.
// The host is "" if it is not of this cloud.
func resourceOf(login, scope string) (host string, asked []string) {
	for _, text := range strings.Fields(scope) {
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "https" {
			continue // openid, profile, offline_access
		}
		if host != "" && u.Host != host || !slices.Contains(graphOf[login], u.Host) {
			return "", nil
		}
		host, asked = u.Host, append(asked, strings.TrimPrefix(u.Path, "/"))
	}
	return host, asked
}

// issueToken returns an access token for a host of Graph. Its payload has the form
// of Microsoft's; its signature is random. A user's token contains only the requested
// permissions.
func (d *Directory) issueToken(login, host string, asked []string, user *User) (string, time.Duration) {
	const lifetime = time.Hour
	t := &accessToken{host: host, user: user, expires: d.tenant.Now().Add(lifetime)}
	payload := fields{
		"aud": "https://" + host, "tid": d.tenant.ID, "iss": "https://" + login + "/" + d.tenant.ID + "/v2.0",
		"exp": t.expires.Unix(),
	}
	o := d.options
	if user != nil {
		t.scopes = slices.DeleteFunc(
			slices.Clone(pick(o.Delegated, delegatedGrants)),
			func(s string) bool { return !slices.Contains(asked, s) },
		)
		payload["scp"], payload["wids"] = strings.Join(
			t.scopes, " ",
		), pick(
			o.DirectoryRoles, []string{globalAdministrator},
		)
	} else {
		t.scopes = pick(o.Program, programGrants)
		payload["roles"] = t.scopes
	}
	data, _ := json.Marshal(payload) // cannot fail: strings and numbers
	encode := base64.RawURLEncoding.EncodeToString
	token := encode([]byte(`{"typ":"JWT","alg":"none"}`)) + "." + encode(data) + "." + rand.Text()
	d.issued.mu.Lock()
	defer d.issued.mu.Unlock()
	d.issued.tokens[token] = t
	return token, lifetime
}

func pick(set, usual []string) []string {
	if set != nil {
		return set
	}
	return usual
}

// tokenFor returns the token of a call.
func (d *Directory) tokenFor(r *http.Request) (*accessToken, error) {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	d.issued.mu.Lock()
	t := d.issued.tokens[text]
	d.issued.mu.Unlock()
	switch {
	case !ok || t == nil || d.tenant.Now().After(t.expires):
		return nil, refuse(
			http.StatusUnauthorized, "InvalidAuthenticationToken", "Access token is empty, unknown or expired.",
		)
	case t.host != hostOf(r):
		return nil, refuse(
			http.StatusUnauthorized, "InvalidAuthenticationToken",
			"Access token validation failure. Invalid audience.",
		)
	}
	return t, nil
}

// rights returns the permissions that a call needs: one of each set.
// Source: the permission tables of Microsoft Graph's documentation.
func rights(method, path string) [][]string {
	write := []string{"Application.ReadWrite.All", "Application.ReadWrite.OwnedBy", "Directory.ReadWrite.All"}
	read := append(slices.Clone(write), "Application.Read.All", "Directory.Read.All")
	get := method == http.MethodGet
	switch {
	case strings.HasPrefix(path, "/applicationTemplates") && get, path == "/me", path == "/organization":
		return nil
	case strings.Contains(path, "/synchronization/") && get:
		return [][]string{
			{"Synchronization.Read.All", "Synchronization.ReadWrite.All", "Application.ReadWrite.OwnedBy"},
		}
	case strings.Contains(path, "/synchronization/"):
		return [][]string{{"Synchronization.ReadWrite.All", "Application.ReadWrite.OwnedBy"}}
	case strings.Contains(path, "/appRoleAssignedTo") && !get:
		return [][]string{{"AppRoleAssignment.ReadWrite.All"}}
	case strings.HasPrefix(path, "/policies/") && !get:
		return [][]string{{"Policy.ReadWrite.ApplicationConfiguration"}}
	case strings.HasPrefix(path, "/policies/"):
		return [][]string{{"Policy.Read.All", "Policy.ReadWrite.ApplicationConfiguration"}}
	case strings.Contains(path, "/claimsMappingPolicies") && !get:
		return [][]string{write, {"Policy.Read.All"}}
	case strings.Contains(path, "/claimsMappingPolicies"):
		return [][]string{{"Policy.Read.All"}}
	case strings.Contains(path, "/owners/") && !get:
		return [][]string{write, {"Directory.Read.All"}}
	case strings.HasPrefix(path, "/users"):
		return [][]string{{"User.ReadBasic.All", "User.Read.All", "Directory.Read.All"}}
	case strings.HasPrefix(path, "/groups"):
		return [][]string{{"Group.Read.All", "GroupMember.Read.All", "Directory.Read.All"}}
	case get:
		return [][]string{read}
	}
	return [][]string{write}
}

// admit returns an error for a call that the token does not allow.
func (d *Directory) admit(r *request) (*response, error) {
	for _, set := range rights(r.Method, r.URL.Path) {
		if d.faults["no-policy-right"] && slices.Contains(set, "Policy.Read.All") ||
			!slices.ContainsFunc(set, func(s string) bool { return slices.Contains(r.token.scopes, s) }) {
			return nil, refuse(
				http.StatusForbidden, "Authorization_RequestDenied",
				"Insufficient privileges to complete the operation.",
			)
		}
	}
	return nil, nil
}

// deviceCode is a sign-in by device code that waits for its user.
type deviceCode struct {
	user     string // the code for the user
	approved *User
}

// ApproveDevice enters a device code for a user. It reports whether a sign-in waits
// for that code.
func (d *Directory) ApproveDevice(userCode, userName string) bool {
	d.issued.mu.Lock()
	defer d.issued.mu.Unlock()
	for _, code := range d.issued.codes {
		if code.user == userCode {
			code.approved = d.userNamed(userName)
			return code.approved != nil
		}
	}
	return false
}

// ServeDeviceStart starts a sign-in by device code.
// Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
func (d *Directory) ServeDeviceStart(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.PostForm.Get("client_id") == "" {
		oauthError(
			w, "invalid_request", "AADSTS900144: The request body must contain the following parameter: 'client_id'.",
		)
		return
	}
	device, user := rand.Text(), strings.ToUpper(uuid.NewString()[:8])
	d.issued.mu.Lock()
	d.issued.codes[device] = &deviceCode{user: user, approved: d.userNamed(d.options.Approves)}
	d.issued.mu.Unlock()
	writeJSON(w, http.StatusOK, fields{
		"device_code": device, "user_code": user, "verification_uri": "https://microsoft.com/devicelogin",
		"expires_in": 900, "interval": 1,
		"message": "To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the " +
			"code " + user + " to authenticate.",
	})
}

// ServeToken issues tokens for Graph.
func (d *Directory) ServeToken(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		oauthError(w, "invalid_request", "the form cannot be read")
		return
	}
	form := r.PostForm
	var user *User
	switch form.Get("grant_type") {
	case "client_credentials":
		if problem := d.programProblem(form); problem != "" {
			oauthError(w, "invalid_client", problem)
			return
		}
	case "urn:ietf:params:oauth:grant-type:device_code", "device_code":
		d.issued.mu.Lock()
		code := d.issued.codes[form.Get("device_code")]
		if code != nil {
			user = code.approved
		}
		d.issued.mu.Unlock()
		if user == nil {
			oauthError(
				w, "authorization_pending",
				"AADSTS70016: OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
			)
			return
		}
	case "authorization_code":
		if form.Get("code") != adminCode || form.Get("code_verifier") == "" {
			oauthError(w, "invalid_grant", "AADSTS70008: The provided authorization code has expired.")
			return
		}
		user = d.userNamed(d.tenant.Admin)
	default:
		oauthError(w, "unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant type.")
		return
	}
	host, asked := resourceOf(hostOf(r), form.Get("scope"))
	if host == "" {
		oauthError(
			w, "invalid_resource",
			"AADSTS500011: The resource principal of "+form.Get("scope")+" was not found in the tenant named Contoso.",
		)
		return
	}
	token, lifetime := d.issueToken(hostOf(r), host, asked, user)
	answer := fields{
		"token_type": "Bearer", "access_token": token, "expires_in": int(lifetime.Seconds()),
		"ext_expires_in": int(lifetime.Seconds()),
	}
	if user != nil {
		answer["scope"] = form.Get("scope")
		answer["id_token"] = d.idToken(user, form.Get("client_id"), hostOf(r))
		answer["client_info"] = base64.RawURLEncoding.EncodeToString(
			[]byte(`{"uid":"` + user.ID + `","utid":"` + d.tenant.ID + `"}`),
		)
	}
	writeJSON(w, http.StatusOK, answer)
}

func (d *Directory) programProblem(form url.Values) string {
	switch {
	case form.Get("client_id") != ProgramID:
		return "AADSTS700016: Application with identifier '" + form.Get(
			"client_id",
		) + "' was not found in the directory 'Contoso'."
	case form.Get("client_assertion") != "":
		if form.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
			return "AADSTS900144: The request body must contain the following parameter: 'client_assertion_type'."
		}
		return d.assertionProblem(form.Get("client_assertion"))
	case form.Get("client_secret") != ProgramSecret:
		return "AADSTS7000215: Invalid client secret provided."
	}
	return ""
}

func (d *Directory) idToken(user *User, client, host string) string {
	encode := base64.RawURLEncoding.EncodeToString
	data, _ := json.Marshal(fields{
		"aud": client, "iss": "https://" + host + "/" + d.tenant.ID + "/v2.0", "oid": user.ID, "tid": d.tenant.ID,
		"preferred_username": user.Name, "sub": user.ID, "exp": time.Now().Add(time.Hour).Unix(), "ver": "2.0",
	})
	return encode([]byte(`{"typ":"JWT","alg":"none"}`)) + "." + encode(data) + ".fake"
}

func oauthError(w http.ResponseWriter, code, description string) {
	writeJSON(
		w, http.StatusBadRequest,
		fields{"error": code, "error_description": description + " Trace ID: " + uuid.NewString()},
	)
}

// adminCode is the authorization code of the admin.
const adminCode = "fake-admin-code"

// ServeAuthorize redirects with the code of an admin who has a session.
func (d *Directory) ServeAuthorize(w http.ResponseWriter, r *http.Request) {
	back, err := url.Parse(r.URL.Query().Get("redirect_uri"))
	if err != nil || back.Hostname() != "localhost" {
		http.Error(w, "AADSTS50011: The redirect URI specified in the request does not match.", http.StatusBadRequest)
		return
	}
	state := r.URL.Query().Get("state")
	if r.URL.Query().Get("response_mode") == "form_post" {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(
			w,
			`<html><head><title>Working...</title></head><body><form method="POST" name="hiddenform" action="%s">`+
				`<input type="hidden" name="code" value="%s" /><input type="hidden" name="state" value="%s" /></form>`+
				`<script>document.forms[0].submit()</script></body></html>`,
			html.EscapeString(back.String()),
			adminCode,
			html.EscapeString(state),
		)
		return
	}
	back.RawQuery = url.Values{"code": {adminCode}, "state": {state}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// ServeInstances serves the instance metadata for sign-in libraries.
func (d *Directory) ServeInstances(w http.ResponseWriter, r *http.Request) {
	host := hostOf(r)
	writeJSON(w, http.StatusOK, fields{
		"tenant_discovery_endpoint": "https://" + host + "/" + d.tenant.ID + "/v2.0/.well-known/openid-configuration",
		"api-version":               "1.1",
		"metadata": []fields{
			{
				"preferred_network": host, "preferred_cache": host,
				"aliases": []string{host, "login.microsoftonline.com"},
			},
		},
	})
}
