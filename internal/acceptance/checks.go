package acceptance

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// kind is the kind of requirements of a check.
type kind int

const (
	named    kind = iota // a tenant and a user
	session              // the sign-in of an earlier check
	separate             // no session: the check signs in with a separate home
	admin                // credentials of an admin
)

// check is an item of the list.
type check struct {
	name string
	kind kind
	asks string // action that the tester must confirm; "" for none
	run  func(context.Context, *Kit) error
}

const ringing = "signs in, which can ring your phone"

// checks lists the items in order. Checks that need a session include the sign-in.
func (k *Kit) checks() []check {
	all := []check{
		{"doctor", named, "", doctor},
		{"sign-in", named, ringing, signIn},
		{"whoami", session, "", whoami},
		{"renewal", session, "", renewal},
		{"aws-cli", session, "", awsCLI},
		{"concurrent", session, "", concurrent},
		{"console", session, "", console},
		{"all-roles", session, "", allRoles},
		{"wrong-password", separate, "sends one wrong password, which counts towards a lockout", wrongPassword},
	}
	for _, m := range k.Methods {
		all = append(all, check{"method-" + m, separate, ringing, func(ctx context.Context, k *Kit) error {
			cmd := k.command(ctx, "login", "--force")
			cmd.Env = append(cmd.Env, "O365AWS_MFA="+m)
			return ends(cmd, 0)
		}})
	}
	all = append(all,
		check{"window", separate, "opens a browser window, in which you sign in", window},
		check{"own-browser", separate, "opens your own browser, in which you sign in", ownBrowser},
		check{"admin-plan", admin, "signs in as an admin, which can open your browser", adminPlan},
		check{
			"admin-setup", admin, "creates " + setupName + " in the tenant and the AWS account, and deletes it",
			adminSetup,
		},
		check{"logout", session, "", logout},
	)
	if len(k.Only) == 0 {
		return all
	}
	selected := func(c check) bool { return slices.Contains(k.Only, c.name) }
	needsSession := slices.ContainsFunc(all, func(c check) bool { return selected(c) && c.kind == session })
	return slices.DeleteFunc(all, func(c check) bool { return !selected(c) && (!needsSession || c.name != "sign-in") })
}

// Names returns the names of all checks except those of methods.
func Names() []string {
	var names []string
	for _, c := range new(Kit).checks() {
		names = append(names, c.name)
	}
	return names
}

func doctor(ctx context.Context, k *Kit) error { return k.show(k.command(ctx, "doctor"), 0) }

func signIn(ctx context.Context, k *Kit) error {
	err := signInBy(ctx, k)
	k.signedIn = err == nil
	return err
}

func signInBy(ctx context.Context, k *Kit, args ...string) error {
	return ends(k.command(ctx, append([]string{"login", "--force"}, args...)...), 0)
}

func whoami(ctx context.Context, k *Kit) error {
	out, err := k.output(k.command(ctx, "whoami", "--output", "json"))
	if err == nil && !strings.Contains(string(out), "assumed-role") {
		return finding("STS returned no assumed role")
	}
	return err
}

// process runs credential-process and returns the access key ID.
func (k *Kit) process(ctx context.Context) (string, error) {
	out, err := k.output(k.command(ctx, "credential-process", "--profile", awsProfile))
	if err != nil {
		return "", err
	}
	var c struct {
		Version     int
		AccessKeyID string `json:"AccessKeyId"`
	}
	if json.Unmarshal(out, &c) != nil || c.Version != 1 || c.AccessKeyID == "" {
		return "", finding("credential-process printed no credentials")
	}
	return c.AccessKeyID, nil
}

// renewal gets credentials using only the stored session.
func renewal(ctx context.Context, k *Kit) error {
	if err := k.clearCache(); err != nil {
		return err
	}
	_, err := k.process(ctx)
	return err
}

func awsCLI(ctx context.Context, k *Kit) error {
	path, err := exec.LookPath("aws")
	if err != nil {
		return skip("the AWS CLI is not installed")
	}
	_, err = k.output(k.program(ctx, path, "sts", "get-caller-identity", "--profile", awsProfile))
	return err
}

