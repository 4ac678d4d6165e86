package repotest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
)

// cures are what to do after each exit code, besides the hints that the
// command itself gives.
var cures = map[fault.Kind]string{
	fault.Internal: "Please open an [issue](" + fault.Reports + ") with what `--debug` says: the log holds no\n" +
		"password, assertion, cookie or key. *The output cannot be written* is no bug: a disk is full, or a pipe has ended.",
	fault.Config: "The message names the flag, the setting or the line of the file. `o365aws login --help` lists flags,\n" +
		"[settings](settings.md) lists settings and variables. A config file that not all AWS tools read alike (a section twice,\n" +
		"a stray line, a byte-order mark) is left as it is, and the line is named: mend it by hand.\n\n" +
		"*Others could put credentials of theirs into FOLDER*: other users of the machine may write where o365aws keeps its\n" +
		"files, or the folder is another user's, as one that is mounted into a container that runs as root. The hint says what to\n" +
		"do. Where it changes nothing (a volume that a container shares), name a folder of your own by `O365AWS_HOME`, in one where\n" +
		"nobody else may write. A drive of Windows in WSL is not refused: the permissions that WSL shows there are made up, and\n" +
		"Windows has its own list.",
	fault.NeedsInput: "Nobody could be asked: there is no terminal, or `--no-input` (or `O365AWS_NO_INPUT`) forbids it. The hint names\n" +
		"what would have answered. For a program that calls `o365aws credential-process`, run `o365aws login` once in a\n" +
		"terminal: the session is kept, and calls renew by it until Microsoft wants you in person. If that is each time:\n\n" +
		"- no keychain can be used here (a container, WSL, SSH): `o365aws_store = file` keeps the session in a file encrypted\n" +
		"  under a passphrase;\n" +
		"- `o365aws_remember = none`, or `azure_default_remember_me = false`, keeps nothing;\n" +
		"- your company ends sessions early (sign-in frequency): nothing on this machine changes that, but with\n" +
		"  `o365aws_process = terminal` or `system` in the profile a program's call may ask you by itself.",
	fault.Auth: "Microsoft refused. The message has its number: see the table below. The correlation id is for your admin, who\n" +
		"finds the sign-in by it in the Entra sign-in log.\n\n" +
		"*The sign-in led to HOST; nothing was typed*: the password is typed on Microsoft's sign-in hosts alone. If the host is\n" +
		"your company's own sign-in server (AD FS), allow it by `o365aws_login_hosts`. If you do not know it, do not.",
	fault.Role: "`o365aws roles` lists what you may assume. A role that is missing there is not assigned to you in the\n" +
		"application. When STS refuses, the message names what does not fit: the provider's ARN in the claim, its metadata\n" +
		"(an old signing certificate), the role's trust, or the duration; `o365aws admin verify` finds which.",
	fault.Browser: "Any browser of the Chromium family works: Chrome, Chromium, Edge, Brave. `o365aws_browser_path` names one. As\n" +
		"root, in a container, Chromium starts only without its sandbox: `O365AWS_BROWSER_ARGS=--no-sandbox`, which you have to\n" +
		"say yourself.\n\n" +
		"*The browser's command failed*, or *no browser opened*: `BROWSER` names the command that opens addresses.\n" +
		"`o365aws console --print` and `o365aws login --browser system` print theirs, to open by hand.",
	fault.Page: "A page came that o365aws does not know; it may come this once. Sign in with `--browser visible`, in a window in\n" +
		"which you act yourself, or with `--browser system`, in your own browser. Please report the page's id, code and host:\n" +
		"they hold no secret.",
	fault.Network: "Behind a company proxy set `HTTPS_PROXY`, and when it inspects TLS `AWS_CA_BUNDLE` (or `ca_bundle` in the profile)\n" +
		"to the file with its authority. Both hold for the browser too. A proxy that asks for a password gets the one in\n" +
		"`HTTPS_PROXY` (`http://user:password@host:port`). For one that wants Kerberos or NTLM, run a local one that signs in to it.",
	fault.Unsatisfied: "It is no failure: `status` found nothing fresh, `doctor` a problem, or `admin plan`, `verify` or `status` a\n" +
		"difference. What it is stands in the output. A command of `admin` also ends so when Microsoft or AWS denies it what it\n" +
		"needs; the message names the permission.",
	fault.Interrupted: "Ctrl-C, or a signal. The browser has ended, its folder is gone, and files are as they were.",
}

