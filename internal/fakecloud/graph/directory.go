// Package graph emulates Microsoft Graph and the token endpoint of Entra: the
// applications, principals, policies, assignments and provisioning of a tenant.
// It is as strict as Graph, and injects the faults that Graph is known for.
package graph

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Directory is the tenant of the emulator. Its mutex guards all of it.
type Directory struct {
	options Options
	tenant  Tenant
	routes  *http.ServeMux
	issued  issued // has its own mutex

	mu     sync.Mutex
	faults map[string]bool
	apps   []*application
	gone   []*application // soft-deleted
	people []*User
	groups []*group
	rules  []*policy // claims mapping policies
	writes []Write
	counts map[string]int // occurrences of a fault, by name
}

// Tenant holds what the directory needs from the rest of the emulator.
type Tenant struct {
	ID, Domain string
	Admin      string // user principal name of the user who signs in with a browser
	Users      []User
	Now        func() time.Time
	// NewCertificate returns a new key with a certificate for a subject.
	NewCertificate func(subject string, from, until time.Time) (*rsa.PrivateKey, *x509.Certificate, error)
}

// Write is one call that changed the directory.
type Write struct {
	Method, Path string
	Status       int
}

// Hosts lists the hosts of Graph in all clouds.
var Hosts = []string{
	"graph.microsoft.com", "graph.microsoft.us", "dod-graph.microsoft.us", "microsoftgraph.chinacloudapi.cn",
}

// New returns the directory of a tenant. It fails for an unknown fault.
func New(o Options, tenant Tenant) (*Directory, error) {
	if !knownFaults(o.Faults) {
		return nil, fmt.Errorf("fakecloud: unknown fault of Graph among %q", o.Faults)
	}
	d := &Directory{options: o, tenant: tenant, faults: map[string]bool{}, counts: map[string]int{}}
	d.issued.codes, d.issued.tokens = map[string]*deviceCode{}, map[string]*accessToken{}
	for _, name := range o.Faults {
		d.faults[name] = true
	}
	d.routes = d.newRoutes()
	d.populate()
	return d, nil
}

// Options configures a Directory.
type Options struct {
	Faults []string // names of Faults
	// Delegated and Program, if not nil, replace the permissions of tokens.
	Delegated, Program []string
	// DirectoryRoles lists the directory roles of the admin; nil means Global
	// Administrator.
	DirectoryRoles []string
	// Approves is the user who enters a device code immediately; "" waits for
	// ApproveDevice.
	Approves string
	// Users and Groups are the numbers of additional users, u0@..., and groups.
	Users, Groups int
	// Units is the part of the throttling budget that is spent, 0 to 1.
	Units float64
	// ListRoles returns the roles that the provisioning service finds in AWS with
	// an access key.
	ListRoles func(accessKey, secretKey string) ([]ImportedRole, error)
	// OnWrite is called after every write, before its answer is sent.
	OnWrite func(n int, w Write)
	// OnCall is called for every call with its answer, also for those in a batch.
	OnCall func(Call)
}

// Call is a call of Graph and its answer.
type Call struct {
	Method, URL string // URL is absolute, with the query
	Header      http.Header
	Body        []byte
	Status      int
	Answer      []byte
}

// ImportedRole is a role that the provisioning service finds in AWS.
type ImportedRole struct {
	ARN       string
	Providers []string // SAML providers of its trust policy
}

// refusal is an error response of Graph.
type refusal struct {
	status        int
	code, message string
	header        http.Header
}

// Error implements error.
func (e *refusal) Error() string { return e.code + ": " + e.message }

