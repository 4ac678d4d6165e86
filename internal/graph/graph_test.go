package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/fakecloud"
	fakegraph "github.com/o365aws/o365aws/internal/fakecloud/graph"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// TestCalls makes every call once. The emulator checks each against Microsoft's
// description.
func TestCalls(t *testing.T) {
	w := reach(t, fakegraph.Options{})
	ctx, c := t.Context(), w.client
	a, p := w.withApp(t)
	check := func(what string, err error) {
		t.Helper()
		must(t, what, err)
	}
	certificate, err := c.AddCertificate(ctx, p.ID, "AWS", time.Now().AddDate(1, 0, 0))
	check("certificate", err)
	yes := true
	check(
		"activate",
		c.PatchPrincipal(
			ctx,
			p.ID,
			PrincipalPatch{
				SigningThumbprint: certificate.Thumbprint, AssignmentRequired: &yes,
				NotificationEmails: []string{"ada@contoso.example"},
			},
		),
	)
	p, err = c.PrincipalOf(ctx, a.AppID)
	check("principal", err)
	if len(p.KeyCredentials) != 2 || p.SigningThumbprint != certificate.Thumbprint || p.SSOMode != "saml" {
		t.Errorf("principal is %+v", p)
	}
	metadata, err := c.Metadata(ctx, fakecloud.TenantID, a.AppID)
	check("metadata", err)
	if !strings.HasPrefix(string(metadata), "<?xml") || !strings.Contains(string(metadata), certificate.Key) {
		t.Errorf("metadata begins with %q or lacks the certificate", metadata[:8])
	}
	policy, err := c.CreatePolicy(
		ctx,
		ClaimsPolicy{
			DisplayName: "AWS",
			Definition: []string{
				`{"ClaimsMappingPolicy":{"Version":1,"IncludeBasicClaimSet":"true","ClaimsSchema":[]}}`,
			},
		},
	)
	check("policy", err)
	check("use policy", c.UsePolicy(ctx, p.ID, policy.ID))
	used, err := c.PoliciesOf(ctx, p.ID)
	check("policies", err)
	if len(used) != 1 || used[0].ID != policy.ID {
		t.Errorf("policies %+v", used)
	}
	check("patch policy", c.PatchPolicy(ctx, policy.ID, ClaimsPolicy{DisplayName: "AWS 2"}))
	check("drop policy", c.DropPolicy(ctx, p.ID, policy.ID))
	check("delete policy", c.DeletePolicy(ctx, policy.ID))
	_, err = c.Policies(ctx)
	check("list policies", err)
	o, err := c.Organization(ctx)
	check("organization", err)
	if o.ID != fakecloud.TenantID {
		t.Errorf("tenant %+v", o)
	}
	list, err := c.ApplicationsByIdentifier(ctx, "https://signin.aws.amazon.com/saml")
	check("by identifier", err)
	if len(list) != 1 || list[0].ID != a.ID {
		t.Errorf("by identifier %+v", list)
	}
	check("delete", c.DeleteApplication(ctx, a.ID))
	if _, err = c.Application(ctx, a.ID); !IsNotFound(err) {
		t.Errorf("a deleted application gives %v", err)
	}
}

