// Package credserver serves temporary credentials to a command over the protocol of AWS
// container credentials, the only way to renew the credentials of a running program. It
// decides which requests to accept and when to renew the credentials; its caller provides
// them.
//
// Any program on this machine can reach the port, and so can any web page in a browser.
// Each request must therefore carry a random token, name exactly this address, and have
// no headers of a browser.
// Source: docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
package credserver

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/secret"
)

// Fetch returns credentials with more than minTTL left, if possible. The text of its
// error is sent to the SDK of the command and must not contain secrets.
type Fetch func(ctx context.Context, minTTL time.Duration) (awscreds.Credentials, error)

// Options configures a Server. All fields except Log are required.
type Options struct {
	Fetch  Fetch
	Now    func() time.Time
	Random io.Reader
	Log    *slog.Logger // nil discards logs
}

// Server serves credentials. Create it with Start.
type Server struct {
	keeper keeper
	http   *http.Server
	host   string // the only accepted Host header
	token  string // the only accepted Authorization header
	log    *slog.Logger
	done   chan struct{}

	refused   refusals
	forwarded atomic.Pointer[string] // an additional accepted Host header
}

// path is the only path that is served.
const path = "/credentials"

// tokenBytes is the number of random bytes in the token.
const tokenBytes = 32

// Start listens on a random port of the loopback interface until Close is called or ctx
// ends.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	random := make([]byte, tokenBytes)
	if _, err := io.ReadFull(o.Random, random); err != nil {
		return nil, fmt.Errorf("token of the credential server: %w", err)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("credential server: %w", err)
	}
	s := &Server{
		keeper: keeper{fetch: o.Fetch, now: o.Now, ctx: ctx},
		host:   listener.Addr().String(), token: hex.EncodeToString(random), log: o.Log, done: make(chan struct{}),
	}
	s.http = &http.Server{
		Handler: s, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		MaxHeaderBytes: 16 << 10,
		ErrorLog:       slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	go func() {
		defer close(s.done)
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			o.Log.Warn("credential server stopped", "error", err)
		}
	}()
	context.AfterFunc(ctx, func() { _ = s.http.Close() })
	return s, nil
}

// Port returns the port of the server.
func (s *Server) Port() string { return s.host[strings.LastIndexByte(s.host, ':')+1:] }

// Token returns the token that clients send in the Authorization header.
func (s *Server) Token() secret.Text { return secret.New(s.token) }

// Allow makes the server also accept requests for host, the remote end of a forwarded
// port.
func (s *Server) Allow(host string) { s.forwarded.Store(&host) }

// Close closes the listener and all connections.
func (s *Server) Close() error {
	err := s.http.Close()
	<-s.done
	s.refused.summarize(s.log)
	return err
}

// Environ returns the two variables through which AWS SDKs find the server.
func (s *Server) Environ() []string {
	return []string{
		"AWS_CONTAINER_CREDENTIALS_FULL_URI=http://" + s.host + path,
		"AWS_CONTAINER_AUTHORIZATION_TOKEN=" + s.token,
	}
}
