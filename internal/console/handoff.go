package console

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/peer"
	"github.com/o365aws/o365aws/internal/secret"
)

// patience is how long a browser may take to come for the address.
const patience = time.Minute

// afterFailure is how long after its command has failed a browser may still
// come: some have opened it in a window that was there, and fail all the same.
const afterFailure = 3 * time.Second

// HandOff has a browser go to address without the address being an argument
// of a process, where every user of the machine could read it: open is given
// an address on this machine, which redirects once. It returns what tells that
// the browser's command has failed, so that nobody waits for it in vain.
func HandOff(ctx context.Context, address secret.Text, random io.Reader, open func(url string) (failed <-chan error, err error)) error {
	path := make([]byte, 32)
	if _, err := io.ReadFull(random, path); err != nil {
		return fmt.Errorf("address for the browser: %w", err)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("address for the browser: %w", err)
	}
	once := &redirect{host: listener.Addr().String(), path: "/" + hex.EncodeToString(path), to: address, stranger: peer.Stranger, done: make(chan struct{})}
	server := &http.Server{Handler: once, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	defer func() { <-ended }()
	defer func() { _ = server.Close() }()
	failed, err := open("http://" + once.host + once.path)
	if err != nil {
		return err
	}
	if err := once.await(ctx, failed); err != nil {
		return err
	}
	shut, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = server.Shutdown(shut) // lets the redirect be sent
	return nil
}

// await returns when a browser came, or when none is to be expected any more.
func (d *redirect) await(ctx context.Context, failed <-chan error) error {
	const printed = "o365aws console --print prints the address, to open it yourself"
	left := time.NewTimer(patience)
	defer left.Stop()
	var failure error
	for {
		select {
		case <-d.done:
			return nil
		case failure = <-failed:
			left.Reset(afterFailure)
		case <-left.C:
			if failure != nil {
				return fault.Wrap(fault.Browser, failure, "the browser's command failed", printed, "BROWSER names the command that opens addresses")
			}
			return fault.Newf(fault.Browser, "no browser came for the address within %s", patience).Hint(printed)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// redirect answers one request, and only one that names it exactly and is not
// of another user, who may have read the address in the list of processes.
type redirect struct {
	host, path string
	to         secret.Text
	stranger   func(*http.Request) bool
	used       atomic.Bool
	done       chan struct{}
}

// ServeHTTP implements http.Handler.
func (d *redirect) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	right := r.Method == http.MethodGet && r.Host == d.host && subtle.ConstantTimeCompare([]byte(r.URL.Path), []byte(d.path)) == 1
	if !right || d.stranger(r) || !d.used.CompareAndSwap(false, true) {
		http.Error(w, "not here", http.StatusNotFound)
		return
	}
	w.Header().Set("Location", d.to.Reveal())
	w.WriteHeader(http.StatusSeeOther)
	close(d.done)
}
