package cli

import (
	"io"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/admin/aws"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/metadata"
	"github.com/o365aws/o365aws/internal/admin/spec"
)

func (s *invocation) adminExport() *cli.Command {
	return &cli.Command{
		Name:  "export",
		Usage: "print what apply would create, for other tools",
		Description: "For environments that o365aws must not change. It does not contact AWS. It reads the metadata\n" +
			"from the tenant, which must already have the application, or from the file or URL in the spec.\n\n" +
			"Example: o365aws admin export cloudformation > o365aws.template.yaml",
		Subcommands: []*cli.Command{
			exporting(
				"cloudformation", "print a CloudFormation template for an account, as YAML", s.exportCloudFormation,
				append(tenantFlags(), specFlags()...),
			),
			exporting(
				"terraform", "print a Terraform configuration for an account", s.exportTerraform,
				append(tenantFlags(), specFlags()...),
			),
			exporting(
				"policy", "print the minimal IAM policy for plan, apply and destroy", s.exportPolicy,
				specFlags(),
			),
			exporting("schema", "print the JSON schema of the spec file", s.exportSchema, nil),
		},
	}
}

func exporting(name, about string, action cli.ActionFunc, flags []cli.Flag) *cli.Command {
	return &cli.Command{
		Name:        name,
		Usage:       about,
		Description: "Example: o365aws admin export " + name,
		Flags:       flags,
		Action:      action,
	}
}

// exported prints the result of make for the spec and its metadata.
func (s *invocation) exported(c *cli.Context, make func(*spec.Spec, metadata.Metadata) (string, error)) error {
	r, err := s.adminRun(c)
	if err != nil {
		return err
	}
	if r.tenant != nil { // the tenant provides the metadata
		if err := r.tenant.FindMetadata(c.Context, r.world); err != nil {
			return err
		}
	}
	m, err := metadata.Read(c.Context, r.world)
	if err != nil {
		return err
	}
	text, err := make(r.spec, m)
	if err != nil {
		return err
	}
	_, err = io.WriteString(s.Stdout, text)
	return err
}

func (s *invocation) exportCloudFormation(c *cli.Context) error {
	return s.exported(c, aws.CloudFormation)
}

func (s *invocation) exportTerraform(c *cli.Context) error {
	return s.exported(c, aws.Terraform)
}

func (s *invocation) exportPolicy(c *cli.Context) error {
	r, err := s.adminRun(c)
	if err != nil {
		return err
	}
	_, err = io.WriteString(s.Stdout, engine.LeastPolicy(r.runner.Steps))
	return err
}

func (s *invocation) exportSchema(*cli.Context) error {
	_, err := io.WriteString(s.Stdout, spec.Schema())
	return err
}