// concurrent starts fifty programs at the same time: one of them renews, and all get the
// result.
func concurrent(ctx context.Context, k *Kit) error {
	if err := k.clearCache(); err != nil {
		return err
	}
	keys, errs := make([]string, 50), make([]error, 50)
	var group sync.WaitGroup
	for i := range keys {
		group.Go(func() { keys[i], errs[i] = k.process(ctx) })
	}
	group.Wait()
	for i, err := range errs {
		if err != nil {
			return err
		}
		if keys[i] != keys[0] {
			return finding("the programs got different credentials")
		}
	}
	return nil
}

func console(ctx context.Context, k *Kit) error {
	out, err := k.output(k.command(ctx, "console", "--print"))
	if err == nil && !strings.HasPrefix(string(out), "https://") {
		return finding("the console URL does not start with https://")
	}
	return err
}

func allRoles(ctx context.Context, k *Kit) error {
	_, err := k.output(k.command(ctx, "login", "--all-roles", "--output", "json"))
	return err
}

func wrongPassword(ctx context.Context, k *Kit) error {
	cmd := k.command(ctx, "login", "--force", "--no-input", "--password-stdin")
	cmd.Env = append(cmd.Env, "O365AWS_PASSWORD=", "O365AWS_TOTP_SECRET=")
	cmd.Stdin = strings.NewReader("wrong password of the acceptance kit\n")
	return ends(cmd, 4)
}

func window(ctx context.Context, k *Kit) error {
	if runtime.GOOS == "linux" && os.Getenv("DISPLAY")+os.Getenv("WAYLAND_DISPLAY") == "" {
		return skip("no display")
	}
	return signInBy(ctx, k, "--browser", "visible")
}

func ownBrowser(ctx context.Context, k *Kit) error { return signInBy(ctx, k, "--browser", "system") }

// adminPlan compares a spec with the tenant and the accounts. It changes nothing.
func adminPlan(ctx context.Context, k *Kit) error {
	if k.Spec == "" {
		return skip("no -spec")
	}
	return k.show(k.command(ctx, "admin", "plan", "--file", k.Spec), 0, 9)
}

// setupName is the name of everything that adminSetup creates.
const setupName = "o365aws-acceptance"

// setup creates no access key, and does not wait for Entra to import the roles.
const setup = `tenant: %q
name: ` + setupName + `
application:
  name: ` + setupName + `
  identifier: https://signin.aws.amazon.com/saml#` + setupName + `
provider: {name: ` + setupName + `, metadata: tenant}
roles:
  - {name: ` + setupName + `, policies: [job-function/ViewOnlyAccess], session: 1h}
accounts: [{id: %q}]
provisioning: {style: merge}
`

// adminSetup creates a setup and deletes it, even if the tester interrupts it. The
// spec file remains if it could not be deleted.
func adminSetup(ctx context.Context, k *Kit) error {
	if k.Account == "" || k.Tenant == "" {
		return skip("no -tenant or no -account")
	}
	file := strings.TrimSuffix(k.Report, ".json") + ".yaml"
	if err := os.WriteFile(file, fmt.Appendf(nil, setup, k.Tenant, k.Account), 0o600); err != nil {
		return err
	}
	created := k.show(k.command(ctx, "admin", "apply", "--file", file, "--yes"), 0)
	if created == nil {
		created = k.show(k.command(ctx, "admin", "verify", "--file", file), 0)
	}
	ctx = context.WithoutCancel(ctx)
	if err := k.show(k.command(ctx, "admin", "destroy", "--file", file, "--confirm", setupName), 0); err != nil {
		_, _ = fmt.Fprintf(k.Out, "To delete the rest: o365aws admin destroy --file %s\n", file)
		return err
	}
	if err := os.Remove(file); err != nil {
		return err
	}
	return created
}

// logout deletes everything, after which a program gets no credentials.
func logout(ctx context.Context, k *Kit) error {
	if err := ends(k.command(ctx, "logout", "--all"), 0); err != nil {
		return err
	}
	return ends(k.command(ctx, "credential-process", "--profile", awsProfile), 3)
}
