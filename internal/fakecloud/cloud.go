// Package fakecloud is an emulator of Microsoft Entra, AD FS, the sign-in hosts
// of AWS and AWS STS, for tests and for the demo. It knows nothing of the
// program under test, which reaches it as it would reach the real hosts from
// behind a company proxy that inspects TLS: by HTTPS_PROXY and AWS_CA_BUNDLE.
//
// It is strict, so that a careless client fails here and not in production. The identity provider refuses SAML requests that Entra
// refuses. STS verifies the signature, issuer, audience, recipient, age,
// pairing of role and provider, and durations, and answers with the codes and
// messages of AWS; GetCallerIdentity verifies the request's signature for
// real. A host that the emulator does not play gets no connection and is
// recorded as stray. Where Microsoft or AWS are lenient in a way that a
// client must not rely on, the emulator is not.
package fakecloud

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/o365aws/o365aws/internal/fakecloud/graph"
)

// Options say how a Cloud behaves. The zero value is a usable default.
type Options struct {
	Now      func() time.Time // clock of Entra and STS; nil is the real one
	Scenario string           // one of Scenarios; "" is the plain sign-in
	Latency  time.Duration    // added to every answer
	Password string           // of every user; "" is the constant Password
	// LateHandlers is how long after a view of the sign-in pages appears its
	// handlers are bound. What is clicked or typed before is lost.
	LateHandlers time.Duration
	Graph        graph.Options // how Microsoft Graph behaves
	OnIAM        func(string)  // told of each action that changed the account, before its answer goes out
	Empty        bool          // the tenant has no application yet, the AWS account no provider and no role
	// Partition is that of the AWS account which begins empty; "" is aws.
	Partition string
	// ReplyURLs are more reply URLs of the application, e.g. of a listener at
	// a port of its own.
	ReplyURLs []string
	Log       *slog.Logger // nil discards; never holds secrets
}

// Cloud is the emulator. Make it by New; it is safe for concurrent use.
type Cloud struct {
	opts  Options
	users map[string]*User // by lower-case name; fixed
	app   application      // fixed
	iam   map[string]iamRole
	keys  *keyring
	idp   *identityProvider
	ca    *authority
	// untrusted is an authority that no client trusts.
	untrusted *authority
	entra     entraState  // of the sign-in pages; its changing parts under mu
	device    deviceState // of devices that sign in; under mu

	Graph   *graph.Directory // the tenant as Microsoft Graph shows it
	account *account         // the AWS account of Options.Empty; has a guard of its own
	members members          // of its organization; have a guard of their own

	front *http.Server
	proxy *http.Server
	addr  string // of the TLS front
	via   string // host:port of the proxy
	tunnl *tunnels

	slower       atomic.Int64 // added to every response, on top of Options.Latency
	slept        atomic.Bool  // the scenario slow-script was slow
	mu           sync.Mutex   // guards what follows, and entra
	records      []*record
	sessions     map[string]session // STS credentials by access key id
	stsCalls     int                // AssumeRoleWithSAML calls so far
	lastPolicies []string           // of the session that STS opened last
	posted       int                // assertions that reached AWS's sign-in site
	signins      map[string]string  // role sessions by sign-in token for the console
	consoles     []string           // console sign-ins so far
}

