// Package report collects diagnostic data about a sign-in or an admin command, redacted
// so that it is safe to publish: the trail of the last run, and the report that o365aws
// report writes. It sends nothing.
package report

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/securefile"
	"github.com/o365aws/o365aws/internal/sts"
)

// TrailLife is how long a trail is stored.
const TrailLife = 24 * time.Hour

// maxCalls is the maximum number of calls of an admin command in a trail, which contains
// the last ones.
const maxCalls = 500

// Trail is the record of a run, without user data.
type Trail struct {
	Version  string        `json:"version"`
	System   string        `json:"system"`
	Began    time.Time     `json:"began"`
	Command  string        `json:"command,omitempty"`
	Cloud    string        `json:"cloud,omitempty"`
	Sources  []Source      `json:"sources,omitempty"`
	Pages    []entra.Visit `json:"pages,omitempty"`
	Calls    []Call        `json:"calls,omitempty"`
	Outcome  string        `json:"outcome"` // kind of the error; "ok" for none
	ExitCode int           `json:"exit_code"`
	Error    string        `json:"error,omitempty"`      // message, with %s in place of user data
	Code     string        `json:"error_code,omitempty"` // of AWS
}

// Source is a way to get an assertion, with its outcome.
type Source struct {
	Name    string `json:"name"`
	Outcome string `json:"outcome"` // "ok", "not available" or the kind of the error
}

// Call is a call of Microsoft Graph or AWS.
type Call struct {
	Service string `json:"service"`
	Method  string `json:"method"`         // HTTP method, or operation of AWS
	Path    string `json:"path,omitempty"` // path in Graph, with {id} for each identifier
	Status  int    `json:"status,omitempty"`
	Code    string `json:"code,omitempty"`
}

// Recorder records the trail of a run. It is safe for concurrent use. A nil Recorder
// records nothing.
type Recorder struct {
	mu      sync.Mutex
	trail   Trail
	worth   bool // there is something to store
	off     bool // the profile disables the trail
	private []string
}

// NewRecorder returns a Recorder for a run of the given version of the program.
func NewRecorder(version string, began time.Time) *Recorder {
	return &Recorder{trail: Trail{
		Version: version, System: runtime.GOOS + "/" + runtime.GOARCH, Began: began.UTC().Truncate(time.Second),
	}}
}

// SignIn describes a sign-in.
type SignIn struct {
	Cloud string
	// Store makes the recorder store the trail even if no page was shown.
	Store bool
	// Off disables storing the trail.
	Off bool
	// Private holds user data that records must not contain.
	Private []string
}

// Begin records the start of a sign-in.
func (r *Recorder) Begin(s SignIn) {
	r.change(func() {
		r.trail.Cloud, r.worth, r.off = s.Cloud, r.worth || s.Store, s.Off
		r.private = append(r.private, s.Private...)
	})
}

// Private returns the user data that records must not contain.
func (r *Recorder) Private() (private []string) {
	r.change(func() { private = slices.Clone(r.private) })
	return private
}

// Page records a page that was left. Package entra has redacted it.
func (r *Recorder) Page(v entra.Visit) {
	r.change(func() { r.trail.Pages, r.worth = append(r.trail.Pages, v), true })
}

// Skeleton returns the elements of the last page without user data.
func (r *Recorder) Skeleton(text string) (clean string) {
	r.change(func() {
		host := ""
		if n := len(r.trail.Pages); n > 0 {
			host = r.trail.Pages[n-1].Page.Host
		}
		clean = entra.RedactSkeleton(text, host, r.private...)
	})
	return clean
}

// Source records a way to get an assertion.
func (r *Recorder) Source(name, outcome string) {
	r.change(func() { r.trail.Sources = append(r.trail.Sources, Source{name, outcome}) })
}

// Graph records a call of Microsoft Graph.
func (r *Recorder) Graph(method, path string, status int, code string) {
	r.call(Call{"graph", method, graphPath(path), status, errorCode(code)})
}

// AWS records a call of an AWS service.
func (r *Recorder) AWS(service, operation string, status int, code string) {
	r.call(Call{Service: service, Method: operation, Status: status, Code: errorCode(code)})
}

