package openurl

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// patience is how long HandOff waits for a browser to request the address.
const patience = time.Minute

// HandOff opens address in a browser. Arguments of a process are visible to all users
// of the machine, so open receives a local address that redirects once. The channel
// that open returns reports that the browser command has failed.
func HandOff(
	ctx context.Context, address secret.Text, random io.Reader,
	open func(url string) (failed <-chan error, err error),
) error {
	redirect, err := NewRedirect(address, random)
	if err != nil {
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("address for the browser: %w", err)
	}
	door := &door{host: listener.Addr().String(), redirect: redirect, done: make(chan struct{})}
	server := &http.Server{Handler: door, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	defer func() { <-ended }()
	defer func() { _ = server.Close() }()
	failed, err := open("http://" + door.host + redirect.Path())
	if err != nil {
		return err
	}
	if err := door.await(ctx, failed); err != nil {
		return err
	}
	shut, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = server.Shutdown(shut) // finish sending the redirect
	return nil
}

// await returns when a browser has requested the address, or can no longer be expected
// to.
func (d *door) await(ctx context.Context, failed <-chan error) error {
	const printed = "o365aws console --print prints the address so that you can open it yourself"
	left := time.NewTimer(patience)
	defer left.Stop()
	var failure error
	for {
		select {
		case <-d.done:
			return nil
		case failure = <-failed:
			left.Reset(AfterFailure)
		case <-left.C:
			if d.foreign.Load() {
				return fault.Wrap(
					fault.Browser, failure,
					"the browser that requested the address runs as a different user of this machine",
					printed,
				)
			}
			if failure != nil {
				return fault.Wrap(
					fault.Browser, failure, "the browser command failed", printed,
					"set BROWSER to the command that opens addresses",
				)
			}
			return fault.Newf(fault.Browser, "no browser requested the address within %s", patience).Hint(printed)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// door redirects one browser to the address. It also checks the Host header, because a
// foreign name can resolve to this machine.
type door struct {
	host     string
	redirect *Redirect
	foreign  atomic.Bool // another user has requested the address
	done     chan struct{}
}

// ServeHTTP implements http.Handler.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := NotFound
	if r.Host == d.host {
		answer = d.redirect.Follow(w, r)
	}
	switch answer {
	case Redirected:
		close(d.done)
	case ForeignUser:
		d.foreign.Store(true)
		http.Error(
			w,
			"This browser runs as a different user of this machine than o365aws, which serves only its own user.\n"+
				"o365aws console --print prints the address so that you can open it yourself.",
			http.StatusForbidden,
		)
	case NotFound:
		http.Error(w, "not found", http.StatusNotFound)
	}
}
