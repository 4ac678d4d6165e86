package awsfake

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Call is one request to AWS.
type Call struct {
	Service string // iam, sts, cloudformation, organizations
	Action  string
	Key     string     // ID of the access key that signed it
	Params  url.Values // parameters of the query protocol; empty for Organizations
	Body    []byte
}

// Name returns the action in the form of policies.
func (c Call) Name() string { return c.Service + ":" + c.Action }

// Write reports whether the call changes something.
func (c Call) Write() bool {
	for _, read := range []string{"Get", "List", "Describe", "Assume", "Validate", "Simulate", "Estimate"} {
		if strings.HasPrefix(c.Action, read) {
			return false
		}
	}
	return true
}

// Refusal is an error response of AWS.
type Refusal struct {
	Status        int
	Code, Message string
}

// Gate is a proxy in front of moto that records calls, refuses them on demand, and
// rejects what AWS would reject.
type Gate struct {
	URL    string
	moto   string
	turn   *sync.Mutex // serializes calls to moto
	server *httptest.Server
	idle   *sync.Cond
	busy   int

	connections atomic.Int64

	mu        sync.Mutex
	calls     []Call
	before    func(Call) *Refusal
	after     func(Call)
	play      func(Call) (string, bool)
	providers map[string]map[string]string // tags of SAML providers by ARN
	accounts  map[string]string            // accounts by access key ID, for assumed roles
	auto      map[string]string            // automatic deployment settings by stack set
	roles     map[string]map[string]role   // roles by stack set and logical ID
	trusted   bool                         // the organization trusts StackSets
}

// NewGate opens a gate and closes it when the test ends.
func NewGate(t testing.TB, moto *Moto) *Gate {
	t.Helper()
	g, err := OpenGate(moto)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return g
}

// OpenGate opens a gate. The caller must close it.
func OpenGate(moto *Moto) (*Gate, error) {
	g := &Gate{
		idle: sync.NewCond(&sync.Mutex{}), moto: moto.URL, turn: &moto.turn,
		providers: map[string]map[string]string{}, accounts: map[string]string{}, auto: map[string]string{},
		roles: map[string]map[string]role{},
	}
	target, err := url.Parse(moto.URL)
	if err != nil {
		return nil, err
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	g.server = httptest.NewUnstartedServer(
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.serve(w, r, g.serialize(proxy)) }),
	)
	g.server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			g.connections.Add(1)
		}
	}
	g.server.Start()
	g.URL = g.server.URL
	return g, nil
}

// serialize serializes calls to moto, whose threads share tables without a lock: if one
// call creates a role while another iterates over the roles, the latter fails with
// "dictionary changed size during iteration", a 500 that the SDK retries.
func (g *Gate) serialize(moto http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.turn.Lock()
		defer g.turn.Unlock()
		moto.ServeHTTP(w, r)
	})
}

// Connections returns the number of connections made to the gate.
func (g *Gate) Connections() int64 { return g.connections.Load() }

// Idle waits until no call is in progress.
func (g *Gate) Idle() {
	g.idle.L.Lock()
	defer g.idle.L.Unlock()
	for g.busy > 0 {
		g.idle.Wait()
	}
}

// work adds n to the number of calls in progress.
func (g *Gate) work(n int) {
	g.idle.L.Lock()
	defer g.idle.L.Unlock()
	if g.busy += n; g.busy == 0 {
		g.idle.Broadcast()
	}
}

// Close closes the gate; moto keeps running.
func (g *Gate) Close() { g.server.Close() }

// Before sets a function that is called with each call first. A nil Refusal lets the call
// through.
func (g *Gate) Before(look func(Call) *Refusal) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.before = look
}

// Play sets a function that answers CloudFormation calls instead of moto. It returns the
// content of the result element, and false to leave the call to moto.
func (g *Gate) Play(answers func(Call) (string, bool)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.play = answers
}

// After sets a function that is called with each call that was let through, before its
// response is returned.
func (g *Gate) After(look func(Call)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.after = look
}