func troubleshooting() string {
	var b strings.Builder
	b.WriteString("# When it does not work\n\n" +
		"A command that fails says what happened and what to do next on stderr, and ends with a number that tells the kind.\n" +
		"`--verbose` says what is being done, `--debug` each page and request; neither shows a secret.\n\n" +
		"## By exit code\n")
	for _, row := range fault.Table {
		fmt.Fprintf(&b, "\n### %d: %s\n\n%s\n", int(row.Kind), row.Meaning, cures[row.Kind])
	}
	b.WriteString("\n## By Microsoft's number\n\n" +
		"Sign-in errors of Microsoft Entra have numbers: AADSTS50126 is 50126 here. With *window* beside it, a person may get\n" +
		"on by `--browser visible` or `--browser system`. A number that is not in the table is explained at\n" +
		"`https://login.microsoftonline.com/error?code=` and the number.\n\n" +
		"| AADSTS | Meaning | What to do | |\n|---|---|---|---|\n")
	rows := slices.Clone(entra.Advices)
	slices.SortFunc(rows, func(a, b entra.Advice) int { return number(a.Code) - number(b.Code) })
	for _, a := range rows {
		window := ""
		if a.Window {
			window = "*window* "
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s|\n", a.Code, a.Meaning, a.Todo, window)
	}
	b.WriteString("\n" + symptoms)
	return b.String()
}

func number(code string) int {
	n, _ := strconv.Atoi(code) // codes are numbers
	return n
}

// symptoms are what other programs say.
const symptoms = "## By what another program says\n\n" +
	"| It says | Why | What to do |\n|---|---|---|\n" +
	"| aws: *Error when retrieving credentials from custom-process* | what follows is the error of `o365aws credential-process` | as for its exit code, most often `o365aws login` |\n" +
	"| aws: *ExpiredToken* although `o365aws status` shows fresh credentials | static keys in `~/.aws/credentials`, or keys in the environment, come before `credential_process` | remove the profile's section there; `unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN` |\n" +
	"| aws: *Unable to parse config file* | a section or key that is there twice, or a stray line | mend it by hand; o365aws does not write into such a file, and names the line |\n" +
	"| Terraform: *No valid credential sources found* | it was not told the profile | `AWS_PROFILE=name terraform plan`, or `profile` in the provider |\n" +
	"| nothing, and it seems to hang | another o365aws signs in, and this one waits for it | finish that sign-in, or press Ctrl-C there |\n" +
	"| aws: *No such file or directory: 'o365aws'* | a program that was started from the desktop looks in other folders than your shell | the whole path in `credential_process`, as `o365aws configure` writes it |\n" +
	"| macOS: *Apple could not verify …* | the program has no certificate of Apple's, and came from the web | take the mark of a download off: `xattr -d com.apple.quarantine` and the program's path |\n" +
	"| exec: *this shell has credentials of profile … already* | the shell was started by `o365aws exec` | `exit`, or `--nest` |\n"

// Every kind of failure has a cure.
func TestEveryKindHasACure(t *testing.T) {
	for _, row := range fault.Table {
		if cures[row.Kind] == "" {
			t.Errorf("exit code %d has no paragraph", int(row.Kind))
		}
	}
	if len(cures) != len(fault.Table) {
		t.Errorf("%d paragraphs for %d kinds", len(cures), len(fault.Table))
	}
}
