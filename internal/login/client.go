package login

import (
	"context"
	"net/http"
	"net/url"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/sts"
)

// HTTPClient returns a client that reaches the world as a login does: by the
// proxy of the environment, trusting the authorities of caBundle if it names
// some.
func HTTPClient(env awsconfig.Env, caBundle string) (*http.Client, error) {
	net, err := newNetwork(env, caBundle, entra.Clouds()[0].LoginHost)
	return net.client, err
}

// ProxyFunc returns the way to a host as a login takes it, for the clients
// that an SDK makes by itself.
func ProxyFunc(env awsconfig.Env) (func(*http.Request) (*url.URL, error), error) {
	_, find, err := readProxies(env)
	return func(r *http.Request) (*url.URL, error) { return find(r.URL) }, err
}

// Identity asks STS whose credentials these are.
func Identity(ctx context.Context, d Deps, p awsconfig.Profile, creds sts.Credentials) (account, arn string, err error) {
	net, err := newNetwork(d.Env, p.CABundle, entra.Clouds()[0].LoginHost)
	if err != nil {
		return "", "", err
	}
	return d.sts(net, p, nil).Identity(ctx, creds)
}

// STSEndpoint returns the URL at which a login of the profile asks AWS STS.
func STSEndpoint(ctx context.Context, d Deps, p awsconfig.Profile) (string, error) {
	home, ok := saml.PartitionByID(saml.Role{ARN: p.RoleARN}.Partition())
	if !ok {
		home = saml.Home(p.Region, "", p.Cloud)
	}
	return d.sts(network{}, p, nil).Endpoint(ctx, home.ID)
}
