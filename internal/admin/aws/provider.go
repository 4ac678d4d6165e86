package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/metadata"
	"github.com/o365aws/o365aws/internal/admin/spec"
)

// providerStep returns the step for the SAML provider.
func (a inAccount) providerStep() engine.Step {
	p := a.spec.Provider
	arn, title := a.spec.ProviderARN(a.account.ID), "SAML provider "+p.Name
	return engine.Step{
		ID: engine.ProviderStep(a.account.ID), Group: a.group(), Title: title,
		After: []engine.ID{engine.AccountStep(a.account.ID), engine.StepMetadata},
		Why: "The provider makes AWS trust the Entra application: it holds the federation metadata with the " +
			"signing certificate. Without it, AWS rejects every sign-in.",
		Permissions: allow(arn,
			"iam:GetSAMLProvider",
			"iam:CreateSAMLProvider",
			"iam:UpdateSAMLProvider",
			"iam:TagSAMLProvider",
			"iam:DeleteSAMLProvider",
		),
		Check: a.looks(title, arn, a.checkProvider),
		Apply: a.does(title, arn, a.applyProvider),
		Undo:  a.undoProvider,
		Waits: "IAM to show the provider",
		Manual: []string{
			"Download the metadata: Entra admin center, Enterprise applications, the application, Single sign-on, " +
				"SAML Certificates, Federation Metadata XML.",
			"Remove the three bytes EF BB BF at its beginning, which IAM refuses.",
			"AWS console, IAM, Identity providers, Add provider, SAML, name " + p.Name + ", choose the file, Add " +
				"provider.",
		},
		Command: "aws iam create-saml-provider --name " + p.Name + " --saml-metadata-document file://metadata.xml " +
			"--tags Key=" + spec.TagKey + ",Value=" + a.spec.Name,
	}
}

// provider returns the provider, or nil if it does not exist.
func (a inAccount) provider(ctx context.Context, client *iam.Client) (*iam.GetSAMLProviderOutput, error) {
	return providerAt(ctx, client, a.spec.ProviderARN(a.account.ID))
}

func providerAt(ctx context.Context, client *iam.Client, arn string) (*iam.GetSAMLProviderOutput, error) {
	found, err := client.GetSAMLProvider(ctx, &iam.GetSAMLProviderInput{SAMLProviderArn: aws.String(arn)})
	if notFound(err) {
		return nil, nil
	}
	return found, err
}

func (a inAccount) checkProvider(ctx context.Context, w *engine.World, client *iam.Client) (engine.Finding, error) {
	have, err := a.provider(ctx, client)
	if err != nil {
		return engine.Finding{}, err
	}
	if have != nil && !owned(a.spec, have.Tags) && !a.spec.Provider.Adopt {
		return taken("the SAML provider "+a.spec.Provider.Name, "under provider"), nil
	}
	want, unknown, err := metadata.Current(ctx, w)
	if unknown != nil || err != nil {
		return or(unknown), err
	}
	var f engine.Finding
	if have == nil {
		f = engine.IsMissing(engine.Change{Attribute: "metadata", Want: want.EntityID}, engine.Change{Attribute: "signing certificates", Want: metadata.Thumbprints(want)})
	} else {
		f = engine.Compared(changesOf(a.providerEdits(have, want, client)))
	}
	f.Warnings = want.Warnings(w.Now())
	return f, nil
}

func or(f *engine.Finding) engine.Finding {
	if f == nil {
		return engine.Finding{}
	}
	return *f
}

// providerEdits returns the differences between an existing provider and the spec.
func (a inAccount) providerEdits(have *iam.GetSAMLProviderOutput, want metadata.Metadata, client *iam.Client) []edit {
	arn := aws.String(a.spec.ProviderARN(a.account.ID))
	// A document that cannot be parsed differs in everything.
	had, _ := metadata.Parse([]byte(aws.ToString(have.SAMLMetadataDocument)))
	var edits []edit
	for _, change := range want.Differences(had) {
		edits = append(edits, edit{change: change})
	}
	if len(edits) > 0 {
		edits[0].do = func(ctx context.Context) error {
			_, err := client.UpdateSAMLProvider(
				ctx,
				&iam.UpdateSAMLProviderInput{
					SAMLProviderArn: arn, SAMLMetadataDocument: aws.String(string(want.Document)),
				},
			)
			return err
		}
	}
	return append(
		edits,
		tagEdits(have.Tags, ours(a.spec, a.spec.Provider.Tags), func(ctx context.Context, tags []types.Tag) error {
			_, err := client.TagSAMLProvider(ctx, &iam.TagSAMLProviderInput{SAMLProviderArn: arn, Tags: tags})
			return err
		})...)
}

func (a inAccount) applyProvider(ctx context.Context, w *engine.World, client *iam.Client) error {
	want, unknown, err := metadata.Current(ctx, w)
	if err != nil {
		return err
	}
	if unknown != nil {
		return engine.NotYet(metadata.ErrNoMetadataYet, "the application's metadata")
	}
	have, err := a.provider(ctx, client)
	if err != nil {
		return err
	}
	if have != nil {
		return perform(ctx, a.providerEdits(have, want, client))
	}
	_, err = client.CreateSAMLProvider(ctx, &iam.CreateSAMLProviderInput{
		Name: aws.String(
			a.spec.Provider.Name,
		), SAMLMetadataDocument: aws.String(string(want.Document)), Tags: tagList(ours(a.spec, a.spec.Provider.Tags)),
	})
	return err
}

func (a inAccount) undoProvider(ctx context.Context, _ *engine.World) (engine.Undo, error) {
	return a.undoProviderAt(ctx, a.spec.ProviderARN(a.account.ID))
}

func (a inAccount) undoProviderAt(ctx context.Context, arn string) (engine.Undo, error) {
	what := "SAML provider " + nameOf(arn)
	return a.undoes(ctx, what, arn, func(ctx context.Context, client *iam.Client) (engine.Undo, error) {
		have, err := providerAt(ctx, client, arn)
		if err != nil || have == nil {
			return engine.Undo{}, err
		}
		return undo(a.spec, what, have.Tags, func(ctx context.Context) error {
			_, err := client.DeleteSAMLProvider(ctx, &iam.DeleteSAMLProviderInput{SAMLProviderArn: aws.String(arn)})
			return err
		}), nil
	})
}