// Take returns the calls since the last Take.
func (g *Gate) Take() []Call {
	g.mu.Lock()
	defer g.mu.Unlock()
	calls := g.calls
	g.calls = nil
	return calls
}

// Writes returns the names of the calls that change something.
func Writes(calls []Call) []string {
	var names []string
	for _, c := range calls {
		if c.Write() {
			names = append(names, c.Name())
		}
	}
	return names
}

var scope = regexp.MustCompile(`Credential=([A-Z0-9]+)/\d+/[a-z0-9-]+/([a-z0-9-]+)/aws4_request`)

func (g *Gate) serve(w http.ResponseWriter, r *http.Request, moto http.Handler) {
	g.work(1)
	defer g.work(-1)
	// A call that has begun completes even if the client disconnects, as in AWS.
	r = r.WithContext(context.WithoutCancel(r.Context()))
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	call := Call{Body: body, Params: url.Values{}}
	if found := scope.FindStringSubmatch(r.Header.Get("Authorization")); found != nil {
		call.Key, call.Service = found[1], found[2]
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		_, call.Action, _ = strings.Cut(target, ".")
	} else if params, err := url.ParseQuery(string(body)); err == nil {
		call.Params, call.Action = params, params.Get("Action")
	}
	g.mu.Lock()
	g.calls = append(g.calls, call)
	before, after := g.before, g.after
	g.mu.Unlock()
	refusal := (*Refusal)(nil)
	if before != nil {
		refusal = before(call)
	}
	if refusal == nil {
		refusal = g.strict(call)
	}
	if refusal != nil {
		refuse(w, call, *refusal)
		return
	}
	recorded := httptest.NewRecorder()
	if !g.played(call, recorded) && !g.tagging(call, recorded) && !g.stackSets(call, recorded) {
		moto.ServeHTTP(recorded, r)
		g.learn(call, recorded)
		moveByUnits(call, r, moto)
	}
	if after != nil {
		after(call)
	}
	for name, values := range recorded.Header() {
		if name != "Content-Length" {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(recorded.Code)
	_, _ = w.Write(recorded.Body.Bytes())
}

// refuse writes an error response in the call's protocol.
func refuse(w http.ResponseWriter, c Call, r Refusal) {
	if c.Service == "organizations" {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(r.Status)
		_ = json.NewEncoder(w).Encode(map[string]string{"__type": r.Code, "message": r.Message})
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(r.Status)
	var message bytes.Buffer
	_ = xml.EscapeText(&message, []byte(r.Message))
	_, _ = fmt.Fprintf(
		w,
		`<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>`,
		r.Code, message.String(),
	)
}

// Behind returns the URL of moto, bypassing the gate.
func (g *Gate) Behind() string { return g.moto }

// Refuse returns the AWS error response with the given code.
func Refuse(code string) *Refusal {
	known := map[string]Refusal{
		"AccessDenied": {
			http.StatusForbidden, "",
			"User: arn:aws:iam::123456789012:user/admin is not authorized to perform this action because no " +
				"identity-based policy allows it",
		},
		"Throttling":              {http.StatusBadRequest, "", "Rate exceeded"},
		"ExpiredToken":            {http.StatusForbidden, "", "The security token included in the request is expired"},
		"NoSuchEntity":            {http.StatusNotFound, "", "The role with name azure.admin cannot be found."},
		"MalformedPolicyDocument": {http.StatusBadRequest, "", "Invalid principal in policy"},
		"LimitExceeded":           {http.StatusConflict, "", "Cannot exceed quota for RolesPerAccount: 1000"},
	}
	r, ok := known[code]
	if !ok {
		r = Refusal{http.StatusBadRequest, "", "refused by the test"}
	}
	r.Code = code
	return &r
}

// Reset clears the state of moto and of the gate.
func (g *Gate) Reset(t testing.TB) {
	t.Helper()
	(&Moto{URL: g.moto}).Reset(t)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = nil
	clear(g.providers)
	clear(g.accounts)
	clear(g.auto)
	clear(g.roles)
	g.trusted = false
}