func (r *Recorder) call(c Call) {
	r.change(func() {
		r.trail.Calls, r.worth = append(r.trail.Calls, c), true
		if len(r.trail.Calls) > maxCalls {
			r.trail.Calls = r.trail.Calls[1:]
		}
	})
}

// TurnOff disables storing the trail.
func (r *Recorder) TurnOff() { r.change(func() { r.off = true }) }

func (r *Recorder) change(set func()) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	set()
}

// Trail returns the trail so far, for a run that ends with err.
func (r *Recorder) Trail(err error) (t Trail) {
	r.change(func() { t = r.trail })
	t.Outcome = "ok"
	if err == nil {
		return t
	}
	kind := fault.KindOf(err)
	if errors.Is(err, context.Canceled) {
		kind = fault.Interrupted
	}
	t.Outcome, t.ExitCode = kind.String(), int(kind)
	var f *fault.Error
	if errors.As(err, &f) {
		t.Error = f.Format
	}
	var refusal *sts.ServiceError
	if errors.As(err, &refusal) {
		t.Code = errorCode(refusal.Code)
	}
	return t
}

// Save replaces the stored trail if the run was a sign-in or an admin command. If the
// profile disables the trail, Save deletes the stored one.
func (r *Recorder) Save(ctx context.Context, paths awsconfig.Paths, command string, err error) error {
	worth, off := false, false
	r.change(func() { r.trail.Command, worth, off = command, r.worth, r.off })
	switch {
	case off:
		return RemoveTrail(paths)
	case !worth:
		return nil
	}
	data, err := json.MarshalIndent(r.Trail(err), "", "  ")
	if err != nil {
		return err
	}
	return awsconfig.UpdateFile(ctx, paths.Trail(), paths.Locks(), func([]byte) ([]byte, error) {
		return append(data, '\n'), nil
	})
}

// LoadTrail returns the stored trail. It returns false if there is none, and
// deletes one that is too old.
func LoadTrail(paths awsconfig.Paths, now time.Time) (Trail, bool) {
	data, err := securefile.Read(paths.Trail())
	var t Trail
	if err != nil || json.Unmarshal(data, &t) != nil {
		return Trail{}, false
	}
	if age := now.Sub(t.Began); age > TrailLife || age < -time.Hour {
		_ = RemoveTrail(paths) // it is tried again at the next run
		return Trail{}, false
	}
	return t, true
}

// RemoveTrail deletes the stored trail.
func RemoveTrail(paths awsconfig.Paths) error {
	err := os.Remove(paths.Trail())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// graphWords lists the words in the paths of Microsoft Graph calls. Every other path
// segment is an identifier.
var graphWords = sync.OnceValue(func() []string {
	return strings.Fields(`
	$batch $ref addTokenSigningCertificate appRoleAssignedTo appRoleAssignments applicationTemplates applications
	claimsMappingPolicies directoryObjects groups instantiate jobs me memberOf organization owners policies restart
	secrets servicePrincipals start synchronization templates transitiveMemberOf users v1.0 validateCredentials`)
})

// graphPath returns the path of a call with {id} in place of identifiers.
func graphPath(path string) string {
	path, _, _ = strings.Cut(path, "?")
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		word, _, keyed := strings.Cut(segment, "(")
		switch {
		case segment == "":
		case !slices.Contains(graphWords(), word):
			segments[i] = "{id}"
		case keyed:
			segments[i] = word + "({id})"
		}
	}
	return strings.Join(segments, "/")
}

var codeShape = lazy(`^[A-Z][A-Za-z]{1,30}([_.][A-Z][A-Za-z]{1,40}){0,3}$`)

// errorCode returns the error code of a service, or "other".
func errorCode(code string) string {
	if code == "" || codeShape().MatchString(code) {
		return code
	}
	return "other"
}

// ExpireTrail deletes a stored trail that is too old.
func ExpireTrail(paths awsconfig.Paths, now time.Time) {
	if info, err := os.Stat(paths.Trail()); err == nil && now.Sub(info.ModTime()) > TrailLife {
		_ = RemoveTrail(paths) // it is tried again at the next run
	}
}

// lazy compiles a regular expression on first use, because most runs do not need it.
func lazy(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
