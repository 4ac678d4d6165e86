package cli

import (
	"context"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/admin/entra"
)

// overlap is how long AWS trusts both certificates before and after the change.
const overlap = 2 * time.Minute

func (s *invocation) adminRotateCertificate() *cli.Command {
	return &cli.Command{
		Name:  "rotate-certificate",
		Usage: "replace the signing certificate without a failed sign-in",
		Description: "Creates a certificate, makes every account trust both, makes Entra sign " +
			"with it,\n" +
			"tests a sign-in with --login, and removes the old one. It can be interrupted and repeated at any\n" +
			"time: sign-ins keep working.\n\nExample: o365aws admin rotate-certificate --yes --login --user " +
			"ada@example.com",
		Flags: adminFlags(append(
			loginFlags(),
			yesFlag(),
			&cli.DurationFlag{
				Name:        "overlap",
				Usage:       "how long both certificates are trusted before and after the change",
				DefaultText: overlap.String(),
			},
		)...),
		Action: s.rotateCertificate,
	}
}

func (s *invocation) rotateCertificate(c *cli.Context) error {
	r, err := s.adminRun(c)
	if err != nil {
		return err
	}
	if r.tenant == nil && c.String("only") == onlyAWS {
		return errByHand(c)
	}
	if r.tenant == nil {
		return usage(
			"the certificate of a tenant that is set up by hand is replaced by hand: then run o365aws admin apply " +
				"with the new metadata",
		)
	}
	if !c.Bool("yes") {
		question := "Replace the signing certificate of " + r.spec.Application.Name + "? [y/N] "
		if err := s.confirm(c.Context, question); err != nil {
			return err
		}
	}
	rotation := entra.Rotation{
		Tenant: r.tenant, World: r.world, Overlap: overlap,
		Tell: func(text string) { s.say("%s", clean(text)) }, Progress: s.show(s.Stderr).progress(),
	}
	if c.IsSet("overlap") {
		rotation.Overlap = c.Duration("overlap")
	}
	if c.Bool("login") {
		rotation.Test = func(ctx context.Context) error { return s.proveLogin(ctx, c, r) }
	}
	return rotation.Run(c.Context)
}
