package cli_test

import (
	"regexp"
	"strings"

	"github.com/o365aws/o365aws/internal/fakecloud"
)

// persona is the kind of user who runs a command line; it determines the home and the
// environment.
type persona int

const (
	engineer  persona = iota
	admin             // sets up an empty tenant and account
	byTheBook         // an admin who follows the manual instructions, without o365aws
	personas
)

func (d persona) String() string { return [...]string{"engineer", "admin", "by hand"}[d] }

func personaOf(document, line string) persona {
	switch {
	case strings.HasPrefix(line, "aws iam "):
		return byTheBook
	case strings.HasPrefix(document, "admin-"), strings.Contains(line, "o365aws admin "):
		return admin
	}
	return engineer
}

// excuse is the reason why a line is not run here.
type excuse struct {
	line *regexp.Regexp
	why  string
}

var excused = []excuse{
	{regexp.MustCompile(`^ssh `), "needs another machine"},
	{regexp.MustCompile(`^o365aws ssh `), "needs another machine; the script ssh covers it"},
	{regexp.MustCompile(`^az `), "needs a real tenant"},
	{regexp.MustCompile(`^aws (sso|login)\b`), "another sign-in of the AWS CLI, mentioned for comparison"},
	{regexp.MustCompile(`^apt-get install `), "would change this machine; scripts/ensure-browser.sh runs it"},
	{regexp.MustCompile(`^(sudo|systemctl) `), "would change this machine"},
	{regexp.MustCompile(`^(sha256sum|cosign|gh|brew|scoop|winget|go install) `), "needs a release"},
	{
		regexp.MustCompile(`^o365aws admin rotate-certificate `),
		"waits twice for two minutes; TestRotationUnderLoad in internal/admin/entra covers it",
	},
}

// examples replaces names in the documents with those of the emulator.
var examples = []string{
	"ada@contoso.com", fakecloud.UserName, "robot@contoso.com", "grace@contoso.example", "contoso.com", fakecloud.TenantDomain,
	"ada@example.com", "linus@contoso.example", "example.onmicrosoft.com", fakecloud.TenantDomain,
	"123456789012", fakecloud.AccountID, "111122223333/ci", "111122223333/azure.reader", "111122223333/deploy", "111122223333/azure.reader",
	"ARN", "arn:aws:iam::444455556666:role/azure.reader", "--from FILE", "--from team.ini", "name terraform", "work terraform",
	"O365AWS_PASSWORD=…", "O365AWS_PASSWORD=\"$PASSWORD\"", "O365AWS_TOTP_SECRET=…", "O365AWS_TOTP_SECRET=" + fakecloud.TOTPSecret,
	"/etc/bash_completion.d/", "", "/usr/local/share/man/man1", "man1", "aws s3 ls", "aws sts get-caller-identity",
}

// instead replaces lines that need another shell or an interactive prompt.
var instead = []struct{ line, types, why string }{
	{
		"o365aws env --profile work --shell fish | source",
		`fish --no-config -c 'o365aws env --profile work --shell fish | source; test -n "$AWS_SESSION_TOKEN"'`,
		"it is for fish",
	},
	{
		`PS1='$(o365aws status --prompt) \$ '`,
		`PS1='$(o365aws status --prompt) \$ '; case ${PS1@P} in *azure.*@*) ;; *) false ;; esac`,
		"a script has no prompt",
	},
	{
		`PS1='$(o365aws status --prompt --profile work) \$ '`,
		`PS1='$(o365aws status --prompt --profile work) \$ '; case ${PS1@P} in *azure.*@*) ;; *) false ;; esac`,
		"a script has no prompt",
	},
	{
		"o365aws login --password-stdin", `printf '%s\n' "$PASSWORD" | o365aws login --password-stdin`,
		"it names the option alone",
	},
}

// between holds commands to run after a line: the document describes them in prose, or
// the next line depends on them.
var between = map[string]string{
	"o365aws admin init --tenant example.onmicrosoft.com --account 123456789012": `printf 'assignments:\n  - {user: linus@contoso.example, roles: [azure.admin]}\n' >>o365aws.yaml; test ! -e merge || sed -i 's/style: import/style: merge/' o365aws.yaml`,
	"o365aws admin unassign --user ada@example.com --role azure.admin":           "o365aws admin apply --yes",
}

// elsewhere moves lines to a document with the setup that they need.
var elsewhere = map[string]string{
	"o365aws admin rotate-key --yes": "admin-setup.md", // after the Entra import there
}

