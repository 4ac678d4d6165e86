package login

import (
	"context"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/network"
	"github.com/o365aws/o365aws/internal/progress"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/sts"
)

// Identity returns the account and ARN of credentials as reported by STS.
func Identity(
	ctx context.Context, env Env, p awsconfig.Profile, creds awscreds.Credentials,
) (account, arn string, err error) {
	net, err := network.New(env.Getenv, p.CABundle, entra.Clouds()[0].LoginHost)
	if err != nil {
		return "", "", err
	}
	defer progress.Step(ctx, "Asking AWS STS")()
	return sts.New(env.stsOptions(net, p, nil)).Identity(ctx, creds)
}

// STSEndpoint returns the URL at which a login with the profile calls AWS STS.
func STSEndpoint(ctx context.Context, env Env, p awsconfig.Profile) (string, error) {
	home, ok := saml.PartitionByID(saml.Role{ARN: p.RoleARN}.Partition())
	if !ok {
		home = saml.Home(p.Region, "", p.Cloud)
	}
	return sts.New(env.stsOptions(network.Network{}, p, nil)).Endpoint(ctx, home.ID)
}