func refuse(status int, code, format string, args ...any) error {
	return &refusal{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

func notFound(id string) error {
	return refuse(
		http.StatusNotFound, "Request_ResourceNotFound",
		"Resource '%s' does not exist or one of its queried reference-property objects are not present.", id,
	)
}

func badRequest(format string, args ...any) error {
	return refuse(http.StatusBadRequest, "Request_BadRequest", format, args...)
}

// request is a call with its body and token.
type request struct {
	*http.Request
	body  []byte
	token *accessToken
}

// response is the response of a handler; nil is 204.
type response struct {
	status int
	body   any
}

func created(body any) (*response, error) { return &response{http.StatusCreated, body}, nil }
func okay(body any) (*response, error)    { return &response{http.StatusOK, body}, nil }

// decode reads the body as JSON and refuses properties that the handler does not
// know.
func (r *request) decode(into any) error {
	decoder := json.NewDecoder(strings.NewReader(string(r.body)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return badRequest("Invalid JSON or property: %s", err)
	}
	return nil
}

type handler func(*request) (*response, error)

// newRoutes returns the handlers of all calls that the emulator supports.
func (d *Directory) newRoutes() *http.ServeMux {
	mux := http.NewServeMux()
	for pattern, handler := range map[string]handler{
		"GET /applicationTemplates":                                        d.listTemplates,
		"GET /applicationTemplates/{id}":                                   d.getTemplate,
		"POST /applicationTemplates/{id}/instantiate":                      d.instantiate,
		"GET /applications":                                                d.listApplications,
		"GET /applications/{id}":                                           d.getApplication,
		"PATCH /applications/{id}":                                         d.patchApplication,
		"DELETE /applications/{id}":                                        d.deleteApplication,
		"GET /servicePrincipals":                                           d.listPrincipals,
		"GET /servicePrincipals/{id}":                                      d.getPrincipal,
		"PATCH /servicePrincipals/{id}":                                    d.patchPrincipal,
		"POST /servicePrincipals/{id}/addTokenSigningCertificate":          d.addCertificate,
		"GET /servicePrincipals/{id}/appRoleAssignedTo":                    d.listAssignments,
		"POST /servicePrincipals/{id}/appRoleAssignedTo":                   d.assign,
		"DELETE /servicePrincipals/{id}/appRoleAssignedTo/{assignment}":    d.unassign,
		"GET /servicePrincipals/{id}/owners":                               d.listOwners,
		"POST /servicePrincipals/{id}/owners/$ref":                         d.addOwner,
		"DELETE /servicePrincipals/{id}/owners/{owner}/$ref":               d.removeOwner,
		"GET /servicePrincipals/{id}/claimsMappingPolicies":                d.policiesOf,
		"POST /servicePrincipals/{id}/claimsMappingPolicies/$ref":          d.usePolicy,
		"DELETE /servicePrincipals/{id}/claimsMappingPolicies/{rule}/$ref": d.dropPolicy,
		"GET /policies/claimsMappingPolicies":                              d.listPolicies,
		"POST /policies/claimsMappingPolicies":                             d.createPolicy,
		"PATCH /policies/claimsMappingPolicies/{rule}":                     d.patchPolicy,
		"DELETE /policies/claimsMappingPolicies/{rule}":                    d.deletePolicy,
		"GET /servicePrincipals/{id}/synchronization/templates":            d.listSyncTemplates,
		"GET /servicePrincipals/{id}/synchronization/jobs":                 d.listJobs,
		"POST /servicePrincipals/{id}/synchronization/jobs":                d.createJob,
		"GET /servicePrincipals/{id}/synchronization/jobs/{job}":           d.getJob,
		"DELETE /servicePrincipals/{id}/synchronization/jobs/{job}":        d.deleteJob,
		"POST /servicePrincipals/{id}/synchronization/jobs/{job}/{action}": d.jobAction,
		"GET /servicePrincipals/{id}/synchronization/secrets":              d.getSecrets,
		"PUT /servicePrincipals/{id}/synchronization/secrets":              d.putSecrets,
		"GET /users":        d.listUsers,
		"GET /groups/{id}":  d.getGroup,
		"GET /groups":       d.listGroups,
		"GET /me":           d.getMe,
		"GET /organization": d.getOrganization,
	} {
		mux.HandleFunc(pattern, d.adapt(handler))
	}
	return mux
}

// adapt returns the http.HandlerFunc of a handler.
func (d *Directory) adapt(handler handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // read from memory
		request := &request{Request: r, body: body, token: tokenOf(r)}
		answer, err := d.admit(request)
		if err == nil {
			answer, err = handler(request)
		}
		writeResponse(w, answer, err)
	}
}

func writeResponse(w http.ResponseWriter, answer *response, err error) {
	var refused *refusal
	w.Header().Set("request-id", uuid.NewString())
	switch {
	case errors.As(err, &refused):
		for name, values := range refused.header {
			w.Header()[name] = values
		}
		writeJSON(w, refused.status, fields{"error": fields{
			"code": refused.code, "message": refused.message,
			"innerError": fields{
				"date": "2026-01-01T00:00:00", "request-id": w.Header().Get("request-id"),
				"client-request-id": uuid.NewString(),
			},
		}})
	case err != nil:
		http.Error(w, "internal failure", http.StatusInternalServerError)
	case answer == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		writeJSON(w, answer.status, answer.body)
	}
}

// ServeHTTP implements http.Handler.
func (d *Directory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	token, err := d.tokenFor(r)
	if err != nil {
		writeResponse(w, nil, err)
		return
	}
	path, ok := strings.CutPrefix(r.URL.Path, "/v1.0")
	if !ok {
		writeResponse(w, nil, refuse(http.StatusNotFound, "Request_ResourceNotFound", "only v1.0 is emulated"))
		return
	}
	if path == "/$batch" && r.Method == http.MethodPost {
		d.serveBatch(w, r, token, body)
		return
	}
	answer := d.answer(r, token, r.Method, path, r.URL.RawQuery, body, false)
	if answer.dropped {
		hangUp(w)
		return
	}
	for name, values := range answer.header {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.body)
}

// fields is a JSON object.
type fields map[string]any

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // strings, numbers and lists of them
}

// hangUp closes the connection without an answer.
func hangUp(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
	}
}

