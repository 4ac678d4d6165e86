package network

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
)

// If the clock is wrong, assertions appear expired or not yet valid, and valid
// credentials appear expired. Every response from Microsoft and AWS contains the time.

// skewLimit is the clock difference above which the user is warned.
const skewLimit = 2 * time.Minute

// ClockWatch compares this machine's clock with those of the servers.
type ClockWatch struct {
	next   http.RoundTripper
	now    func() time.Time
	notice func(string)

	mu   sync.Mutex
	said string
}

// RoundTrip implements http.RoundTripper.
func (c *ClockWatch) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	theirs, parseErr := http.ParseTime(response.Header.Get("Date"))
	if parseErr == nil {
		c.compare(r.URL.Hostname(), theirs)
	}
	return response, nil
}

func (c *ClockWatch) compare(host string, theirs time.Time) {
	off := c.now().Sub(theirs)
	direction := "ahead of"
	if off < 0 {
		off, direction = -off, "behind"
	}
	if off < skewLimit {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.said == "" {
		c.said = fmt.Sprintf(
			"this machine's clock is %s %s that of %s: correct it, or credentials will be rejected",
			off.Round(time.Second), direction, host,
		)
		c.notice(c.said)
	}
}

// Wrong reports whether a response showed that the clock is wrong.
func (c *ClockWatch) Wrong() bool {
	if c == nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.said != ""
}

// Explain adds a hint to an error if the clock may have caused it.
func (c *ClockWatch) Explain(err error) error {
	if c == nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var f *fault.Error
	if c.said == "" || !errors.As(err, &f) {
		return err
	}
	with := *f
	with.Hints = append([]string{c.said}, f.Hints...)
	return &with
}

// WatchClock returns a network that compares the clock with every response.
func (n Network) WatchClock(now func() time.Time, notice func(string)) Network {
	n.Clock = &ClockWatch{next: n.Client.Transport, now: now, notice: notice}
	client := *n.Client
	client.Transport = n.Clock
	n.Client = &client
	return n
}
