package cli

import (
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/termtext"
)

// loginAll runs login --all-roles: it signs in once and assumes every role.
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
