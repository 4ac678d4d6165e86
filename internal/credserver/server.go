// Package credserver serves temporary credentials to the children of one
// command, by the protocol of AWS's container credentials: it is the one way
// in which a running program gets fresh ones. It owns who may ask and when
// the next credentials are fetched; where they come from is its caller's.
//
// Whoever can reach the port is any program, and any web page by way of a
// browser, on this machine. So every request must carry a random token, name
// exactly this address, and look like no browser's.
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
	"time"

	"github.com/o365aws/o365aws/internal/awscreds"
)

// Fetch gets credentials that have more than minTTL left, where that can be
// had. Its error's text is told to the child's SDK, and holds no secret.
type Fetch func(ctx context.Context, minTTL time.Duration) (awscreds.Credentials, error)

// Options are what a Server needs. All but Log must be there.
type Options struct {
	Fetch  Fetch
	Now    func() time.Time
	Random io.Reader
	Log    *slog.Logger // nil is silent
}

// Server is a listener that serves credentials. Make it by Start.
type Server struct {
	keeper keeper
	http   *http.Server
	host   string // the only Host that is answered
	token  string // the only Authorization
	log    *slog.Logger
	done   chan struct{}

	refused refusals
}

// path is the only one that is answered.
const path = "/credentials"

// tokenBytes is how much randomness the token holds.
const tokenBytes = 32

// Start listens on a random port of this machine's loopback address, until
// Close or the end of ctx.
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
		Handler: s, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	go func() {
		defer close(s.done)
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			o.Log.Warn("the credential server ended", "error", err)
		}
	}()
	context.AfterFunc(ctx, func() { _ = s.http.Close() })
	return s, nil
}

// Close ends the listener and all connections.
func (s *Server) Close() error {
	err := s.http.Close()
	<-s.done
	s.refused.summarize(s.log)
	return err
}

// Environ returns the two variables by which every AWS SDK finds the server.
func (s *Server) Environ() []string {
	return []string{
		"AWS_CONTAINER_CREDENTIALS_FULL_URI=http://" + s.host + path,
		"AWS_CONTAINER_AUTHORIZATION_TOKEN=" + s.token,
	}
}
