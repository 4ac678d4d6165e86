package cli

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/termtext"
)

// loginAll implements login --all-roles: it signs in once and assumes every role.
func (s *invocation) loginAll(c *cli.Context, env login.Env, request login.Request) error {
	if request.Role != "" {
		return usage("--role and --all-roles cannot be combined").Hint("use one of them")
	}
	all, err := login.RunAll(c.Context, env, request)
	if len(all) > 0 {
		if err := s.showAll(all); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	failed := 0
	for _, one := range all {
		if one.Err != nil {
			failed++
		}
	}
	if failed > 0 {
		return fault.Newf(fault.Role, "%d of %d roles failed; credentials of the others are stored", failed, len(all)).
			Hint("run the command again to retry")
	}
	return nil
}

type oneDocument struct {
	RoleARN  string   `json:"role_arn"`
	Account  string   `json:"account"`
	Profiles []string `json:"profiles"`
	Expires  string   `json:"expires,omitempty"`
	Error    string   `json:"error,omitempty"`
}

// showAll prints the result of each role.
func (s *invocation) showAll(all []login.RoleResult) error {
	documents := []oneDocument{}
	for _, one := range all {
		d := oneDocument{RoleARN: one.Role.ARN, Account: one.Role.Account(), Profiles: one.Profiles}
		if d.Profiles == nil {
			d.Profiles = []string{}
		}
		if one.Err != nil {
			d.Error = termtext.Printable(one.Err.Error(), maxMessage)
		} else {
			d.Expires = one.Result.Expires.UTC().Format(time.RFC3339)
		}
		documents = append(documents, d)
		if s.json {
			continue
		}
		name := one.Role.Account() + "/" + one.Role.Name()
		switch {
		case one.Err != nil:
			s.say("%s: failed: %s", name, d.Error)
		case len(one.Profiles) > 0:
			s.say(
				"%s: until %s, in profile %s", name, one.Result.Expires.Local().Format("15:04"),
				strings.Join(one.Profiles, ", "),
			)
		default:
			s.say("%s: until %s, for --role %s", name, one.Result.Expires.Local().Format("15:04"), name)
		}
	}
	if s.json {
		return s.data(struct {
			Roles []oneDocument `json:"roles"`
		}{documents})
	}
	return nil
}

// loginProfiles implements login --all-profiles: it logs in to the profiles in turn, with
// one sign-in for those of the same user and application.
func (s *invocation) loginProfiles(c *cli.Context, env login.Env, request login.Request) error {
	if c.Bool("all-roles") || request.Role != "" {
		return usage("--all-profiles cannot be combined with --role or --all-roles").Hint("use one of them")
	}
	getenv := login.WithoutRole(s.Getenv)
	loaded, err := awsconfig.LoadAll(env.Paths, getenv)
	if err != nil {
		return err
	}
	if len(loaded) == 0 {
		return noProfiles(env.Paths)
	}
	request.Batch = login.NewBatch(s.Now())
	var failed error
	documents := []profileDocument{}
	for _, l := range loaded {
		profile, err := s.load(c, env.Paths, getenv, l.Profile.Name)
		request.Role = ""
		if err == nil && profile.RoleARN == "" {
			request.Role = awsconfig.LoadState(env.Paths).LastRole(profile.Name)
		}
		if err == nil && l.IsBase && profile.RoleARN == "" && request.Role == "" {
			continue // the profiles based on it have the roles
		}
		var result login.Result
		if err == nil {
			result, err = login.Run(c.Context, env, s.requestFor(profile, request))
		}
		if c.Context.Err() != nil {
			return c.Context.Err()
		}
		d := s.showProfile(l.Profile.Name, result, err)
		if err == nil {
			s.warnShadowed(env.Paths, profile.Name)
		}
		documents, failed = append(documents, d), cmp.Or(failed, err)
	}
	if s.json {
		err = s.data(struct {
			Profiles []profileDocument `json:"profiles"`
		}{documents})
	}
	return cmp.Or(err, summary(documents, failed))
}

// profileDocument is a profile in the JSON output of login --all-profiles.
type profileDocument struct {
	Profile string `json:"profile"`
	Cached  bool   `json:"cached"`
	RoleARN string `json:"role_arn,omitempty"`
	Account string `json:"account,omitempty"`
	Expires string `json:"expires,omitempty"`
	Error   string `json:"error,omitempty"`
}

// showProfile prints the result of one profile and returns it for JSON.
func (s *invocation) showProfile(name string, r login.Result, err error) profileDocument {
	d := profileDocument{Profile: name, Cached: r.Cached, RoleARN: r.Role.ARN, Account: r.Role.Account()}
	if err != nil {
		d.Error = termtext.Printable(err.Error(), maxMessage)
		if !s.json {
			s.say("%s: failed: %s", termtext.Printable(name, 100), d.Error)
		}
		return d
	}
	d.Expires = r.Expires.UTC().Format(time.RFC3339)
	switch until := r.Expires.Local().Format("15:04"); {
	case s.json:
	case r.Cached:
		s.say("%s: cached until %s", termtext.Printable(name, 100), until)
	default:
		s.say("%s: until %s, role %s in account %s", termtext.Printable(name, 100), until,
			narrowed(r.Role.Name(), r.Policies), r.Role.Account())
	}
	return d
}

// summary returns the error of a login to several profiles, of the kind of the first
// failure and with its hints, or nil if none failed.
func summary(documents []profileDocument, first error) error {
	failed := 0
	for _, d := range documents {
		if d.Error != "" {
			failed++
		}
	}
	if failed == 0 {
		return nil
	}
	var hints []string
	var known *fault.Error
	if errors.As(first, &known) {
		hints = known.Hints
	}
	return fault.New(fault.KindOf(first), fmt.Sprintf("%d of %d profiles failed", failed, len(documents)), hints...)
}
