package repotest

import (
	"strings"

	"github.com/o365aws/o365aws/internal/admin/aws"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/entra"
	"github.com/o365aws/o365aws/internal/admin/spec"
)

// adminSetup is what admin explain tells of both sides, beside the chapters of
// the set-up by hand.
func adminSetup() string {
	example := spec.Example()
	example.Assignments = []spec.Assignment{{User: "ada@example.com", Roles: []string{"azure.admin", "azure.reader"}}}
	w := &engine.World{Spec: example}
	tenant := &entra.Tenant{}
	tenant.Attach(w)
	steps, err := engine.Compose(w, tenant.Steps, aws.Side(&aws.Clients{}))
	if err != nil {
		return err.Error()
	}
	_, explained, _ := strings.Cut(engine.Explain(steps), "\n\n")
	file := string(spec.Draft("example.onmicrosoft.com", "123456789012"))
	return strings.Replace(adminChapters, "{FILE}", file, 1) + "\n## What each step does\n\n" + explained
}

const adminChapters = `# Setting up a tenant and AWS accounts

` + "`o365aws admin`" + ` does from one file what takes an admin through two web consoles by hand, in
[eight chapters of a post](https://attrava.com/posts/aws/using-office365-credentials-to-login-to-aws/) and in the same order:

` + "```" + `
o365aws admin init --tenant example.onmicrosoft.com --account 123456789012
o365aws admin plan
o365aws admin apply
o365aws admin verify --login --user ada@example.com
` + "```" + `

The first line writes the file, o365aws.yaml, in which you say which roles there are and who may use them. The second shows what is missing, the third does it, and the fourth signs a person in, which proves it.

<picture>
  <source media="(prefers-color-scheme: dark)" srcset="images/admin-plan-dark.svg">
  <img alt="The plan of an empty tenant and an empty account" src="images/admin-plan-light.svg">
</picture>

<picture>
  <source media="(prefers-color-scheme: dark)" srcset="images/admin-apply-dark.svg">
  <img alt="Doing it, and waiting for Entra's import" src="images/admin-apply-light.svg">
</picture>

` + "`make demo-admin`" + ` shows all of it on this machine, without a tenant and without an account.

| By hand, as the post has it | Step of o365aws |
|---|---|
| 1. Sign in to Azure Active Directory (now Microsoft Entra ID) | sign-in to the tenant |
| 2. Create an AWS enterprise application from the gallery | application; single sign-on by SAML; identifier and reply URLs |
| 3. Download the metadata XML | signing certificate; federation metadata, straight into the next step |
| 4. Create the provider and the roles in AWS | SAML provider; roles, in every account |
| 5. Create the user AzureAAD that lists the roles | import user and its access key, in memory only; nothing with ` + "`provisioning.style: merge`" + ` |
| 6. Configure provisioning, test, save, start, wait | provisioning; provisioning runs; roles imported, watched |
| 7. Assign roles to users, with the owner workaround | assignments; the workaround is done when it is needed, and undone whatever happens |
| 8. Sign in from the dashboard | ` + "`o365aws admin verify --login`" + `, which also tells the address of the tile |

## The file

` + "`o365aws admin init`" + ` writes this one. [Several accounts, and a whole organisation](admin-accounts.md) have a page of
their own; the [schema](o365aws.schema.json) has every setting.

` + "```yaml\n{FILE}```" + `

## Signing in to the tenant

With nothing set, a browser opens and asks an admin to consent, once, to what is needed: ` + "`Application.ReadWrite.All`, `AppRoleAssignment.ReadWrite.All`, `Directory.Read.All`, `Synchronization.ReadWrite.All`, `Policy.Read.All`, `Policy.ReadWrite.ApplicationConfiguration`, `User.Read`" + `.
The consent is given to Microsoft Graph Command Line Tools and holds for everybody in the tenant who uses that; ` + "`--client-id`" + ` names a public client of your own instead (redirect URI ` + "`http://localhost`" + `).
Where this machine has no browser to open, over SSH for example, it shows a code to enter on another (` + "`--sign-in device-code`" + `). In CI, set ` + "`AZURE_TENANT_ID`, `AZURE_CLIENT_ID`" + ` and one of ` + "`AZURE_CLIENT_SECRET`, `AZURE_CLIENT_CERTIFICATE_PATH` (with `AZURE_CLIENT_CERTIFICATE_PASSWORD`, if it has one), `AZURE_FEDERATED_TOKEN_FILE`" + `.
The Azure CLI's sign-in (` + "`--sign-in azure-cli`" + `) cannot be given every permission; it is enough to look.

A person signs in once for the commands of an hour: the token is kept where the default profile keeps secrets (` + "`o365aws_store`" + `, in the keychain when nothing is said), without what could renew it, and never in a plain file. ` + "`o365aws logout --all`" + ` forgets it; with ` + "`o365aws_store = none`" + ` every command asks.

Besides the permissions, a person needs the directory role Application Administrator or Cloud Application Administrator; with ` + "`provisioning.style: merge`" + `, Privileged Role Administrator too, because roles are written into the application. What is missing is named before anything is written.

AWS is asked with the credentials that the AWS tools find: those of ` + "`--profile`" + ` or ` + "`AWS_PROFILE`" + `, or of the account's ` + "`profile`" + ` in the file, of somebody who administers IAM there. ` + "`o365aws admin export policy`" + ` prints the least that is enough.

## One account, or many

One account takes Entra's own import, as by hand: an IAM user with a long-lived key, and about forty minutes until the roles are there. It serves one account an application: a second file for the tenant needs another ` + "`name`" + `, and ` + "`application.identifier`" + ` with #2 at its end.
Several accounts are merged: o365aws lists the roles that trust the provider in every account and writes them into one application, without user and without key. ` + "`o365aws admin sync-roles --no-input`" + ` does that by a scheduler, for roles that others make. An application holds 1,200 roles.

## The rest of a year

| When | Command |
|---|---|
| Somebody comes or goes | ` + "`o365aws admin assign`, `unassign`, `assignments`" + `, or the file and ` + "`apply`" + ` |
| Sixty days before the certificate ends, ` + "`verify`" + ` warns | ` + "`o365aws admin rotate-certificate`" + `: AWS trusts the new one before Entra signs with it |
| The import's key is old | ` + "`o365aws admin rotate-key`" + ` |
| Every night | ` + "`o365aws admin verify --no-input`" + `, which ends with 9 when something is not as the file says |
| It shall all go | ` + "`o365aws admin destroy`" + `; the directory keeps a deleted application for 30 days |

## By a scheduler

` + "`sync-roles`" + ` and ` + "`verify`" + ` are made for it: they ask nobody, say nothing when all is well, and end with another code than 0 when it is not.
The program that runs them needs the application permission ` + "`Application.ReadWrite.OwnedBy`" + ` and has to be an owner of the enterprise application. With ` + "`assignments`" + ` in the file it needs ` + "`AppRoleAssignment.ReadWrite.All` and `Directory.Read.All`" + ` too, with ` + "`claims`, `Policy.Read.All` and `Policy.ReadWrite.ApplicationConfiguration`" + `.
In AWS ` + "`sync-roles` needs `iam:ListRoles`" + ` in every account (for an organisation ` + "`organizations:DescribeOrganization`, `ListAccounts`, `ListAccountsForParent` and `ListOrganizationalUnitsForParent`" + ` besides), and ` + "`verify`" + ` those permissions of each step below that read.

A user's timer of systemd, with ` + "`AZURE_TENANT_ID`" + `, ` + "`AZURE_CLIENT_ID`" + ` and ` + "`AZURE_CLIENT_CERTIFICATE_PATH`" + ` in the file of variables (mode 600):

` + "```" + `ini
# ~/.config/systemd/user/o365aws-sync.service
[Unit]
Description=Roles of AWS in the Entra application

[Service]
Type=oneshot
WorkingDirectory=%h/aws
EnvironmentFile=%h/.config/o365aws-sync.env
ExecStart=o365aws admin sync-roles --no-input
ExecStart=o365aws admin verify --no-input
` + "```" + `

` + "```" + `ini
# ~/.config/systemd/user/o365aws-sync.timer
[Unit]
Description=Every night: roles of AWS in the Entra application

[Timer]
OnCalendar=*-*-* 03:17
RandomizedDelaySec=10min
Persistent=true

[Install]
WantedBy=timers.target
` + "```" + `

` + "`systemctl --user enable --now o365aws-sync.timer`" + ` switches it on. Cron sends by mail what a command says, so one line of it is enough:

` + "```crontab" + `
17 3 * * *  cd $HOME/aws && set -a && . $HOME/.config/o365aws-sync.env && o365aws admin sync-roles --no-input && o365aws admin verify --no-input
` + "```" + `

GitHub Actions needs no secret at all: the workflow's own identity is trusted by both clouds, as a federated credential of the program in Entra and as a role with an OIDC provider in AWS.

` + "```" + `yaml
name: o365aws
on:
  schedule: [{cron: "17 3 * * *"}]
permissions: {contents: read, id-token: write}
jobs:
  sync:
    runs-on: ubuntu-latest
    env:
      AZURE_TENANT_ID: 7f3c2a10-5b7e-4c55-9a44-0d3f5e1b2c66
      AZURE_CLIENT_ID: 5d9c1f0e-2a7b-4c68-b3d1-90e4f6a81c37
    steps:
      - uses: actions/checkout@v5
      - uses: aws-actions/configure-aws-credentials@v5
        with: {role-to-assume: "arn:aws:iam::111122223333:role/o365aws-sync", aws-region: us-east-1}
      - run: |
          go install github.com/o365aws/o365aws/cmd/o365aws@v1.0.0 # or a package of the release
          echo "$(go env GOPATH)/bin" >>"$GITHUB_PATH"
      - run: |
          umask 077
          export AZURE_FEDERATED_TOKEN_FILE="$RUNNER_TEMP/entra-token"
          printf 'Authorization: Bearer %s' "$ACTIONS_ID_TOKEN_REQUEST_TOKEN" | curl -sSf -H @- \
            "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=api://AzureADTokenExchange" | jq -r .value >"$AZURE_FEDERATED_TOKEN_FILE"
          o365aws admin sync-roles --no-input
          o365aws admin verify --no-input
` + "```" + `

## The separate clouds

` + "`cloud: usgov`" + `, ` + "`usgov-dod`" + ` or ` + "`china`" + ` and ` + "`partition: aws-us-gov`" + ` or ` + "`aws-cn`" + ` in the file are all that it takes: sign-in, Graph, metadata, AWS's endpoints, ARNs and reply URLs follow them.
Entra's import reaches no other partition than ` + "`aws`" + `, so roles are merged there. Where the gallery of a cloud lacks the application, ` + "`apply`" + ` says so.
`
