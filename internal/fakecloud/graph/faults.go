package graph

import (
	"net/http"
	"slices"
	"strings"
)

// Fault names one thing that Microsoft Graph is known to do to its callers.
type Fault struct {
	Name  string // for Options.Faults
	Title string // one line for people
}

// Faults returns what Microsoft Graph is known to do to its callers, for
// Options.Faults.
func Faults() []Fault {
	return []Fault{
		{"instantiate-404", "creating the application answers 404 although it was created"},
		{"lost-answer", "the first creation is done, but its answer never arrives"},
		{"lost-answers", "the first creation of each kind is done, but its answer never arrives"},
		{"reads-404", "new objects are not found by the first reads"},
		{"list-late", "new applications are missing from the first listings"},
		{"sync-403", "the first provisioning call of each kind on a new principal is forbidden"},
		{"sync-409", "the first provisioning calls of each kind on a new principal conflict"},
		{"no-reference", "the first assignments of a new role are no valid reference update"},
		{"duplicate-entitlement", "an assignment that exists is told in the other wording"},
		{"assignments-hidden", "the first listings of assignments that are there are empty"},
		{"throttled", "one call in eight is throttled, with Retry-After"},
		{"throttled-bare", "one call in eight is throttled, without Retry-After"},
		{"throttled-batch", "one call in three inside a batch is throttled"},
		{"storm", "one call in six answers 500, 502, 503 or 504"},
		{"small-pages", "pages hold two entries"},
		{"certificate-late", "a new certificate is missing from the first reads"},
		{"metadata-late", "the federation metadata is not there at once"},
		{"metadata-all", "the federation metadata lists certificates that do not sign, too"},
		{"roles-late", "imported roles appear some reads after the import is done"},
		{"quarantine", "provisioning goes into quarantine: the credentials do not work"},
		{"quarantine-once", "provisioning goes into quarantine until it is restarted"},
		{"stuck-import", "provisioning runs and imports nothing until it is switched off and on"},
		{"identifier-taken", "another application has the identifier already"},
		{"roles-mismatch", "the principal's inherited roles differ from the application's"},
		{"no-template", "the gallery of this cloud lacks the application"},
		{"no-policy-right", "the token lacks Policy.Read.All"},
		{"needs-owner", "a person who is no owner of the principal may not start or pause provisioning"},
		{"owner-fails", "provisioning cannot be started at all by a person"},
		{"owner-late", "an owner is not known as one at once, when taken out again"},
		{"owner-hidden", "an owner is listed, and not found when taken out again"},
		{"owner-stays", "provisioning cannot be started by a person, and an owner cannot be taken out"},
		{"slow-validate", "testing the connection fails the first times: the key is new"},
	}
}

func knownFaults(names []string) bool {
	for _, name := range names {
		if !slices.ContainsFunc(Faults(), func(s Fault) bool { return s.Name == name }) {
			return false
		}
	}
	return true
}

// once reports true for the first n questions about a fault that is on.
func (d *Directory) once(fault string, n int) bool {
	if !d.faults[fault] || d.counts[fault] >= n {
		return false
	}
	d.counts[fault]++
	return true
}

// onceEach reports true for the first n questions of each kind about a fault
// that is on.
func (d *Directory) onceEach(fault, kind string, n int) bool {
	kind = fault + " " + kind
	if !d.faults[fault] || d.counts[kind] >= n {
		return false
	}
	d.counts[kind]++
	return true
}

// third reports true for one question in three, about a fault that is on.
func (d *Directory) third(fault string) bool { return d.nth(fault, 3) }

// nth reports true for some questions, one in n, about a fault that is on.
func (d *Directory) nth(fault string, n int) bool {
	if !d.faults[fault] {
		return false
	}
	d.counts[fault]++
	// Scattered, and the same in every run: in step with the caller's own
	// rhythm, one call of it would be hit each time.
	return uint32(d.counts[fault])*2654435761>>16%uint32(n) == 0
}

// trouble is what befalls a call before it is looked at.
func (d *Directory) trouble(method, path string, inner bool) error {
	throttled := &refusal{
		status: http.StatusTooManyRequests, code: "TooManyRequests", message: "Too many requests",
		header: http.Header{},
	}
	switch {
	case inner && d.third("throttled-batch"):
		throttled.header.Set("Retry-After", "1")
		return throttled
	case inner:
		return nil
	case d.nth("throttled", 8):
		throttled.header.Set("Retry-After", "1")
		return throttled
	case d.nth("throttled-bare", 8):
		return throttled
	case d.nth("storm", 6):
		status := []int{http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}[d.counts["storm"]/3%4]
		return refuse(status, "InternalError", "Something went wrong")
	case strings.Contains(path, "/synchronization/") && d.onceEach("sync-403", method+path, 1):
		return refuse(http.StatusForbidden, "AccessDenied", "The principal is not there yet")
	case strings.Contains(path, "/synchronization/") && d.onceEach("sync-409", method+path, 2):
		return refuse(http.StatusConflict, "Conflict", "The principal is being copied")
	}
	return nil
}