// New makes a Cloud in the given scenario. It fails when the scenario is
// unknown or no keys can be made.
func New(o Options) (*Cloud, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Partition == "" {
		o.Partition = "aws"
	}
	if !knownScenario(o.Scenario) {
		return nil, fmt.Errorf("fakecloud: unknown scenario %q", o.Scenario)
	}
	keys := &keyring{}
	idp, err := newIdentityProvider(keys)
	if err != nil {
		return nil, err
	}
	ca, err := newAuthority()
	if err != nil {
		return nil, err
	}
	untrusted, err := newAuthority()
	if err != nil {
		return nil, err
	}
	c := &Cloud{
		opts: o, users: newUsers(cmp.Or(o.Password, Password)), app: awsApplication(o.Scenario),
		keys: keys, idp: idp, ca: ca, untrusted: untrusted, tunnl: newTunnels(), sessions: make(map[string]session),
	}
	c.app.replyURLs = append(c.app.replyURLs, o.ReplyURLs...)
	c.iam = c.newIAM()
	c.account = newAccount(AccountID, o.Partition)
	if c.opts.Graph.ListRoles == nil {
		c.opts.Graph.ListRoles = c.importableRoles
	}
	if c.Graph, err = graph.New(c.opts.Graph, c.tenant()); err != nil {
		return nil, err
	}
	if o.Empty {
		c.sessions[AdminKeyID] = session{
			secretKey: AdminSecret, account: AccountID, arn: c.account.arn("user/admin"),
			user: "AIDAFAKEADMIN", expires: o.Now().AddDate(1, 0, 0),
		}
	}
	return c, nil
}

func (c *Cloud) now() time.Time { return c.opts.Now() }

// tenant returns what Graph shows of the tenant.
func (c *Cloud) tenant() graph.Tenant {
	t := graph.Tenant{
		ID: TenantID, Domain: TenantDomain, Admin: UserName, Now: c.opts.Now, NewCertificate: c.keys.certified,
	}
	for _, u := range c.users {
		t.Users = append(t.Users, graph.User{
			ID: u.ObjectID, Name: u.Name, DisplayName: u.DisplayName, Mail: u.Name, Type: "Member",
		})
	}
	return t
}

// Start listens on two ports of 127.0.0.1: the TLS front, and an HTTP CONNECT
// proxy in front of it.
func (c *Cloud) Start() error {
	if c.front != nil {
		return errors.New("fakecloud: already started")
	}
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("fakecloud: %w", err)
	}
	proxy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		_ = front.Close()
		return fmt.Errorf("fakecloud: %w", err)
	}
	c.addr, c.via = front.Addr().String(), proxy.Addr().String()
	c.tunnl.addr = front.Addr()
	quiet := slog.NewLogLogger(c.opts.Log.Handler(), slog.LevelDebug)
	c.front = &http.Server{Handler: c, TLSConfig: c.tlsConfig(""), ReadHeaderTimeout: time.Minute, ErrorLog: quiet}
	c.proxy = &http.Server{Handler: http.HandlerFunc(c.serveProxy), ReadHeaderTimeout: time.Minute, ErrorLog: quiet}
	// The error of Serve is always ErrServerClosed here: Close ends it.
	go func() { _ = c.front.ServeTLS(front, "", "") }()
	go func() { _ = c.front.Serve(c.tunnl) }()
	go func() { _ = c.proxy.Serve(proxy) }()
	return nil
}

// Close ends all listeners and connections, also of tunnels. It may be called
// more than once.
func (c *Cloud) Close() error {
	if c.front == nil {
		return nil
	}
	return errors.Join(c.proxy.Close(), c.front.Close(), c.tunnl.Close())
}

// Addr returns host:port of the TLS front. Its certificate is also valid for
// localhost and 127.0.0.1, where STS answers.
func (c *Cloud) Addr() string { return c.addr }

// ProxyURL returns the URL of the TLS-inspecting proxy, for HTTPS_PROXY.
func (c *Cloud) ProxyURL() string {
	proxy := url.URL{Scheme: "http", Host: c.via}
	if c.opts.Scenario == "proxy-password" {
		proxy.User = url.UserPassword(ProxyUser, ProxyPassword)
	}
	return proxy.String()
}

// ServeHTTP routes a request by its host, as the internet would by name.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	handler := c.handlerFor(hostOnly(r.Host))
	c.recorded(w, r, handler == nil, func(w http.ResponseWriter, r *http.Request) {
		if handler == nil {
			http.Error(w, "fakecloud does not play this host", http.StatusBadGateway)
			return
		}
		if !wait(r.Context(), c.opts.Latency+time.Duration(c.slower.Load())) {
			return
		}
		handler.ServeHTTP(w, r)
	})
}

// wait sleeps for d and reports whether the request is still wanted then.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