func must(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// oneRole is an account with a role that can be imported.
func oneRole(string, string) ([]fakegraph.ImportedRole, error) {
	return []fakegraph.ImportedRole{
		{
			ARN:       "arn:aws:iam::111122223333:role/azure.admin",
			Providers: []string{"arn:aws:iam::111122223333:saml-provider/AzureAD"},
		},
	}, nil
}

// TestProvisioningCalls checks the calls from the creation of a job to the assignments of
// an imported role.
func TestProvisioningCalls(t *testing.T) {
	w := reach(t, fakegraph.Options{ListRoles: oneRole})
	ctx, c := t.Context(), w.client
	_, p := w.withApp(t)
	check := func(what string, err error) {
		t.Helper()
		must(t, what, err)
	}
	job, err := c.CreateJob(ctx, p.ID)
	check("job", err)
	key := AccessKey{"AKIAFAKE", secret.New("very-secret-key")}
	check("validate", c.ValidateKey(ctx, p.ID, job.ID, key))
	check("save", c.SaveKey(ctx, p.ID, key, `{"Enabled":false}`))
	check("validate saved", c.ValidateSaved(ctx, p.ID, job.ID))
	check("start", c.StartJob(ctx, p.ID, job.ID))
	check("pause", c.PauseJob(ctx, p.ID, job.ID))
	check("restart", c.RestartJob(ctx, p.ID, job.ID))
	for range 4 {
		_, err = c.Job(ctx, p.ID, job.ID)
		check("watch", err)
	}
	p, err = c.Principal(ctx, p.ID)
	check("principal", err)
	role := slices.IndexFunc(p.AppRoles, func(r AppRole) bool { return strings.Contains(r.Value, "azure.admin") })
	if role < 0 {
		t.Fatalf("no imported role among %+v", p.AppRoles)
	}
	users, err := c.Users(ctx, []string{fakecloud.UserName, "bob@partner.example"})
	check("users", err)
	groups, err := c.Groups(ctx, []string{"AWS Admins"})
	check("groups", err)
	if len(users) != 2 || len(groups) != 1 {
		t.Fatalf("found %+v %+v", users, groups)
	}
	want := []Assignment{
		{PrincipalID: users[0].ID, RoleID: p.AppRoles[role].ID, ResourceID: p.ID},
		{PrincipalID: groups[0].ID, RoleID: p.AppRoles[role].ID, ResourceID: p.ID},
	}
	for range 2 { // the second time they already exist
		errs, err := c.Assign(ctx, want)
		check("assign", err)
		check("assign", errs[0])
		check("assign", errs[1])
	}
	have, err := c.Assignments(ctx, p.ID)
	check("assignments", err)
	if len(have) != 2 {
		t.Fatalf("assignments %+v", have)
	}
	errs, err := c.Unassign(ctx, have)
	check("unassign", err)
	check("unassign", errs[0])
	check("owner", c.AddOwner(ctx, p.ID, users[0].ID))
	owners, err := c.Owners(ctx, p.ID)
	check("owners", err)
	if len(owners) != 1 {
		t.Errorf("owners %+v", owners)
	}
	check("no owner", c.RemoveOwner(ctx, p.ID, users[0].ID))
	if err := c.RemoveOwner(ctx, p.ID, users[0].ID); !IsNotFound(err) {
		t.Errorf("removing a user who is not an owner: got %v, want not found", err)
	}
	if strings.Contains(w.log.String(), "very-secret-key") || strings.Contains(w.log.String(), "Bearer") {
		t.Error("a secret is in the log")
	}
}

// Temporary errors are retried, with the same result.
func TestTemporaryErrorsAreRetried(t *testing.T) {
	for _, f := range []string{"throttled", "throttled-bare", "throttled-batch", "small-pages", "storm"} {
		t.Run(f, func(t *testing.T) {
			t.Parallel()
			w := reach(t, fakegraph.Options{Faults: []string{f}, Users: 30})
			a, p, err := w.client.Instantiate(t.Context(), TemplateID, "AWS")
			if IsUncertain(err) { // not retried by the client
				a, p, err = w.client.Instantiate(t.Context(), TemplateID, "AWS")
			}
			if err != nil {
				t.Fatal(err)
			}
			p, err = w.client.PrincipalOf(t.Context(), a.AppID)
			if err != nil {
				t.Fatal(err)
			}
			var want []Assignment
			var names []string
			for i := range 30 {
				names = append(names, fmt.Sprintf("u%d@contoso.example", i))
			}
			users, err := w.client.Users(t.Context(), names)
			if err != nil || len(users) != 30 {
				t.Fatalf("%d users, %v", len(users), err)
			}
			for _, u := range users {
				want = append(want, Assignment{PrincipalID: u.ID, RoleID: p.AppRoles[0].ID, ResourceID: p.ID})
			}
			errs, err := w.client.Assign(t.Context(), want)
			if err != nil {
				t.Fatal(err)
			}
			for _, err := range errs {
				if err != nil {
					t.Fatal(err)
				}
			}
			have, err := w.client.Assignments(t.Context(), p.ID)
			if err != nil || len(have) != 30 {
				t.Errorf("%d assignments, %v", len(have), err)
			}
		})
	}
}

// A creation with an uncertain result is not retried.
func TestCreationsAreNotRepeated(t *testing.T) {
	for _, f := range []string{"instantiate-404", "lost-answer"} {
		t.Run(f, func(t *testing.T) {
			w := reach(t, fakegraph.Options{Faults: []string{f}})
			_, _, err := w.client.Instantiate(t.Context(), TemplateID, "AWS")
			if !IsUncertain(err) {
				t.Errorf("got %v, want an uncertain error", err)
			}
			if there, _ := w.cloud.Graph.Applications(); there != 1 {
				t.Errorf("got %d applications, want 1", there)
			}
		})
	}
}

// TestRefusals checks that refusals name the missing permission and never contain a
// secret.
func TestRefusals(t *testing.T) {
	w := reach(t, fakegraph.Options{Program: []string{"Application.Read.All"}})
	_, _, err := w.client.Instantiate(t.Context(), TemplateID, "AWS")
	f, ok := err.(*fault.Error)
	if !ok || f.Kind != fault.Unsatisfied || !IsForbidden(err) ||
		!strings.Contains(strings.Join(f.Hints, " "), "Application.ReadWrite.All") {
		t.Errorf("refusal is %v", err)
	}
	w = reach(t, fakegraph.Options{})
	_, p := w.withApp(t)
	job, err := w.client.CreateJob(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	err = w.client.ValidateKey(t.Context(), p.ID, job.ID, AccessKey{"AKIA", secret.New("do-not-repeat")})
	if err == nil || strings.Contains(err.Error(), "do-not-repeat") {
		t.Errorf("a bad key gives %v", err)
	}
}

// TestSignIn checks the permissions of tokens for each way to sign in.
func TestSignIn(t *testing.T) {
	w := reach(t, fakegraph.Options{})
	global, _ := CloudByName("global")
	for _, way := range []string{SignInEnvironment, SignInDeviceCode} {
		t.Run(way, func(t *testing.T) {
			identity, err := SignIn(SignInOptions{
				Cloud: global, HTTP: w.http, Getenv: program, Way: way, Tenant: fakecloud.TenantID,
				Notice: func(s string) {
					if !w.cloud.Graph.ApproveDevice(s[strings.LastIndex(s, " ")+1:], fakecloud.UserName) {
						t.Errorf("no code in %q", s)
					}
				},
			})
			must(t, "sign in", err)
			g, err := identity.Grant(t.Context())
			must(t, "grant", err)
			if !g.Known || g.Tenant != fakecloud.TenantID || g.Delegated != (way == SignInDeviceCode) ||
				!g.Allows("Application.Read.All") || g.Allows("Mail.Read") {
				t.Errorf("got %+v", g)
			}
		})
	}
	identity, err := SignIn(SignInOptions{Cloud: global, NoInput: true, Getenv: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := identity.Grant(t.Context()); fault.KindOf(err) != fault.NeedsInput {
		t.Errorf("non-interactive: got %v, want kind NeedsInput", err)
	}
	identity, err = SignIn(SignInOptions{Cloud: global, NoWindow: true, Getenv: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := identity.Grant(t.Context()); fault.KindOf(err) != fault.NeedsInput {
		t.Errorf("without a screen: %v", err)
	}
	for name, c := range map[string]struct {
		options SignInOptions
		way     string
	}{
		"a browser":   {SignInOptions{}, SignInBrowser},
		"no browser":  {SignInOptions{NoBrowser: true}, SignInDeviceCode},
		"no terminal": {SignInOptions{NoBrowser: true, NoWindow: true}, SignInBrowser},
		"a program":   {SignInOptions{NoBrowser: true, Getenv: program}, SignInEnvironment},
	} {
		t.Run(name, func(t *testing.T) {
			if c.options.Getenv == nil {
				c.options.Getenv = func(string) string { return "" }
			}
			if got := automatic(c.options); got != c.way {
				t.Errorf("got %s, want %s", got, c.way)
			}
		})
	}
	bad := func(name string) string {
		if name == "AZURE_CLIENT_SECRET" {
			return "wrong-secret"
		}
		return program(name)
	}
	identity, err = SignIn(SignInOptions{Cloud: global, HTTP: w.http, Getenv: bad})
	if err != nil {
		t.Fatal(err)
	}
	_, err = identity.Grant(context.Background())
	if fault.KindOf(err) != fault.Auth || !strings.Contains(err.Error(), "AADSTS7000215") ||
		strings.Contains(err.Error(), "wrong-secret") {
		t.Errorf("a wrong secret gives %v", err)
	}
}

// Errors of the Azure library get a kind and a hint.
func TestSignInHints(t *testing.T) {
	for name, tc := range map[string]struct {
		way, text string
		kind      fault.Kind
		want      string
		hint      string
	}{
		"proxy down": {
			SignInEnvironment, "ClientSecretCredential: unable to resolve an endpoint: server response error:\n " +
				"Get \"https://login.microsoftonline.com/contoso.com/v2.0/.well-known/openid-configuration?\": " +
				"proxyconnect tcp: dial tcp 127.0.0.1:9: connect: connection refused. To troubleshoot, visit " +
				"https://aka.ms/azsdk/go/identity/troubleshoot#client-secret",
			fault.Network, "sign-in to the tenant: login.microsoftonline.com cannot be reached: proxyconnect tcp: " +
				"dial tcp 127.0.0.1:9: connect: connection refused", "HTTPS_PROXY",
		},
		"proxy that hangs": {
			SignInEnvironment, "ClientSecretCredential: unable to resolve an endpoint: server response error:\n " +
				"context deadline exceeded. To troubleshoot, visit " +
				"https://aka.ms/azsdk/go/identity/troubleshoot#client-secret",
			fault.Network, "sign-in to the tenant: no answer came in time", "HTTPS_PROXY",
		},
		"no az login": {
			SignInCLI, "AzureCLICredential: ERROR: Please run 'az login' to setup account. To troubleshoot, visit " +
				"https://aka.ms/azsdk/go/identity/troubleshoot#azure-cli",
			fault.Auth, "sign-in to the tenant: ERROR: Please run 'az login' to setup account", "az login",
		},
		"no such tenant": {
			SignInEnvironment, "ClientSecretCredential authentication failed.\nPOST " +
				"https://login.microsoftonline.com/x/oauth2/v2.0/token\n{\"error_description\": \"AADSTS90002: " +
				"Tenant 'x' not found.\"}",
			fault.Auth, "sign-in to the tenant: AADSTS90002: Tenant 'x' not found", "correct the tenant",
		},
		"not from here": {
			SignInDeviceCode, "AADSTS53003: Access has been blocked by Conditional Access policies", fault.Auth,
			"blocked by Conditional Access policies", "blocks this sign-in method",
		},
		"no browser": {SignInBrowser, "InteractiveBrowserCredential: exit status 3", fault.Auth, "sign-in to the " +
			"tenant: exit status 3", "device-code"},
		"no such program": {
			SignInEnvironment, "AADSTS700016: Application with identifier 'x' was not found", fault.Auth,
			"AADSTS700016: Application with identifier 'x' was not found", "AZURE_CLIENT_ID",
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := explainSignIn(errors.New(tc.text), tc.way)
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != tc.kind || !strings.HasSuffix(f.Error(), tc.want) || len(f.Hints) != 1 ||
				!strings.Contains(f.Hints[0], tc.hint) {
				t.Errorf("got %v, hints %q, want %v %q, hint %q", err, f.Hints, tc.kind, tc.want, tc.hint)
			}
		})
	}
}

// TestPace checks that calls slow down as the budget is spent.
func TestPace(t *testing.T) {
	p := &pacer{}
	for spent, want := range map[string]time.Duration{"": 0, "0.8": 0, "1": time.Second, "1.8": 2 * time.Second} {
		t.Run(spent, func(t *testing.T) {
			r := &http.Response{Header: http.Header{}}
			r.Header.Set("x-ms-throttle-limit-percentage", spent)
			p.learn(r)
			if got := p.rest(); got.Round(time.Millisecond) != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}
