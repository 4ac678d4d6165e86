package cache

import (
	"encoding/json"
	"time"

	"github.com/o365aws/o365aws/internal/securefile"
)

// Failure is the reason why the last sign-in failed. Callers share it for a few seconds
// instead of sending the user another push notification. It contains no secret.
type Failure struct {
	At      time.Time `json:"at"`
	Kind    int       `json:"kind"`
	Message string    `json:"message"`
	Reason  string    `json:"reason,omitempty"` // why interactive sign-in is required
	Hints   []string  `json:"hints"`
}

const failure = "failure"

// Fail stores the failure of an identity's sign-in.
func (d Dir) Fail(identity string, f Failure) error {
	return d.write(d.file(failure, identity), f)
}

// Failed returns the failure of an identity's sign-in if it is more recent than limit. A
// failure from the future does not count: the clock was set back.
func (d Dir) Failed(identity string, now time.Time, limit time.Duration) (Failure, bool) {
	data, err := securefile.Read(d.file(failure, identity))
	if err != nil {
		return Failure{}, false
	}
	var f Failure
	if json.Unmarshal(data, &f) != nil || f.Message == "" {
		return Failure{}, false
	}
	age := now.Sub(f.At)
	return f, age >= 0 && age < limit
}

// Forgive deletes the failure of an identity.
func (d Dir) Forgive(identity string) error {
	_, err := remove(d.file(failure, identity))
	return err
}
