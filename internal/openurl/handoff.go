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

// patience is how long a browser may take to come for the address.
const patience = time.Minute

// HandOff has a browser go to address without the address being an argument
// of a process, where every user of the machine could read it: open is given
// an address on this machine, which redirects once. It returns what tells that
// the browser's command has failed, so that nobody waits for it in vain.
func HandOff(
	ctx context.Context, address secret.Text, random io.Reader,
	open func(url string) (failed <-chan error, err error),
) error {
	lead, err := NewRedirect(address, random)
	if err != nil {
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("address for the browser: %w", err)
	}
	door := &door{host: listener.Addr().String(), lead: lead, done: make(chan struct{})}
	server := &http.Server{Handler: door, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	defer func() { <-ended }()
	defer func() { _ = server.Close() }()
	failed, err := open("http://" + door.host + lead.Path())
	if err != nil {
		return err
	}
	if err := door.await(ctx, failed); err != nil {
		return err
	}
	shut, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = server.Shutdown(shut) // lets the redirect be sent
	return nil
}

// await returns when a browser came, or when none is to be expected any more.
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
			if d.strangers.Load() {
				return fault.Wrap(
					fault.Browser, failure,
					"the browser that requested the address runs as another user of this machine",
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

// door leads one browser to the address. The host has to be exact, too: names
// of somebody else can be made to point here.
type door struct {
	host      string
	lead      *Redirect
	strangers atomic.Bool // another user came
	done      chan struct{}
}

// ServeHTTP implements http.Handler.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := NotFound
	if r.Host == d.host {
		answer = d.lead.Follow(w, r)
	}
	switch answer {
	case Redirected:
		close(d.done)
	case ForeignUser:
		d.strangers.Store(true)
		http.Error(
			w,
			"This browser runs as another user of this machine than o365aws, which serves only its own user.\n"+
				"o365aws console --print prints the address so that you can open it yourself.",
			http.StatusForbidden,
		)
	case NotFound:
		http.Error(w, "not here", http.StatusNotFound)
	}
}
