// Package fastpath answers a credential-process call from the cache before the rest of
// the program is initialized, and does nothing else. AWS SDKs may make hundreds of such
// calls at once. Answering from main, after the AWS SDK, the browser protocol and the
// YAML decoder are initialized, takes more than twice as long (make bench).
//
// Go initializes packages in the order of their import paths once their own imports are
// initialized, so this package must not import path/filepath, encoding/json or anything
// else that sorts after them.
package fastpath

import (
	"os"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/awspaths"
	"github.com/o365aws/o365aws/internal/securefile"
)

// Command is the name of the command.
const Command = "credential-process"

// MinTTL is the minimum remaining lifetime of credentials. It is slightly longer than the
// 15 minutes below which botocore and .NET immediately request new ones.
const MinTTL = 15*time.Minute + 20*time.Second

// clockSkew is how far the clock may have been set back since an entry was written.
const clockSkew = 5 * time.Minute

// Answer returns the document for a command line, where args[0] is the program. It
// returns false if the rest of the program has to handle the call: for another command or
// any argument other than a profile, if a variable overrides a setting that identifies
// the credentials, if a coding agent calls, if the config file has changed, if other
// users can write to the cache, or if the cache has no valid credentials.
func Answer(args []string, env func(string) string, userHome func() (string, error), now time.Time) ([]byte, bool) {
	if len(args) < 2 || args[1] != Command || overridden(env) {
		return nil, false
	}
	named, ok := ProfileOnly(args[2:])
	if !ok {
		return nil, false
	}
	profile := awspaths.Profile(named, env)
	folder, err := userHome()
	if err != nil {
		return nil, false
	}
	paths := awspaths.Resolve(env, folder)
	config := securefile.Canonical(paths.Config)
	data, err := securefile.ReadPrivate(Path(Folder(paths.Home), config, profile, ""))
	if err != nil {
		return nil, false
	}
	h, document, _, ok := Parse(data)
	switch {
	case !ok, h.Config != config, h.Profile != profile, h.Asked != "":
		return nil, false
	case h.Expires-now.UnixNano() <= int64(MinTTL), h.Obtained-now.UnixNano() > int64(clockSkew):
		return nil, false
	case h.Stamp == Stamp{}, h.Stamp != StampOf(paths.Config):
		return nil, false
	}
	return document, true
}

// ProfileOnly returns the profile if args consists of --profile only, and false
// otherwise.
func ProfileOnly(args []string) (name string, ok bool) {
	for len(args) > 0 {
		flag, value, joined := strings.Cut(strings.TrimLeft(args[0], "-"), "=")
		switch {
		case !strings.HasPrefix(args[0], "-") || flag != "profile" && flag != "p":
			return "", false
		case joined:
			args = args[1:]
		case len(args) > 1:
			value, args = args[1], args[2:]
		default:
			return "", false
		}
		name = value
	}
	return name, true
}

// Overriding lists the variables that override settings which identify the credentials of
// a profile.
var Overriding = []string{
	"AZURE_TENANT_ID", "azure_tenant_id", "AZURE_APP_ID_URI", "azure_app_id_uri", "AZURE_DEFAULT_USERNAME",
	"azure_default_username", "AZURE_DEFAULT_ROLE_ARN", "azure_default_role_arn", "O365AWS_CLOUD", "O365AWS_POLICY_ARNS",
	"AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
}

// Commercial reports whether a region is in partition aws. Because of the import rules,
// it duplicates knowledge of package saml.
func Commercial(region string) bool {
	area, rest, _ := strings.Cut(region, "-")
	switch area {
	case "us", "eu":
		return !strings.HasPrefix(rest, "gov-") && !strings.HasPrefix(rest, "iso")
	case "ap", "sa", "ca", "me", "af", "il", "mx":
		return true
	}
	return region == "aws-global"
}

// agents lists the variables by which coding agents identify themselves to programs that
// they run. A profile may restrict the sessions of agents.
var agents = []struct{ variable, name string }{
	{"CLAUDECODE", "Claude Code"},
	{"CURSOR_AGENT", "Cursor"},
	{"CODEX_SANDBOX", "Codex"},
	{"CODEX_SANDBOX_NETWORK_DISABLED", "Codex"},
	{"GEMINI_CLI", "Gemini CLI"},
	{"AGENT", "an agent"},
	{"AI_AGENT", "an agent"},
}

// Agent returns the name of the coding agent that runs this program, if any.
func Agent(env func(string) string) (name string, ok bool) {
	for _, a := range agents {
		if env(a.variable) != "" {
			return a.name, true
		}
	}
	return "", false
}

// overridden reports whether a variable of Overriding is set, or a region outside
// partition aws.
func overridden(env func(string) string) bool {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "O365AWS_REGION"} {
		if region := env(name); region != "" && !Commercial(region) {
			return true
		}
	}
	for _, name := range Overriding {
		if env(name) != "" {
			return true
		}
	}
	_, agent := Agent(env)
	return agent
}

// OrExit answers the command line of this process and exits. It returns if the cache has
// no answer.
func OrExit() {
	document, ok := Answer(os.Args, os.Getenv, os.UserHomeDir, time.Now())
	if !ok {
		return
	}
	if _, err := os.Stdout.Write(document); err == nil {
		os.Exit(0)
	}
}
