package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/saml"
)

// loginFlags returns the flags of a test sign-in.
func loginFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "login", Usage: "sign a test user in and assume each role that the user is assigned"},
		&cli.StringFlag{Name: "user", Usage: "the test user's principal name"},
		browserFlag(),
	}
}

// proveLogin signs in a user of the tenant and assumes each assigned role.
func (s *invocation) proveLogin(ctx context.Context, c *cli.Context, r *adminRun) error {
	paths, err := s.paths()
	if err != nil {
		return err
	}
	profile, err := awsconfig.Load(paths, s.Getenv, "default", awsconfig.Flags{
		"azure_tenant_id": r.spec.Tenant, "azure_app_id_uri": r.spec.Application.Identifier,
		"azure_default_username": c.String("user"),
		"o365aws_cloud": strings.TrimSuffix(
			r.spec.Cloud, "-dod",
		), "o365aws_browser": c.String("browser"), "region": common(c, "region"), "o365aws_remember": "none",
		"o365aws_reply_url": r.spec.SignIn.Loopback,
	})
	if err != nil {
		return err
	}
	profile.CredentialProcess, profile.RoleARN = "", ""
	env := s.loginEnv(paths)
	offer, err := login.Roles(ctx, env, login.Request{Profile: profile})
	if err != nil {
		return err
	}
	if err := requireRoles(r.spec, c.String("user"), offer.Roles); err != nil {
		return err
	}
	for _, role := range offer.Roles {
		arn, err := offer.Verify(ctx, profile, role)
		if err != nil {
			return fmt.Errorf("role %s of account %s: %w", role.Name(), role.Account(), err)
		}
		s.say("  assumed: %s", clean(arn))
	}
	s.portal(r, offer.Roles)
	return nil
}

// requireRoles returns an error if the sign-in did not offer a role that the spec assigns
// to the user by name.
func requireRoles(spec *spec.Spec, user string, offered []saml.Role) error {
	for _, value := range spec.AssignedTo(user) {
		arn, _, _ := strings.Cut(value, ",")
		if !slices.ContainsFunc(offered, func(r saml.Role) bool { return r.ARN == arn }) {
			return fault.Newf(
				fault.Unsatisfied, "the sign-in of %s offers no role %s, which the spec assigns", clean(user), arn,
			).
				Hint("a new assignment takes about a minute to reach sign-ins")
		}
	}
	if len(offered) == 0 {
		return fault.New(fault.Unsatisfied, "no role is assigned to the user", "assign one: o365aws admin assign")
	}
	return nil
}

// portal prints what the user sees in My Apps.
func (s *invocation) portal(r *adminRun, roles []saml.Role) {
	ids := r.world.Entra()
	if ids.AppID != "" {
		s.say("Link in My Apps: %s/signin/%s?tenantId=%s", r.tenant.Graph.Cloud().MyApps, ids.AppID, ids.TenantID)
	}
	if len(roles) < 2 {
		return
	}
	s.say("AWS prompts for one of these roles:")
	account := ""
	for _, role := range roles {
		if role.Account() != account {
			account = role.Account()
			s.say("  Account: %s", account)
		}
		s.say("    ( ) %s", clean(role.Name()))
	}
}
