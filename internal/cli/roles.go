package cli

import (
	"context"
	"io"
	"sync"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/progress"
	"github.com/o365aws/o365aws/internal/prompt"
	"github.com/o365aws/o365aws/internal/saml"
)

func (s *invocation) rolesCommand() *cli.Command {
	return &cli.Command{
		Name: "roles", Usage: "list the roles that you can assume",
		Description: "Signs in, with the saved session if possible, and lists your roles. Account names come " +
			"from accounts.json\n" +
			"in the o365aws folder; --lookup adds the account aliases from AWS to it.\n\n" +
			"Example: o365aws roles --lookup",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "lookup", Usage: "look up the aliases of accounts without a name, and save them"},
			browserFlag(),
		},
		Action: s.roles,
	}
}

func (s *invocation) roles(c *cli.Context) error {
	paths, profile, err := s.profile(c)
	if err != nil {
		return err
	}
	env := s.loginEnv(paths)
	offer, err := login.Roles(c.Context, env, login.Request{Profile: profile})
	if err != nil {
		return err
	}
	if len(offer.Roles) == 0 {
		_, err := offer.Choose(c.Context, "", "") // returns an error with a hint
		return err
	}
	if c.Bool("lookup") {
		s.lookUp(c.Context, offer, profile, paths)
	}
	return s.showRoles(paths, profile, offer.Roles)
}

// atOnce limits concurrent lookups, because STS throttles.
const atOnce = 8

// lookUp looks up the aliases of accounts without a name, with one role of each account.
func (s *invocation) lookUp(ctx context.Context, offer login.Offer, profile awsconfig.Profile, paths awsconfig.Paths) {
	done := progress.Step(ctx, "Looking up account aliases")
	known, asked := awsconfig.AccountNames(paths), map[string]bool{}
	var mu sync.Mutex
	found, silent := map[string]string{}, 0
	var group sync.WaitGroup
	turn := make(chan struct{}, atOnce)
	for _, role := range offer.Roles {
		if known[role.Account()] != "" || asked[role.Account()] {
			continue
		}
		asked[role.Account()] = true
		group.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			alias, err := offer.Alias(ctx, profile, role)
			mu.Lock()
			defer mu.Unlock()
			if err != nil || alias == "" {
				silent++
				return
			}
			found[role.Account()] = alias
		})
	}
	group.Wait()
	done()
	if silent > 0 {
		s.say("No alias for %d of %d accounts: they have none, or the role lacks iam:ListAccountAliases. You can "+
			"add names to %s.", silent, len(asked), s.tilde(paths.Accounts()))
	}
	if len(found) > 0 {
		if err := awsconfig.RememberAccounts(paths, found); err != nil {
			s.say("Account names were not saved: %v", err)
		}
	}
}

// roleRow is a role in JSON output.
type roleRow struct {
	ARN         string `json:"arn"`
	Provider    string `json:"provider"`
	Account     string `json:"account"`
	AccountName string `json:"account_name,omitempty"`
	Name        string `json:"name"`
	Profile     string `json:"profile,omitempty"`
	Last        bool   `json:"last"`
}

func (s *invocation) showRoles(paths awsconfig.Paths, profile awsconfig.Profile, roles []saml.Role) error {
	config, err := awsconfig.ReadFile(paths.Config)
	if err != nil {
		return err
	}
	byRole := map[string]string{}
	for _, section := range awsconfig.Sections(config) {
		if name, ok := section.Profile(); ok && byRole[section.Get("azure_default_role_arn")] == "" {
			byRole[section.Get("azure_default_role_arn")] = name
		}
	}
	names, last := awsconfig.AccountNames(paths), awsconfig.LoadState(paths).LastRole(profile.Name)
	rows := make([]roleRow, len(roles))
	for i, r := range roles {
		rows[i] = roleRow{r.ARN, r.Provider, r.Account(), names[r.Account()], r.Name(), byRole[r.ARN], r.ARN == last}
	}
	if s.json {
		return s.data(struct {
			Profile string    `json:"profile"`
			Roles   []roleRow `json:"roles"`
		}{profile.Name, rows})
	}
	var cells [][]cell
	for _, r := range rows {
		color := ""
		if r.Last {
			color = green
		}
		cells = append(cells, []cell{{r.Account, ""}, {r.AccountName, cyan}, {r.Name, color}, {r.Profile, ""}})
	}
	text := s.painted(s.Stdout).table(prompt.Width(s.Stdout), []string{"ACCOUNT", "NAME", "ROLE", "PROFILE"}, cells)
	if _, err := io.WriteString(s.Stdout, text); err != nil {
		return fault.Wrap(fault.Internal, err, "cannot write the list")
	}
	return nil
}
