package report

import (
	"encoding/json"
	"runtime"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/doctor"
	"github.com/o365aws/o365aws/internal/fault"
)

// Format is the version of the report format.
const Format = 1

// Document is a report. Every field holds a constant of this program, a number,
// or a name that package entra or this package has checked.
type Document struct {
	Format      int        `json:"format"`
	Created     string     `json:"created"` // day of creation
	Version     string     `json:"version"`
	Revision    string     `json:"revision,omitempty"`
	Go          string     `json:"go"`
	System      System     `json:"system"`
	Browser     *Browser   `json:"browser,omitempty"`
	Settings    []Setting  `json:"settings"`
	Unreadable  string     `json:"unreadable_profile,omitempty"` // the kind of the error
	Environment []string   `json:"environment"`
	Doctor      []Finding  `json:"doctor"`
	Trail       *Trail     `json:"trail,omitempty"`
	Acceptance  []Accepted `json:"acceptance,omitempty"`
}

// System describes the machine.
type System struct {
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	Release string `json:"release,omitempty"` // e.g. debian 12
	WSL     bool   `json:"wsl,omitempty"`
}

// Browser describes the browser that a sign-in would start.
type Browser struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

// Finding is a result of doctor without its text, which names files and hosts.
type Finding struct {
	Check  string        `json:"check"`
	Status doctor.Status `json:"status"`
}

// Accepted is a result of the acceptance tests.
type Accepted struct {
	Check  string `json:"check"`
	Result string `json:"result"` // passed, failed or skipped
	Why    string `json:"why,omitempty"`
}

// Facts holds the input of a report.
type Facts struct {
	Version, Revision string
	Now               time.Time
	Getenv            awsconfig.Env
	Profile           awsconfig.Profile
	ProfileErr        error // reason why the profile cannot be loaded
	Doctor            []doctor.Finding
	Trail             *Trail
}

// New returns a report of f.
func New(f Facts) Document {
	d := Document{
		Format: Format, Created: f.Now.UTC().Format(time.DateOnly), Version: versionShape(f.Version), Revision: f.Revision,
		Go: runtime.Version(), System: thisSystem(f.Getenv), Browser: browserOf(f.Doctor), Settings: []Setting{},
		Environment: variablesSet(f.Getenv), Doctor: []Finding{}, Trail: f.Trail,
	}
	if f.ProfileErr != nil {
		d.Unreadable = fault.KindOf(f.ProfileErr).String()
	} else {
		d.Settings = append(d.Settings, settingsOf(f.Profile)...)
	}
	for _, found := range f.Doctor {
		d.Doctor = append(d.Doctor, Finding{found.Check, found.Status})
	}
	return d
}

// JSON returns the content of a report file.
func (d Document) JSON() ([]byte, error) {
	data, err := json.MarshalIndent(d, "", "  ")
	return append(data, '\n'), err
}

// LeftOut lists the data that a report omits, for display.
var LeftOut = []string{
	"names, addresses, numbers and identifiers of the user, the tenant and the AWS accounts",
	"texts of pages, and hosts other than those of Microsoft and AWS",
	"values of settings and variables, but for those that are one of a few",
	"the texts of doctor's findings, paths, passwords, codes, tokens and cookies",
}

// forms is the prefix of the URLs of issue forms.
const forms = "https://github.com/o365aws/o365aws/issues/new?template="

// Form returns the address of the issue form for the report.
func (d Document) Form() string {
	switch t := d.Trail; {
	case t == nil || t.Outcome == "ok":
		return forms + "worked.yml"
	case len(t.Calls) > 0 || strings.HasPrefix(t.Command, "admin"):
		return forms + "admin.yml"
	case t.Outcome == fault.Page.String():
		return forms + "page.yml"
	}
	return forms + "wrong.yml"
}

var (
	anyVersion   = lazy(`^[A-Za-z0-9.()+-]{1,60}$`)
	browserFound = lazy(`(?i)(chromium|chrome|edge|brave)[^ ]* ([0-9]+(?:\.[0-9]+)+)? ?starts`)
)

func versionShape(text string) string {
	if anyVersion().MatchString(text) {
		return text
	}
	return "unknown"
}

// browserOf returns the browser in the findings of doctor.
func browserOf(all []doctor.Finding) *Browser {
	for _, f := range all {
		if f.Check != "browser" {
			continue
		}
		if found := browserFound().FindStringSubmatch(f.Detail); found != nil {
			return &Browser{strings.ToLower(found[1]), found[2]}
		}
	}
	return nil
}

func thisSystem(getenv awsconfig.Env) System {
	return System{
		OS: runtime.GOOS, Arch: runtime.GOARCH, Release: release(), WSL: getenv("WSL_DISTRO_NAME") != "",
	}
}
