// Package doctor looks for what keeps a sign-in, or the AWS tools after it,
// from working, and says how to mend each thing that it finds. It changes
// nothing. What it cannot know by itself (a client, a store of secrets) its
// caller hands in.
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
)

// Status is how a check came out.
type Status string

// The outcomes.
const (
	OK   Status = "ok"
	Warn Status = "warning" // works, but not for long or not everywhere
	Fail Status = "problem"
	Skip Status = "skipped" // could not be looked at
)

// Finding is what one check has found about one thing.
type Finding struct {
	Check  string   `json:"check"`
	Status Status   `json:"status"`
	Detail string   `json:"detail"`
	Mend   []string `json:"mend,omitempty"` // what to do, one sentence each
}

// World is what the checks look at.
type World struct {
	Paths    awsconfig.Paths
	Env      awsconfig.Env
	Environ  []string
	GOOS     string
	Now      func() time.Time
	Random   io.Reader
	Log      *slog.Logger
	Profiles []awsconfig.Loaded
	Unread   error             // why the profiles could not be read, nil when they could
	Default  awsconfig.Profile // what a profile without settings would be

	Client    *http.Client // as a login has it
	ClientErr error        // why there is none
	Proxy     string       // shown; "" for none
	// TryStore writes, reads and deletes a secret in the store of a profile.
	TryStore func(ctx context.Context, p awsconfig.Profile) error
	// STSEndpoint is where a login of a profile asks AWS STS.
	STSEndpoint func(ctx context.Context, p awsconfig.Profile) (string, error)
}

// Check is one thing to look at. Its findings come in the order to show.
type Check struct {
	ID  string
	Run func(ctx context.Context, w World) []Finding
}

// Checks lists all, in the order to show: the files first, since the rest
// follows from them.
var Checks = []Check{
	{"config file", configFile},
	{"credentials file", credentialsFile},
	{"profiles", profiles},
	{"shadowing", shadowing},
	{"file modes", modes},
	{"environment", environment},
	{"browser", browserStarts},
	{"secrets", secrets},
	{"proxy and CA", network},
	{"sign-in site", signInSite},
	{"AWS STS", stsReachable},
}

// limit bounds one check: a keychain or a proxy may hang for ever.
const limit = 30 * time.Second

// Examine runs all checks, those of them that wait at the same time.
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
			if !slices.ContainsFunc(all, f.says) { // two profiles may have one trouble
				all = append(all, f)
			}
		}
	}
	return all
}

// says reports whether another finding says the same.
func (f Finding) says(other Finding) bool {
	return f.Check == other.Check && f.Status == other.Status && f.Detail == other.Detail
}

func ok(detail string) Finding { return Finding{Status: OK, Detail: detail} }

func warn(detail string, mend ...string) Finding {
	return Finding{Status: Warn, Detail: detail, Mend: mend}
}

func fail(detail string, mend ...string) Finding {
	return Finding{Status: Fail, Detail: detail, Mend: mend}
}

func skip(detail string) Finding { return Finding{Status: Skip, Detail: detail} }
