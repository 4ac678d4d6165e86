package graph

import (
	"net/http"
	"slices"
	"strings"
)

// Fault is a known fault of Microsoft Graph.
type Fault struct {
	Name  string // for Options.Faults
	Title string // one-line description
}

// Faults returns all faults for Options.Faults.
func Faults() []Fault {
	return []Fault{
		{"instantiate-404", "creating the application answers 404 although it was created"},
		{"lost-answer", "the first creation is done, but its answer never arrives"},
		{"lost-answers", "the first creation of each kind is done, but its answer never arrives"},
		{"reads-404", "new objects are not found by the first reads"},
		{"list-late", "new applications are missing from the first listings"},
		{"sync-403", "the first provisioning call of each kind on a new principal is forbidden"},
		{"sync-409", "the first provisioning calls of each kind on a new principal conflict"},
		{"no-reference", "the first assignments of a new role are not a valid reference update"},
		{"duplicate-entitlement", "an existing assignment is reported in the other wording"},
		{"assignments-hidden", "the first listings of existing assignments are empty"},
		{"throttled", "one call in eight is throttled, with Retry-After"},
		{"throttled-bare", "one call in eight is throttled, without Retry-After"},
		{"throttled-batch", "one call in three inside a batch is throttled"},
		{"storm", "one call in six answers 500, 502, 503 or 504"},
		{"small-pages", "pages hold two entries"},
		{"certificate-late", "a new certificate is missing from the first reads"},
		{"metadata-late", "the federation metadata is published late"},
		{"metadata-all", "the federation metadata also lists inactive certificates"},
		{"roles-late", "imported roles appear some reads after the import is complete"},
		{"quarantine", "provisioning goes into quarantine: the credentials do not work"},
		{"quarantine-once", "provisioning goes into quarantine until it is restarted"},
		{"stuck-import", "provisioning imports nothing until it is paused and started"},
		{"identifier-taken", "another application has the identifier"},
		{"roles-mismatch", "the principal's inherited roles differ from the application's"},
		{"no-template", "the gallery of this cloud lacks the application"},
		{"other-template", "the application has another id in the gallery of this cloud"},
		{"no-policy-right", "the token lacks Policy.Read.All"},
		{"needs-owner", "a user must be an owner of the principal to start or pause provisioning"},
		{"owner-fails", "a user cannot start provisioning, not even as an owner"},
		{"owner-late", "the first removals of a new owner do not find it"},
		{"owner-hidden", "an owner is listed, but removals do not find it"},
		{"owner-stays", "a user cannot start provisioning, and an owner cannot be removed"},
		{"slow-validate", "the first connection tests fail because the key is new"},
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

// once reports whether an enabled fault occurs, the first n times.
func (d *Directory) once(fault string, n int) bool {
	if !d.faults[fault] || d.counts[fault] >= n {
		return false
	}
	d.counts[fault]++
	return true
}

// onceEach reports whether an enabled fault occurs, the first n times for each kind.
func (d *Directory) onceEach(fault, kind string, n int) bool {
	kind = fault + " " + kind
	if !d.faults[fault] || d.counts[kind] >= n {
		return false
	}
	d.counts[kind]++
	return true
}

// third reports whether an enabled fault occurs, one time in three.
func (d *Directory) third(fault string) bool { return d.nth(fault, 3) }

// nth reports whether an enabled fault occurs, one time in n.
func (d *Directory) nth(fault string, n int) bool {
	if !d.faults[fault] {
		return false
	}
	d.counts[fault]++
	// Scattered deterministically: with a regular interval it could always hit the
	// same call of a repeated sequence.
	return uint32(d.counts[fault])*2654435761>>16%uint32(n) == 0
}

// trouble returns the fault of a call before its handler runs; nil if there is none.
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
		status := http.StatusInternalServerError + []int{0, 2, 3, 4}[d.counts["storm"]/3%4]
		return refuse(status, "InternalError", "Something went wrong")
	case strings.Contains(path, "/synchronization/") && d.onceEach("sync-403", method+path, 1):
		return refuse(http.StatusForbidden, "AccessDenied", "The principal is not there yet")
	case strings.Contains(path, "/synchronization/") && d.onceEach("sync-409", method+path, 2):
		return refuse(http.StatusConflict, "Conflict", "The principal is being copied")
	}
	return nil
}
