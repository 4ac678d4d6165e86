// Package fakecloud is an emulator of Microsoft Entra, AD FS, the sign-in hosts of AWS
// and AWS STS, for tests and for the demo. It is independent of the program under test,
// which reaches it like the real hosts behind a company proxy that inspects TLS: through
// HTTPS_PROXY and AWS_CA_BUNDLE.
//
// It is strict, so that an incorrect client fails in tests rather than in production. The
// identity provider refuses SAML requests that Entra refuses. STS verifies the signature,
// issuer, audience, recipient, age, role and provider pairs, and durations, and responds
// with the codes and messages of AWS. GetCallerIdentity verifies the signature of the
// request. Connections to hosts that the emulator does not implement are refused and
// recorded as stray. Where Microsoft or AWS are lenient in a way that a client must not
// rely on, the emulator is not.
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

// Options configures a Cloud. The zero value is a usable default.
type Options struct {
	Now      func() time.Time // clock of Entra and STS; nil means the real one
	Scenario string           // one of Scenarios; "" is an ordinary sign-in
	Latency  time.Duration    // added to every response
	Password string           // password of every user; "" means the constant Password
	// LateHandlers is the delay between the appearance of a view of the sign-in pages and
	// the attachment of its event handlers. Earlier clicks and input are lost.
	LateHandlers time.Duration
	Graph        graph.Options // how Microsoft Graph behaves
	OnIAM        func(string)  // called for each action that changed the account, before its response is sent
	Empty        bool          // the tenant has no application, and the AWS account has no provider or role
	// Partition is the partition of the initially empty AWS account; "" means aws.
	Partition string
	// ReplyURLs lists additional reply URLs of the application, e.g. of a listener on
	// another port.
	ReplyURLs []string
	Log       *slog.Logger // nil discards logs; they never contain secrets
}

// Cloud is the emulator. Create it with New. It is safe for concurrent use.
type Cloud struct {
	opts  Options
	users map[string]*User // by lower-case name; constant
	app   application      // constant
	iam   map[string]iamRole
	keys  *keyring
	idp   *identityProvider
	ca    *authority
	// untrusted is a certificate authority that no client trusts.
	untrusted *authority
	entra     entraState  // of the sign-in pages; mu guards its variable parts
	device    deviceState // of devices that sign in; guarded by mu

	Graph   *graph.Directory // the tenant in Microsoft Graph
	account *account         // the AWS account of Options.Empty; has its own mutex
	members members          // other accounts of its organization; have their own mutex

	front *http.Server
	proxy *http.Server
	addr  string // of the TLS front
	via   string // host:port of the proxy
	tunnl *tunnels

	slower       atomic.Int64 // added to every response, on top of Options.Latency
	slept        atomic.Bool  // the scenario slow-script has delayed its response
	mu           sync.Mutex   // guards entra and the following fields
	records      []*record
	sessions     map[string]session // STS credentials by access key ID
	stsCalls     int                // AssumeRoleWithSAML calls so far
	lastPolicies []string           // of the last session that STS created
	posted       int                // number of assertions that reached the sign-in site of AWS
	signins      map[string]string  // role sessions by sign-in token for the console
	consoles     []string           // console sign-ins so far
}

// New returns a Cloud for the given scenario. It returns an error if the scenario is
// unknown or keys cannot be generated.
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

// tenant returns the data of the tenant for Graph.
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
	// The error of Serve is always ErrServerClosed, because Close ends it.
	go func() { _ = c.front.ServeTLS(front, "", "") }()
	go func() { _ = c.front.Serve(c.tunnl) }()
	go func() { _ = c.proxy.Serve(proxy) }()
	return nil
}

// Close closes all listeners and connections, including tunnels. It may be called more
// than once.
func (c *Cloud) Close() error {
	if c.front == nil {
		return nil
	}
	return errors.Join(c.proxy.Close(), c.front.Close(), c.tunnl.Close())
}

// Addr returns host:port of the TLS front. Its certificate is also valid for localhost
// and 127.0.0.1, where STS is available.
func (c *Cloud) Addr() string { return c.addr }

// ProxyURL returns the URL of the TLS-inspecting proxy, for HTTPS_PROXY.
func (c *Cloud) ProxyURL() string {
	proxy := url.URL{Scheme: "http", Host: c.via}
	if c.opts.Scenario == "proxy-password" {
		proxy.User = url.UserPassword(ProxyUser, ProxyPassword)
	}
	return proxy.String()
}

// ServeHTTP routes a request by its host name.
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

// wait waits for d and reports whether the request is still open afterwards.
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
