package credserver

import (
	"log/slog"
	"maps"
	"slices"
	"sync"
)

// refusals counts refused requests by reason. Any program on this machine can send
// thousands, so each reason is reported once, and its total at the end.
type refusals struct {
	mu    sync.Mutex
	count map[string]int
}

// add counts a refusal and logs the first one for each reason.
func (r *refusals) add(log *slog.Logger, why, from string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.count == nil {
		r.count = map[string]int{}
	}
	if r.count[why]++; r.count[why] == 1 {
		log.Warn("the credential server refused a request", "why", why, "from", from)
	}
}

// summarize logs the total for each reason that occurred more than once.
func (r *refusals) summarize(log *slog.Logger) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, why := range slices.Sorted(maps.Keys(r.count)) {
		if n := r.count[why]; n > 1 {
			log.Warn("the credential server refused requests", "why", why, "count", n)
		}
	}
	r.count = nil
}