// endings lists exit codes other than 0.
var endings = map[string]int{
	"o365aws admin plan": 9, "o365aws admin plan --file o365aws.yaml": 9, // before the first apply
}

// standIns maps programs that are missing on this machine, or that would use the
// internet, to scripts.
var standIns = map[string]string{
	// These find credentials in the same way as the AWS CLI.
	"terraform": "#!/bin/sh\nexec aws sts get-caller-identity\n",
	"claude":    "#!/bin/sh\nexec aws sts get-caller-identity\n",
	"code":      "#!/bin/sh\nexec aws sts get-caller-identity\n",
	// docker run -e NAME must not silently pass an unset variable.
	"docker": "#!/bin/sh\nwhile [ $# -gt 0 ]; do\n\t[ \"$1\" = -e ] && { case $2 in *=*) ;; *) printenv \"$2\" >/dev/null || exit 1 ;; esac; }\n\tshift\ndone\n",
	// The user's browser signs in at local addresses and only requests other pages.
	"own-browser": "#!/bin/sh\ncase $1 in\n*://localhost:*) exec user-browser \"$1\" ;;\nesac\n" +
		"exec python3 -c 'import http.client, sys; host, path = sys.argv[1].split(\"//\")[1].split(\"/\", 1); c = http.client.HTTPConnection(host); c.request(\"GET\", \"/\" + path); c.getresponse()' \"$1\"\n",
}

// answers lists the answers to prompts.
var answers = []struct {
	question *regexp.Regexp
	keys     string
}{
	{regexp.MustCompile(`E-mail address[^:\n]*: `), fakecloud.UserName + "\r"},
	{regexp.MustCompile(`Password for [^\n]*:`), fakecloud.Password + "\r"},
	{regexp.MustCompile(`type to filter`), "1111 reader\r"},
	{regexp.MustCompile(`profile for each of them\? \[y/N\]`), "n\r"},
	{regexp.MustCompile(`AWS region [^\n]*: `), "\r"},
	{regexp.MustCompile(`\[y/N\]`), "y\r"},
}

// varies matches text that differs between runs: the number to enter, and the role ID.
var varies = regexp.MustCompile(`:\s+\d\d\b|AROA[0-9A-Z]+`)

// reader is the starting point of a document.
type reader struct {
	files map[string]string // files in the home
	first string            // command to run first
}

const workProfile = "[profile work]\nazure_tenant_id = contoso.example\nazure_default_username = linus@contoso.example\n" +
	"azure_default_role_arn = arn:aws:iam::111122223333:role/azure.reader\nregion = eu-central-1\n"

const defaultProfile = "[default]\nazure_tenant_id = contoso.example\nazure_default_username = linus@contoso.example\n" +
	"azure_default_role_arn = arn:aws:iam::111122223333:role/azure.reader\nregion = eu-central-1\n"

const process = "credential_process = o365aws credential-process"

const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/AzureAD"},` +
	`"Action":"sts:AssumeRoleWithSAML","Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}]}`

// readers lists the documents that start with more than an empty home.
var readers = map[string]reader{
	"README.md":      {files: map[string]string{"team.ini": "[profile team]\nazure_tenant_id = contoso.example\n"}},
	"admin-setup.md": {files: map[string]string{"trust.json": trust}},
	"commands.md": {
		files: map[string]string{
			"merge":       "",
			".aws/config": workProfile + process + " --profile work\n" + defaultProfile + process + "\n",
			".saml2aws":   saml2aws,
		},
	},
	"migrate-from-aws-azure-login.md": {
		files: map[string]string{".aws/config": workProfile + defaultProfile + "azure_default_password = hunter2\n"},
	},
	"migrate-from-saml2aws.md": {files: map[string]string{".aws/config": defaultProfile, ".saml2aws": saml2aws}},
	"recipes.md": {
		first: "o365aws login --profile work",
		files: map[string]string{".aws/config": workProfile + process + " --profile work\n" + defaultProfile},
	},
	"sign-in.md": {
		files: map[string]string{
			".aws/config": "[default]\nazure_tenant_id = contoso.example\nregion = eu-central-1\n",
		},
	},
	"troubleshooting.md": {
		first: "o365aws login --profile work",
		files: map[string]string{".aws/config": workProfile + process + " --profile work\n" + defaultProfile},
	},
}

const saml2aws = "[work]\nusername = linus@contoso.example\nprovider = AzureAD\nrole_arn = arn:aws:iam::111122223333:role/azure.reader\n"
