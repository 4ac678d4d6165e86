package credserver

import (
	"context"
	"sync"
	"time"

	"github.com/o365aws/o365aws/internal/awscreds"
)

const (
	// early is how long before their end credentials are fetched anew: the SDKs
	// ask again 15 minutes before it at the earliest.
	early = 15 * time.Minute
	// pause is how long a failure is the answer before the next try, so that
	// a child that asks in a loop does not become a storm of sign-ins.
	pause = 10 * time.Second
)

// keeper holds the credentials between requests, and fetches new ones once,
// however many ask.
type keeper struct {
	fetch Fetch
	now   func() time.Time
	ctx   context.Context // of the server: a fetch outlives the request that began it

	mu     sync.Mutex
	last   awscreds.Credentials
	minTTL time.Duration // of last: with less left it is fetched anew
	err    error         // of the last fetch
	failed time.Time
	flight chan struct{} // closed when the fetch that is under way ends
}

// get returns credentials. Those that will end soon are returned while new
// ones are fetched; for those about to end it waits. Old ones are returned as
// long as they are valid and no new ones can be had.
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

// valid returns what there is, else why there is nothing.
func (k *keeper) valid() (awscreds.Credentials, error) {
	if k.err != nil && !k.last.Expires.After(k.now()) {
		return awscreds.Credentials{}, k.err
	}
	return k.last, nil
}

// refresh fetches once. Sessions shorter than early are used for half their
// life: they would be stale from the start.
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