// memoryWriter is an http.ResponseWriter in memory.
type memoryWriter struct {
	header  http.Header
	status  int
	body    []byte
	dropped bool // the answer never arrives
}

// Header implements http.ResponseWriter.
func (w *memoryWriter) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *memoryWriter) WriteHeader(status int) { w.status = status }

// Write implements http.ResponseWriter.
func (w *memoryWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	w.body = append(w.body, p...)
	return len(p), nil
}

// answer answers one call, alone or in a batch, and records it.
func (d *Directory) answer(
	r *http.Request, token *accessToken, method, path, query string, body []byte, inner bool,
) *memoryWriter {
	w := &memoryWriter{header: http.Header{}}
	call := r.Clone(withToken(r.Context(), token))
	call.Method, call.URL.Path, call.URL.RawPath, call.URL.RawQuery = method, byKey(path), "", query
	call.Body = io.NopCloser(strings.NewReader(string(body)))
	call.Pattern = ""
	d.mu.Lock()
	if err := d.trouble(method, path, inner); err != nil {
		writeResponse(w, nil, err)
	} else {
		d.routes.ServeHTTP(w, call)
		d.note(w, method, path)
	}
	if u := d.options.Units; u >= 0.8 {
		w.header.Set("x-ms-throttle-limit-percentage", strconv.FormatFloat(u, 'f', 2, 64))
	}
	w.header.Set("x-ms-resource-unit", "1")
	d.mu.Unlock()
	if see := d.options.OnCall; see != nil {
		address := "https://" + hostOf(r) + "/v1.0" + path
		if query != "" {
			address += "?" + query
		}
		see(Call{Method: method, URL: address, Header: r.Header, Body: body, Status: w.status, Answer: w.body})
	}
	return w
}

// note records a write.
func (d *Directory) note(w *memoryWriter, method, path string) {
	if method == http.MethodGet ||
		w.status >= http.StatusBadRequest && !(d.faults["instantiate-404"] && strings.HasSuffix(path, "/instantiate")) {
		return
	}
	if strings.HasSuffix(path, "/validateCredentials") {
		return // read-only
	}
	write := Write{method, path, w.status}
	d.writes = append(d.writes, write)
	w.dropped = method == http.MethodPost && d.loses(path)
	if tell := d.options.OnWrite; tell != nil {
		tell(len(d.writes), write)
	}
}

// loses reports whether the answer to a creation is lost.
func (d *Directory) loses(path string) bool {
	kind := "lost-answers " + path[strings.LastIndex(path, "/")+1:]
	if d.faults["lost-answers"] && d.counts[kind] == 0 {
		d.counts[kind]++
		return true
	}
	return d.once("lost-answer", 1)
}

// hostOf returns the host that a request is for, without its port.
func hostOf(r *http.Request) string { return strings.ToLower((&url.URL{Host: r.Host}).Hostname()) }

// byKey returns servicePrincipals/appId=x for servicePrincipals(appId='x').
func byKey(path string) string {
	for _, set := range []string{"/servicePrincipals", "/applications"} {
		if rest, ok := strings.CutPrefix(path, set+"(appId='"); ok {
			id, tail, _ := strings.Cut(rest, "')")
			return set + "/appId=" + id + tail
		}
	}
	return path
}

// Writes returns the calls that changed the directory, oldest first.
func (d *Directory) Writes() []Write {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.writes)
}
