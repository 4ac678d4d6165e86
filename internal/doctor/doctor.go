// Package doctor diagnoses problems of a sign-in, and of the AWS tools after it, and
// suggests fixes. It changes nothing. The caller provides its dependencies, such as an
// HTTP client and the secret store.
package doctor

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/broker"
	"github.com/o365aws/o365aws/internal/browser"
)

// Status is the outcome of a check.
type Status string

// Outcomes of checks.
const (
	OK   Status = "ok"
	Warn Status = "warning" // works, with a limitation
	Fail Status = "problem"
	Skip Status = "skipped" // could not be checked
)

// Finding is a result of a check.
type Finding struct {
	Check  string   `json:"check"`
	Status Status   `json:"status"`
	Detail string   `json:"detail"`
	Fixes  []string `json:"mend,omitempty"` // the key keeps its first name
}

// World holds the data that checks examine.
type World struct {
	Paths    awsconfig.Paths
	Env      awsconfig.Env
	Environ  []string
	GOOS     string
	Now      func() time.Time
	Random   io.Reader
	Log      *slog.Logger
	Profiles []awsconfig.Loaded
	Unread   error             // reason why the profiles could not be read; nil if none
	Default  awsconfig.Profile // a profile without settings

	Client    *http.Client // configured as for a login
	ClientErr error        // reason why there is no Client
	Proxy     string       // for display; "" for none
	// StoreKind returns the kind of the secret store of a profile.
	StoreKind func(p awsconfig.Profile) string
	// TryStore writes, reads and deletes a secret in the secret store of a profile.
	TryStore func(ctx context.Context, p awsconfig.Profile) error
	// Broker returns the state of the device's identity broker.
	Broker func(ctx context.Context) (broker.State, error)
	// DeviceProof describes how a browser can prove that the device is managed.
	DeviceProof func() browser.DeviceProof
	// STSEndpoint returns the STS endpoint of a profile.
	STSEndpoint func(ctx context.Context, p awsconfig.Profile) (string, error)
}

// Check examines one subject. Its findings are in display order.
type Check struct {
	ID  string
	Run func(ctx context.Context, w World) []Finding
}

// Checks lists all checks in display order: files first, because the rest depends on
// them.
var Checks = []Check{
	{"config file", configFile},
	{"credentials file", credentialsFile},
	{"profiles", profiles},
	{"shadowing", shadowing},
	{"file modes", modes},
	{"environment", environment},
	{"browser", browserStarts},
	{"device", device},
	{"secrets", secrets},
	{"commands", commands},
	{"proxy and CA", network},
	{"sign-in site", signInSite},
	{"AWS STS", stsReachable},
}

// limit is the time limit of a check, because a keychain or a proxy may hang
// indefinitely.
const limit = 30 * time.Second

// Examine runs all checks in parallel.
func Examine(ctx context.Context, w World) []Finding {
	results := make([][]Finding, len(Checks))
	var group sync.WaitGroup
	for i, c := range Checks {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			results[i] = c.Run(ctx, w)
			for j := range results[i] {
				results[i][j].Check = c.ID
			}
		})
	}
	group.Wait()
	var all []Finding
	for _, found := range results {
		for _, f := range found {
			if !slices.ContainsFunc(all, f.says) { // two profiles may share a problem
				all = append(all, f)
			}
		}
	}
	return all
}

// says reports whether another finding is the same.
func (f Finding) says(other Finding) bool {
	return f.Check == other.Check && f.Status == other.Status && f.Detail == other.Detail
}

func ok(detail string) Finding { return Finding{Status: OK, Detail: detail} }

func warn(detail string, fixes ...string) Finding {
	return Finding{Status: Warn, Detail: detail, Fixes: fixes}
}

func fail(detail string, fixes ...string) Finding {
	return Finding{Status: Fail, Detail: detail, Fixes: fixes}
}

func skip(detail string) Finding { return Finding{Status: Skip, Detail: detail} }
