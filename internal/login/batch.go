package login

import (
	"context"
	"time"

	"github.com/o365aws/o365aws/internal/identity"
)

// Batch is a login of several profiles. Those of the same user and application share
// one sign-in and its failure. The requests of a batch run one after the other.
type Batch struct {
	began   time.Time
	signIns map[string]signInOnce
}

type signInOnce struct {
	at        time.Time
	assertion assertion
	err       error
}

// NewBatch returns a batch that begins now.
func NewBatch(now time.Time) *Batch { return &Batch{now, map[string]signInOnce{}} }

// signInBatch signs in, or returns the result of another request of the batch.
func (r resolved) signInBatch(ctx context.Context) (assertion, error) {
	if r.Batch == nil {
		return r.signIn(ctx)
	}
	done, ok := r.Batch.signIns[r.identity.SharedKey()]
	if ok && r.env.Now().Sub(done.at) < identity.SharedLife {
		return done.assertion, done.err
	}
	a, err := r.signIn(ctx)
	if err == nil || concernsOthers(err) {
		key := r.env.Identity(r.Profile).SharedKey() // the sign-in may have looked up the tenant's GUID
		r.Batch.signIns[key] = signInOnce{r.env.Now(), a, err}
	}
	return a, err
}
