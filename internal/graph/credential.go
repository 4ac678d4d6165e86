package graph

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/network"
	"github.com/o365aws/o365aws/internal/securefile"
)

// GraphTools is "Microsoft Graph Command Line Tools", a public client of Microsoft's that
// every tenant knows. Consent to it applies to every user in the tenant, so a tenant may
// prefer its own client.
const GraphTools = "14d82eec-204b-4c2f-b7e8-296a70dab67e"

// Ways to sign in to a tenant.
const (
	SignInAuto        = "auto"
	SignInBrowser     = "browser"
	SignInDeviceCode  = "device-code"
	SignInCLI         = "azure-cli"
	SignInEnvironment = "environment"
)

// SignInWays lists the ways to sign in, for help texts.
var SignInWays = []string{SignInAuto, SignInBrowser, SignInDeviceCode, SignInCLI, SignInEnvironment}

// SignInOptions configures SignIn.
type SignInOptions struct {
	Cloud    Cloud
	Way      string
	Tenant   string // GUID or domain
	ClientID string // "" means GraphTools
	HTTP     *http.Client
	Getenv   func(string) string
	NoInput  bool // never prompt
	NoWindow bool // no terminal: never open a browser
	// NoBrowser reports that this machine cannot open a browser: the user enters a
	// device code on another one.
	NoBrowser bool
	Notice    func(string) // shows the user where to enter a device code
	// Tokens stores the user's token between commands; nil stores none.
	Tokens TokenStore
	Now    func() time.Time
	Log    *slog.Logger
}

// DelegatedScopes lists the permissions requested for a user. All of them need admin
// consent.
var DelegatedScopes = []string{
	"Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "Directory.Read.All",
	"Synchronization.ReadWrite.All",
	"Policy.Read.All", "Policy.ReadWrite.ApplicationConfiguration", "User.Read",
}

// Identity is a credential with the scopes of its tokens.
type Identity struct {
	Credential azcore.TokenCredential
	Scopes     []string
	Way        string
}

// Discard deletes a stored token that Microsoft refuses or that lacks permissions:
// the next command signs in again.
func (id Identity) Discard(ctx context.Context) {
	if k, ok := id.Credential.(*storedCredential); ok {
		k.discard(ctx)
	}
}

// SignIn chooses a credential. It prompts only when the first token is requested.
func SignIn(o SignInOptions) (Identity, error) {
	way := o.Way
	if way == "" || way == SignInAuto {
		way = automatic(o)
	}
	id := Identity{Way: way, Scopes: []string{o.Cloud.Graph + "/.default"}}
	var err error
	switch way {
	case SignInEnvironment:
		id.Credential, err = fromEnvironment(o)
	case SignInCLI:
		id.Credential, err = azidentity.NewAzureCLICredential(&azidentity.AzureCLICredentialOptions{TenantID: o.Tenant})
	case SignInBrowser, SignInDeviceCode:
		id.Scopes = nil
		for _, scope := range DelegatedScopes {
			id.Scopes = append(id.Scopes, o.Cloud.Graph+"/"+scope)
		}
		id.Credential, err = interactive(o, way)
		if err == nil && o.Tokens != nil {
			id.Credential = &storedCredential{
				inner: id.Credential, store: o.Tokens,
				name: strings.Join([]string{"graph", o.Cloud.Name, strings.ToLower(o.Tenant), clientOf(o)}, " "),
				now:  o.Now, log: o.Log,
			}
		}
	default:
		return Identity{}, fault.Newf(fault.Config, "unknown sign-in method %q", way).
			Hint("it is one of %s", strings.Join(SignInWays, ", "))
	}
	if err != nil {
		return Identity{}, asConfig(err)
	}
	return id, nil
}

// nonInteractive is the credential of a run that must not prompt. Calls without a
// token work; all others return err.
type nonInteractive struct{ err error }

// GetToken implements azcore.TokenCredential.
func (n nonInteractive) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{}, n.err
}

func asConfig(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	return fault.Wrap(fault.Config, err, "sign-in to the tenant")
}

// automatic chooses the environment if it contains a credential, else a browser, or
// a device code if there is none.
func automatic(o SignInOptions) string {
	for _, name := range []string{
		"AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE",
	} {
		if o.Getenv(name) != "" {
			return SignInEnvironment
		}
	}
	if o.NoBrowser && !o.NoWindow {
		return SignInDeviceCode
	}
	return SignInBrowser
}

// maxToken limits the size of a token response, in bytes.
const maxToken = 4 << 20

func clientOptions(o SignInOptions) azcore.ClientOptions {
	client := network.NoRedirects(cmp.Or(o.HTTP, &http.Client{}))
	client.Transport = network.BoundedTransport(cmp.Or(client.Transport, http.DefaultTransport), maxToken)
	return policy.ClientOptions{
		Transport: client, Cloud: cloud.Configuration{ActiveDirectoryAuthorityHost: o.Cloud.Login + "/"},
	}
}

func clientOf(o SignInOptions) string { return cmp.Or(o.ClientID, GraphTools) }

func interactive(o SignInOptions, way string) (azcore.TokenCredential, error) {
	if o.NoInput || o.NoWindow && way == SignInBrowser {
		return nonInteractive{fault.New(
			fault.NeedsInput, "interactive sign-in to the tenant required",
			"run the command in a terminal, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or "+
				"AZURE_CLIENT_CERTIFICATE_PATH, or AZURE_FEDERATED_TOKEN_FILE)",
		)}, nil
	}
	client := clientOf(o)
	if way == SignInBrowser {
		return azidentity.NewInteractiveBrowserCredential(&azidentity.InteractiveBrowserCredentialOptions{
			ClientOptions: clientOptions(o), ClientID: client, TenantID: o.Tenant,
		})
	}
	return azidentity.NewDeviceCodeCredential(&azidentity.DeviceCodeCredentialOptions{
		ClientOptions: clientOptions(o), ClientID: client, TenantID: o.Tenant,
		UserPrompt: func(_ context.Context, message azidentity.DeviceCodeMessage) error {
			o.Notice(
				"To sign in to the tenant, open " + message.VerificationURL + " and enter the code " + message.UserCode,
			)
			return nil
		},
	})
}

