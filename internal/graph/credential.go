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

// GraphTools is "Microsoft Graph Command Line Tools", a public client of
// Microsoft's that every tenant knows. What is consented to it holds for
// every user of it in the tenant, so a tenant may prefer a client of its own.
const GraphTools = "14d82eec-204b-4c2f-b7e8-296a70dab67e"

// The ways to sign in to a tenant.
const (
	SignInAuto        = "auto"
	SignInBrowser     = "browser"
	SignInDeviceCode  = "device-code"
	SignInCLI         = "azure-cli"
	SignInEnvironment = "environment"
)

// SignInWays lists them for help texts.
var SignInWays = []string{SignInAuto, SignInBrowser, SignInDeviceCode, SignInCLI, SignInEnvironment}

// SignInOptions say who signs in, and how.
type SignInOptions struct {
	Cloud    Cloud
	Way      string
	Tenant   string // GUID or domain
	ClientID string // "" takes GraphTools
	HTTP     *http.Client
	Getenv   func(string) string
	// NoInput says that nobody can be asked.
	NoInput bool
	// NoWindow says that no browser may be opened: nobody sits before it.
	NoWindow bool
	// NoBrowser says that this machine cannot open one: a person is shown a
	// code to enter on another.
	NoBrowser bool
	// Notice shows a person where to enter a device code.
	Notice func(string)
	// Keep holds a person's token between commands; nil keeps none.
	Keep TokenStore
	Now  func() time.Time
	Log  *slog.Logger
}

// PersonScopes are what a person consents to; all of them need an admin.
var PersonScopes = []string{
	"Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "Directory.Read.All", "Synchronization.ReadWrite.All",
	"Policy.Read.All", "Policy.ReadWrite.ApplicationConfiguration", "User.Read",
}

// Identity is a way to get tokens, and what is asked in them.
type Identity struct {
	Credential azcore.TokenCredential
	Scopes     []string
	Way        string
}

// Forget drops a kept token, which Microsoft does not take or which lacks what
// is needed: the next command signs in anew.
func (id Identity) Forget(ctx context.Context) {
	if k, ok := id.Credential.(*kept); ok {
		k.forget(ctx)
	}
}

// SignIn chooses a credential. Nothing is asked before the first token.
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
		for _, scope := range PersonScopes {
			id.Scopes = append(id.Scopes, o.Cloud.Graph+"/"+scope)
		}
		id.Credential, err = interactive(o, way)
		if err == nil && o.Keep != nil {
			id.Credential = &kept{
				person: id.Credential, store: o.Keep,
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

// nobody is the credential of a run in which nobody can be asked: what needs
// no token goes on, the rest is told why it cannot.
type nobody struct{ err error }

// GetToken implements azcore.TokenCredential.
func (n nobody) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{}, n.err
}

func asConfig(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	return fault.Wrap(fault.Config, err, "sign-in to the tenant")
}

// automatic takes the environment when it says who to be, else a browser, or a
// code where there is none.
func automatic(o SignInOptions) string {
	for _, name := range []string{"AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE"} {
		if o.Getenv(name) != "" {
			return SignInEnvironment
		}
	}
	if o.NoBrowser && !o.NoWindow {
		return SignInDeviceCode
	}
	return SignInBrowser
}

// maxToken bounds an answer to who signs in, in bytes.
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
		return nobody{fault.New(
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

// fromEnvironment reads the usual AZURE_ variables, by the way that the
// program reads all its environment.
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
			"it is the client id of the application that the sign-in is for",
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

// Grant is what a token allows, as far as it can be read.
type Grant struct {
	Known  bool // false when the token does not say
	Person bool
	Scopes []string // of a person, or application permissions of a program
	Roles  []string // ids of the person's directory roles; none when the token does not say
	Tenant string
}

// Grant gets a token and reads what it allows. A token is meant for Graph
// alone and may be unreadable: then nothing is known and Graph will tell.
func (id Identity) Grant(ctx context.Context) (Grant, error) {
	// As the calls ask for it: another kind of token is another sign-in.
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
		g.Person, g.Scopes = true, strings.Fields(claims.Scopes)
	}
	return g
}

// wider lists the permissions that include another.
var wider = map[string][]string{
	"Application.Read.All": {
		"Application.ReadWrite.All", "Application.ReadWrite.OwnedBy", "Directory.Read.All", "Directory.ReadWrite.All",
	},
	"Application.ReadWrite.OwnedBy": {"Application.ReadWrite.All", "Directory.ReadWrite.All"},
	"Application.ReadWrite.All":     {"Directory.ReadWrite.All"},
	"Synchronization.Read.All":      {"Synchronization.ReadWrite.All"},
	"User.ReadBasic.All":            {"User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"},
	"Group.Read.All":                {"Group.ReadWrite.All", "GroupMember.Read.All", "Directory.Read.All", "Directory.ReadWrite.All"},
	"Directory.Read.All":            {"Directory.ReadWrite.All"},
	"User.Read":                     {"User.ReadBasic.All", "User.Read.All", "Directory.Read.All"},
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
