package credserver

import (
	"context"
	"sync"
	"time"

	"github.com/o365aws/o365aws/internal/awscreds"
)

const (
	// early is the remaining lifetime below which credentials are renewed: SDKs refresh
	// 15 minutes before expiration at the earliest.
	early = 15 * time.Minute
	// pause is the delay before the next attempt after a failure, so that a command that
	// requests credentials in a loop does not cause a storm of sign-ins.
	pause = 10 * time.Second
)

// keeper caches credentials between requests. Concurrent requests share one renewal.
type keeper struct {
	fetch Fetch
	now   func() time.Time
	ctx   context.Context // of the server, because a fetch may outlive its request

	mu     sync.Mutex
	last   awscreds.Credentials
	minTTL time.Duration // last is renewed if less than this remains
	err    error         // of the last fetch
	failed time.Time
	flight chan struct{} // closed when the current fetch ends
}

// get returns credentials. If they expire soon, it renews them in the background; if they
// are about to expire, it waits for the renewal. If the renewal fails, it returns the old
// credentials while they are valid.
func (k *keeper) get(ctx context.Context) (awscreds.Credentials, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	left := k.last.Expires.Sub(k.now())
	if left > k.minTTL && left > 0 {
		return k.last, nil
	}
	if k.err != nil && k.now().Sub(k.failed) < pause {
		return k.valid()
	}
	if k.flight == nil {
		k.flight = make(chan struct{})
		go k.refresh(k.flight)
	}
	if left > k.minTTL/3 && left > 0 {
		return k.last, nil
	}
	flight := k.flight
	k.mu.Unlock()
	select {
	case <-flight:
	case <-ctx.Done():
	}
	k.mu.Lock()
	if ctx.Err() != nil {
		return awscreds.Credentials{}, ctx.Err()
	}
	return k.valid()
}

// valid returns the credentials if they are valid, or else the error of the last fetch.
func (k *keeper) valid() (awscreds.Credentials, error) {
	if k.err != nil && !k.last.Expires.After(k.now()) {
		return awscreds.Credentials{}, k.err
	}
	return k.last, nil
}

// refresh fetches credentials once. Credentials with a lifetime shorter than early are
// renewed at half their lifetime.
func (k *keeper) refresh(flight chan struct{}) {
	creds, err := k.fetch(k.ctx, early)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.err = err; err != nil {
		k.failed = k.now()
	} else {
		k.last, k.minTTL = creds, min(early, creds.Expires.Sub(k.now())/2)
	}
	k.flight = nil
	close(flight)
}