// fromEnvironment returns the credential of the AZURE_ variables.
func fromEnvironment(o SignInOptions) (azcore.TokenCredential, error) {
	tenant, client := o.Getenv("AZURE_TENANT_ID"), o.Getenv("AZURE_CLIENT_ID")
	if tenant == "" {
		tenant = o.Tenant
	}
	if o.ClientID != "" {
		client = o.ClientID
	}
	if client == "" {
		return nil, fault.New(
			fault.Config, "AZURE_CLIENT_ID is not set",
			"set it to the client id of the service principal",
		)
	}
	if secret := o.Getenv("AZURE_CLIENT_SECRET"); secret != "" {
		return azidentity.NewClientSecretCredential(
			tenant, client, secret, &azidentity.ClientSecretCredentialOptions{ClientOptions: clientOptions(o)},
		)
	}
	if path := o.Getenv("AZURE_CLIENT_CERTIFICATE_PATH"); path != "" {
		data, err := securefile.Read(path)
		if err != nil {
			return nil, fault.Wrap(fault.Config, err, "AZURE_CLIENT_CERTIFICATE_PATH")
		}
		certs, key, err := azidentity.ParseCertificates(data, []byte(o.Getenv("AZURE_CLIENT_CERTIFICATE_PASSWORD")))
		if err != nil {
			return nil, badCertificate(err)
		}
		return azidentity.NewClientCertificateCredential(
			tenant, client, certs, key,
			&azidentity.ClientCertificateCredentialOptions{ClientOptions: clientOptions(o)},
		)
	}
	if path := o.Getenv("AZURE_FEDERATED_TOKEN_FILE"); path != "" {
		return azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
			ClientOptions: clientOptions(o), ClientID: client, TenantID: tenant, TokenFilePath: path,
		})
	}
	return nil, fault.New(
		fault.Config,
		"neither AZURE_CLIENT_SECRET nor AZURE_CLIENT_CERTIFICATE_PATH nor AZURE_FEDERATED_TOKEN_FILE is set",
	)
}

// Grant holds the permissions of a token.
type Grant struct {
	Known     bool     // the token could be read
	Delegated bool     // a user signed in, not a service principal
	Scopes    []string // delegated, or application permissions
	Roles     []string // IDs of the user's directory roles, if the token contains them
	Tenant    string
}

// Grant gets a token and reads its permissions. The format of a token is private to
// Graph, so it may be unreadable.
func (id Identity) Grant(ctx context.Context) (Grant, error) {
	// The same options as for calls: with others the library signs in again.
	token, err := id.Credential.GetToken(ctx, policy.TokenRequestOptions{Scopes: id.Scopes, EnableCAE: true})
	if err != nil {
		var f *fault.Error
		if ctx.Err() != nil {
			return Grant{}, ctx.Err()
		}
		if errors.As(err, &f) {
			return Grant{}, err
		}
		return Grant{}, explainSignIn(err, id.Way)
	}
	return readGrant(token.Token), nil
}

func readGrant(token string) Grant {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return Grant{}
	}
	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return Grant{}
	}
	var claims struct {
		Scopes string   `json:"scp"`
		Roles  []string `json:"roles"`
		Wids   []string `json:"wids"`
		Tenant string   `json:"tid"`
	}
	if json.Unmarshal(data, &claims) != nil || claims.Scopes == "" && len(claims.Roles) == 0 {
		return Grant{}
	}
	g := Grant{Known: true, Scopes: claims.Roles, Roles: claims.Wids, Tenant: claims.Tenant}
	if claims.Scopes != "" {
		g.Delegated, g.Scopes = true, strings.Fields(claims.Scopes)
	}
	return g
}

// wider maps a permission to those that include it.
var wider = map[string][]string{
	"Application.Read.All": {
		"Application.ReadWrite.All", "Application.ReadWrite.OwnedBy", "Directory.Read.All", "Directory.ReadWrite.All",
	},
	"Application.ReadWrite.OwnedBy": {"Application.ReadWrite.All", "Directory.ReadWrite.All"},
	"Application.ReadWrite.All":     {"Directory.ReadWrite.All"},
	"Synchronization.Read.All":      {"Synchronization.ReadWrite.All"},
	"User.ReadBasic.All": {
		"User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All",
	},
	"Group.Read.All": {
		"Group.ReadWrite.All", "GroupMember.Read.All", "Directory.Read.All", "Directory.ReadWrite.All",
	},
	"Directory.Read.All": {"Directory.ReadWrite.All"},
	"User.Read":          {"User.ReadBasic.All", "User.Read.All", "Directory.Read.All"},
}

// Allows reports whether a permission, or one that includes it, is granted.
func (g Grant) Allows(permission string) bool {
	return slices.Contains(g.Scopes, permission) ||
		slices.ContainsFunc(wider[permission], func(w string) bool { return slices.Contains(g.Scopes, w) })
}

func isAuthentication(err error) bool {
	var failed *azidentity.AuthenticationFailedError
	var required *azidentity.AuthenticationRequiredError
	return errors.As(err, &failed) || errors.As(err, &required)
}
