package repotest

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/admin"
	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
)

var update = flag.Bool("update", false, "write the documents that are made from the code")

// documents are made from tables of the code; make docs writes them.
var documents = map[string]func() string{
	"commands.md":   commands,
	"exit-codes.md": exitCodes,
	"settings.md":   settings,
	"sign-in.md":    signIn,

	"troubleshooting.md": troubleshooting,

	"admin-setup.md":      adminSetup,
	"o365aws.schema.json": admin.Schema,
}

// A document says what the code says.
func TestDocuments(t *testing.T) {
	for name, text := range documents {
		path := "../../docs/" + name
		if *update {
			if err := os.WriteFile(path, []byte(text()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
		} else if string(have) != text() {
			t.Errorf("docs/%s is not what the code says; make docs writes it", name)
		}
	}
}

func exitCodes() string {
	var b strings.Builder
	b.WriteString("# Exit codes\n\n" +
		"Every command ends with one of these. The name is what `--output json` gives as `kind` of an error:\n" +
		"`{\"error\":{\"kind\":\"auth\",\"message\":\"…\",\"hints\":[\"…\"]}}` on stderr.\n\n" +
		"| Code | Kind | Meaning |\n|---|---|---|\n| 0 | | done |\n")
	for _, row := range fault.Table {
		fmt.Fprintf(&b, "| %d | `%s` | %s |\n", int(row.Kind), row.Name, row.Meaning)
	}
	b.WriteString(
		"\n`o365aws exec` ends with the exit code of its command, once that runs: as in a shell, 128 and the signal's number\n" +
			"when a signal ended it, 127 when there is no such command, 126 when it cannot be run.\n" +
			"[When it does not work](troubleshooting.md) says what to do for each.\n",
	)
	b.WriteString("\nstdout carries data only. Errors and hints go to stderr, one line each:\n\n" +
		"```text\no365aws: error: what happened\no365aws: hint: what to do next\n```\n")
	return b.String()
}

func settings() string {
	var b strings.Builder
	b.WriteString("# Settings\n\n" +
		"A profile is a section of `~/.aws/config` (or of the file that `AWS_CONFIG_FILE` names): `[default]` or\n" +
		"`[profile NAME]`. A flag wins over an environment variable, that over the profile, that over the profile's\n" +
		"`o365aws_base`. The keys that begin with `azure_` are those of aws-azure-login.\n\n" +
		"| Setting | Default | Environment | Meaning |\n|---|---|---|---|\n" +
		"| `o365aws_base` | | | another profile, from which unset `azure_` and `o365aws_` settings are taken |\n")
	for _, s := range awsconfig.Settings {
		row := fmt.Sprintf(
			"| `%s` | %s | %s | %s |\n", s.Key, code(s.Default), code(s.Env...),
			strings.ReplaceAll(s.Doc, "|", "\\|"),
		)
		b.WriteString(strings.ReplaceAll(row, "|  |", "| |"))
	}
	b.WriteString("\n" + otherVariables)
	return b.String()
}

// otherVariables are those without a setting in a profile.
const otherVariables = `Every flag has an environment variable too: ` + "`O365AWS_`" + ` and the flag's name in capitals, with ` + "`_`" + ` for ` + "`-`" + `, e.g.
` + "`O365AWS_NO_INPUT=1`" + ` for ` + "`--no-input`" + `. Besides these:

| Variable | Meaning |
|---|---|
| ` + "`AWS_PROFILE`" + ` | the profile, when no ` + "`--profile`" + ` names one |
| ` + "`AWS_CONFIG_FILE`, `AWS_SHARED_CREDENTIALS_FILE`" + ` | the two files, in place of those in ` + "`~/.aws`" + ` |
| ` + "`O365AWS_HOME`" + ` | the folder of o365aws, in place of ` + "`~/.aws/o365aws`" + `; refused where others may write to it |
| ` + "`O365AWS_PASSWORD`, `O365AWS_TOTP_SECRET`" + ` | for unattended use; never handed on to another program |
| ` + "`O365AWS_STORE_PASSPHRASE`" + ` | opens the files of secrets (` + "`o365aws_store = file`" + `) where nobody can be asked; never handed on |
| ` + "`CI`" + ` | set and neither ` + "`false`" + ` nor ` + "`0`" + `: the same as ` + "`--no-input`" + `, unless a flag or its variable says ` + "`--no-input=false`" + ` |
| ` + "`BROWSER`" + ` | the browser that ` + "`--browser system`" + ` and ` + "`o365aws console`" + ` open |
| ` + "`NO_COLOR`, `TERM`" + ` | whether output may be coloured |
| ` + "`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`" + ` | the way to the network, for the browser as well; capitals win. A user name and password in it are used, and shown nowhere |

Those of ` + "`o365aws admin`" + ` are told [there](admin-setup.md#signing-in-to-the-tenant).

## What commands get

` + "`o365aws exec` and `o365aws env`" + ` set ` + "`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`,\n`AWS_CREDENTIAL_EXPIRATION`" + ` and ` + "`O365AWS_PROFILE`, with a region also `AWS_REGION` and `AWS_DEFAULT_REGION`" + `, and take
out what would contradict them: ` + "`AWS_PROFILE`, `AWS_DEFAULT_PROFILE`, `AWS_SECURITY_TOKEN`" + `. With ` + "`exec --server`" + ` it is
` + "`AWS_CONTAINER_CREDENTIALS_FULL_URI` and `AWS_CONTAINER_AUTHORIZATION_TOKEN`" + ` in place of the keys, and a
file whose default profile has credentials is hidden from the command: SDKs would take those first.

## Files

` + "`~/.aws/o365aws/accounts.json`" + ` has the names of accounts that lists show and that find a role in them;
` + "`o365aws roles --lookup`" + ` fills it, and you may: ` + "`{\"111122223333\": \"production\"}`" + `. What else is kept there and for how long:
[SECURITY.md](../SECURITY.md#what-is-kept-where-for-how-long-and-who-can-read-it).
`

func code(words ...string) string {
	var quoted []string
	for _, w := range words {
		if w != "" {
			quoted = append(quoted, "`"+w+"`")
		}
	}
	return strings.Join(quoted, ", ")
}
