package cli_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptCommand is a script command that testscript lacks.
type scriptCommand struct {
	run  func(*testscript.TestScript, bool, []string)
	args string
	does string // one sentence for testdata/script/README.md
}

var scriptCommands = map[string]scriptCommand{
	// Start services.
	"fakecloud": {
		startFakecloud,
		"[SCENARIO]",
		"starts the emulator, and sets `HTTPS_PROXY` and `AWS_CA_BUNDLE` so that all requests reach it",
	},
	"empty-tenant": {
		startEmptyTenant,
		"[FAULT \\| KEY=VALUE]...",
		"starts the emulator with an empty tenant and an empty AWS account, for the admin commands",
	},
	"fakeaws": {
		startFakeAWS,
		"[plain]",
		"starts an empty AWS (moto); `plain` omits the AWS managed policies, which take seconds to load",
	},
	"keyring": {startKeyring, "[locked]", "starts a Secret Service for this script"},
	"sshd": {
		startSSHD,
		"[LINE]...",
		"starts an SSH server with the lines in its configuration, and writes `ssh.conf` for the host `box`",
	},
	"broker": {
		startBroker,
		"[off \\| form=F \\| mode=M \\| accounts=A,B]...",
		"starts an identity broker for ada@contoso.example; `off` stops it",
	},

	// Prepare files and state.
	"profile": {
		writeProfile,
		"[KEY=VALUE]...",
		"writes the default profile, for ada@contoso.example; `KEY=` omits a key",
	},
	"keystrokes": {
		writeKeystrokes,
		"FILE.txt LINE...",
		"writes keystrokes for `ttyin`; replaces `ACCESS-PASS` and `TOTP-CODE`",
	},
	"append":           {appendLines, "FILE LINE...", "appends lines to a file"},
	"entra-sessions":   {setSessions, "[STATE]", "sets how Entra treats stored sessions, e.g. `revoked`"},
	"expire-cache":     {expireCache, "", "removes cached credentials, assertions and failures"},
	"cache-expires-in": {setCacheExpiry, "DURATION", "sets when the cached credentials of the default profile expire"},
	"make-readonly":    {setWritable(false), "FOLDER...", "makes folders of `O365AWS_HOME` read-only, even for root"},
	"make-writable":    {setWritable(true), "FOLDER...", "undoes `make-readonly`"},
	"keyring-hangs":    {hangKeyring, "", "suspends the keyring: it accepts connections and never responds"},
	"proxy-hangs":      {hangingProxy, "", "sets `HTTPS_PROXY` to a proxy that never responds"},
	"proxy-resets":     {resettingProxy, "", "sets `HTTPS_PROXY` to a proxy that resets each connection mid-response"},
	"occupy-port":      {occupyPort, "URL", "listens on the port of a URL"},
	"aws-refuse": {
		refuseAWSCalls,
		"[ACTION CODE [TIMES]]",
		"makes `fakeaws` refuse an action; without arguments, refuses none",
	},
	"signal-at": {
		signalAtWrite,
		"kill\\|interrupt REGEXP",
		"signals the next program at its first matching write to either cloud",
	},
	"watch-processes": {
		watchProcesses,
		"",
		"starts watching the arguments and the environment of the script's processes",
	},
	"release-slot": {
		releaseSlot,
		"",
		"releases the CPU slot: from here on, the script mostly waits",
	},

	// Run programs.
	"exitcode": {checkExitCode, "CODE PROGRAM ARGS...", "runs a program and checks its exit code"},
	"kill-at-each-write": {
		killAtEachWrite,
		"PROGRAM ARGS...",
		"kills a program at each kind of write, reruns it each time, and checks that it completes",
	},

	// Check results.
	"caller-identity": {
		checkCallerIdentity,
		"PROFILE REGEXP",
		"checks the ARN that STS returns for a profile loaded by the AWS SDK",
	},
	"credential-json": {
		checkCredentialJSON,
		"",
		"checks that stdout is one credential_process document and stderr is empty",
	},
	"requested": {
		checkRequested,
		"HOST [PATH [N]]",
		"checks that the emulator received a request, or exactly N, for a host and a path prefix",
	},
	"sign-ins":         {checkSignIns, "N", "checks the number of sign-ins started"},
	"sts-calls":        {checkSTSCalls, "N", "checks the number of AssumeRoleWithSAML calls"},
	"session-policies": {checkSessionPolicies, "POLICY...", "checks the session policies of the last AssumeRoleWithSAML call"},
	"mfa-prompts":      {checkMFAPrompts, "N", "checks the number of pushes, text messages and phone calls"},
	"sms-sent-to":      {checkSMS, "DIGITS", "checks the last digits of the phone that received the text message"},
	"password-sent-to": {checkPasswordHosts, "HOST...", "checks that exactly these hosts received the password"},
	"device-sign-ins":  {checkDeviceSignIns, "N", "checks the number of requests authenticated by the device"},
	"broker-calls":     {checkBrokerCalls, "METHOD...", "checks the calls that the identity broker received"},
	"stay-signed-in":   {checkStaySignedIn, "", "checks that the sign-in answered yes to \"Stay signed in?\""},
	"aws-writes": {
		checkAWSWrites,
		"[ACTION]...",
		"checks the write actions that `fakeaws` received since the last check",
	},
	"cloud-changes": {
		checkCloudChanges,
		"[N]",
		"checks the number of changes in tenant and AWS account since the last check",
	},
	"count": {
		checkCount,
		"THING=N...",
		"checks how many applications, certificates, keys, owners, assignments ... exist",
	},
	"no-secrets": {
		checkNoSecrets,
		"[STREAM]...",
		"checks that the output of the last program contains no secret",
	},
	"check-processes": {checkProcesses, "", "checks that `watch-processes` found no secret"},
	"file-mode":       {checkFileMode, "OCTAL FILE", "checks the permissions of a file"},
	"wait-for-file":   {waitForFile, "FILE TEXT", "waits for a file and checks that it contains a text"},
}

func scriptFunctions() map[string]func(*testscript.TestScript, bool, []string) {
	functions := map[string]func(*testscript.TestScript, bool, []string){}
	for name, c := range scriptCommands {
		functions[name] = c.run
	}
	return functions
}

var update = flag.Bool("update", false, "rewrite the table of script commands in testdata/script/README.md")

func TestScriptCommandsAreDocumented(t *testing.T) {
	const file, begin, end = "testdata/script/README.md", "<!-- commands -->\n", "<!-- end of commands -->\n"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), begin)
	table, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s lacks the markers %q and %q", file, begin, end)
	}
	want := "| Command | What it does |\n|---|---|\n"
	for _, name := range slices.Sorted(maps.Keys(scriptCommands)) {
		c := scriptCommands[name]
		want += fmt.Sprintf("| `%s` | %s |\n", strings.TrimSpace(name+" "+c.args), c.does)
	}
	if table == want {
		return
	}
	if !*update {
		t.Fatalf("%s is out of date: go test ./internal/cli -run %s -update", file, t.Name())
	}
	if err := os.WriteFile(file, []byte(before+begin+want+end+after), 0o600); err != nil {
		t.Fatal(err)
	}
}
