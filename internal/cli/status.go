package cli

import (
	"context"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/identity"
	"github.com/o365aws/o365aws/internal/login"
)

func (s *invocation) statusCommand() *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "show which credentials are valid, for which role, and for how long",
		Description: "Works offline. Without --profile it shows all profiles. The exit status is 9 if no " +
			"credentials are\n" +
			"valid. --prompt prints one short line for a shell prompt.\n\n" +
			"Example: o365aws status -o json\n" +
			"         PS1='$(o365aws status --prompt) \\$ '",
		Flags: []cli.Flag{
			&cli.BoolFlag{
				Name: "prompt", Usage: "print profile, role and time left on one line, or nothing",
			},
			&cli.DurationFlag{Name: "min-ttl", Usage: "count credentials as valid only with more time left than " +
				"this", DefaultText: "0m"},
		},
		Action: s.status,
	}
}

// profileStatus is a profile in JSON output.
type profileStatus struct {
	Profile     string   `json:"profile"`
	Username    string   `json:"username,omitempty"`
	SessionName string   `json:"session_name,omitempty"`
	RoleARN     string   `json:"role_arn,omitempty"`
	Role        string   `json:"role,omitempty"`
	Account     string   `json:"account,omitempty"`
	AccountName string   `json:"account_name,omitempty"`
	Policies    []string `json:"session_policies,omitempty"`
	Expires     string   `json:"expires,omitempty"`
	SecondsLeft int      `json:"seconds_left"`
	Valid       bool     `json:"fresh"`
	Session     string   `json:"session"`
	SessionBy   string   `json:"session_by,omitempty"` // device or browser
	Store       string   `json:"store"`
	Style       string   `json:"style"`
	Problem     string   `json:"problem,omitempty"`

	total time.Duration // total lifetime
}

func (s *invocation) status(c *cli.Context) error {
	if c.Bool("prompt") {
		return s.prompted(common(c, "profile"))
	}
	paths, err := s.paths()
	if err != nil {
		return err
	}
	all, err := s.loadProfiles(paths, common(c, "profile"))
	if err != nil {
		return err
	}
	env := s.loginEnv(paths)
	names, valid := awsconfig.AccountNames(paths), false
	sessions := s.sessions(c.Context, env, all)
	rows := make([]profileStatus, len(all))
	for i, l := range all {
		rows[i] = s.statusOf(env, l, names, c.Duration("min-ttl"))
		saved := sessions[env.Identity(l.Profile).Key()]
		rows[i].Session, rows[i].SessionBy = string(saved.state), saved.by
		valid = valid || rows[i].Valid
	}
	if s.json {
		err = s.data(struct {
			Valid    bool            `json:"fresh"`
			Profiles []profileStatus `json:"profiles"`
		}{valid, rows})
	} else {
		err = s.showStatus(rows)
	}
	if err == nil && !valid {
		if !s.json {
			s.say("No valid credentials. Run o365aws login.")
		}
		return silent
	}
	return err
}

// loadProfiles loads the named profile, or all o365aws profiles.
func (s *invocation) loadProfiles(paths awsconfig.Paths, name string) ([]awsconfig.Loaded, error) {
	if name != "" {
		p, err := awsconfig.Load(paths, s.Getenv, name, nil)
		return []awsconfig.Loaded{{Profile: p}}, err
	}
	all, err := awsconfig.LoadAll(paths, s.Getenv)
	if err == nil && len(all) == 0 {
		err = noProfiles(paths)
	}
	return all, err
}

// noProfiles returns the error for files without an o365aws profile.
func noProfiles(paths awsconfig.Paths) error {
	return fault.Newf(fault.Config, "no o365aws profile in %s", paths.Config).Hint("create one: o365aws configure")
}

// storePatience is how long status waits for secret stores.
const storePatience = 2 * time.Second

// savedSession is the state of a session in the secret store.
type savedSession struct {
	state identity.SessionState
	by    string
}

// sessions looks up the saved session of each identity concurrently.
func (s *invocation) sessions(ctx context.Context, env login.Env, all []awsconfig.Loaded) map[string]savedSession {
	ctx, cancel := context.WithTimeout(ctx, storePatience)
	defer cancel()
	states := map[string]savedSession{}
	var mu sync.Mutex
	var group sync.WaitGroup
	for _, l := range all {
		id := env.Identity(l.Profile)
		id.Access = identity.Unattended
		name := id.Key()
		mu.Lock() // a concurrent lookup may still write to the map
		_, begun := states[name]
		if !begun && l.Err == nil {
			states[name] = savedSession{state: identity.SessionUnknown}
		}
		mu.Unlock()
		if begun || l.Err != nil {
			continue
		}
		group.Go(func() {
			state, by, err := id.SessionState(ctx)
			if err != nil {
				env.Log.Info("cannot read the secret store", "error", err)
			}
			mu.Lock()
			defer mu.Unlock()
			states[name] = savedSession{state, by}
		})
	}
	group.Wait()
	return states
}

func (s *invocation) statusOf(
	env login.Env, l awsconfig.Loaded, names map[string]string, minTTL time.Duration,
) profileStatus {
	p := l.Profile
	row := profileStatus{Profile: p.Name, Username: p.Username, Store: s.stores.Kind(p.Store), Style: "file"}
	if p.CredentialProcess != "" {
		row.Style = "credential-process"
	}
	if l.Err != nil {
		row.Problem = l.Err.Error()
		return row
	}
	r, ok := login.Peek(env, p)
	if !ok {
		return row
	}
	left := r.Expires.Sub(s.Now())
	row.SessionName, row.RoleARN, row.Role, row.Account = r.SessionName, r.Role.ARN, r.Role.Name(), r.Role.Account()
	row.Policies = sessionPolicies(r.Policies)
	row.AccountName, row.Expires = names[row.Account], r.Expires.UTC().Format(time.RFC3339)
	row.SecondsLeft, row.Valid = max(0, int(left/time.Second)), left > minTTL
	row.total = max(p.Duration, time.Hour)
	return row
}
