package repotest

import (
	"fmt"
	"strings"

	"github.com/o365aws/o365aws/internal/entra"
)

// signIn makes docs/sign-in.md from the tables that the program signs in by.
func signIn() string {
	var b strings.Builder
	b.WriteString(signInBegin)
	b.WriteString("\n## Methods of multifactor authentication\n\n" +
		"`o365aws_mfa` takes the id or the short name, and after a colon the last digits of a phone, e.g. `sms:42`.\n" +
		"Without it the tenant's default is used; without a default you are asked.\n\n" +
		"| Method | Short name | What it is |\n|---|---|---|\n")
	for _, m := range entra.Methods {
		text := m.Text
		if m.Window {
			text += " (in a window or the system's browser)"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", m.ID, m.Name, text)
	}
	b.WriteString("\n## Pages\n\n" +
		"What a headless sign-in does on each page. A page is known by its id, its error code and the ids of what can be\n" +
		"seen on it, never by its text: every language works the same. In a window you act, and nothing is answered for you.\n\n" +
		"| Page | Name in `--debug` | What o365aws does | What you see in the terminal |\n|---|---|---|---|\n")
	for _, s := range entra.States {
		sees := s.Sees
		if sees == "" {
			sees = "nothing"
		}
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s |\n", s.Page, s.Name, s.Does, sees)
	}
	b.WriteString(signInUnknown)
	return b.String()
}

const signInBegin = `# Signing in

` + "`o365aws login`" + ` signs in to Microsoft Entra in a browser, and takes the SAML response that Microsoft sends to AWS. There are
three browsers; ` + "`--browser`, or `o365aws_browser`" + ` in the profile, names one.

| Browser | What happens | When to take it |
|---|---|---|
| ` + "`headless`" + ` (default) | a browser without a window answers the pages; you see questions in the terminal | always, until something needs a window |
| ` + "`visible`" + ` | a window of the installed Chrome, Edge, Brave or Chromium, with a profile of its own; you act, o365aws waits | a page that only a person can answer |
| ` + "`system`" + ` | your own default browser; the answer comes to a listener on this machine | passkeys, Windows Hello, managed devices, every Conditional Access policy |

<picture>
  <source media="(prefers-color-scheme: dark)" srcset="images/sign-in-terminal-dark.svg">
  <img alt="A headless sign-in in the terminal" src="images/sign-in-terminal-light.svg">
</picture>

When a headless sign-in meets a page that only a person can answer, and you sit at a terminal with a display, it offers to
carry on in a window with the same session.

## In your own browser

The application needs one more Reply URL, by default ` + "`http://localhost:8365/saml`" + ` (` + "`o365aws_reply_url`" + `), and the roles' trust
policies must take it as ` + "`SAML:aud`" + `. o365aws listens there, on loopback alone, before your browser opens. It takes one
answer: a POST to exactly that address, for its own request, from your tenant, made for that URL. Whatever else is
posted there is refused unread. No password passes through o365aws.

<picture>
  <source media="(prefers-color-scheme: dark)" srcset="images/signed-in-dark.png">
  <img alt="The page that ends the sign-in" src="images/signed-in-light.png">
</picture>

Where no browser can be opened, as over SSH, the address is printed. Connect with ` + "`ssh -L 8365:localhost:8365 HOST`" + ` and open
it in the browser in front of you.

On Linux a browser that runs as another user than o365aws, as when that runs as root in a container on the network of the
host, is not led to the sign-in, and says so; the address that is printed takes it there. Root by sudo is the user who
called it.

## In a window

The window has a profile of its own, which is removed afterwards. With ` + "`o365aws_browser_profile = kept`" + ` it has one folder per
tenant and user, which stays, and extensions are on: Windows Accounts and Microsoft Single Sign On can then prove that the
device is managed.

## Without a person

With ` + "`--no-input`, or `CI`" + ` set, nothing is asked, no window opens and no phone is waited for. User, password and the seed of
an authenticator app are enough:

` + "```" + `
export AZURE_DEFAULT_USERNAME=robot@contoso.com O365AWS_PASSWORD=… O365AWS_TOTP_SECRET=…
o365aws login --no-input --role 111122223333/deploy
` + "```" + `

Whatever needs a person ends with exit code 3 or 4 at once. No phone rings, but for an account without a password: there
Microsoft rings it on its own. A page that does not go on ends after eight seconds. One that waits for an answer of the
network has thirty, and so has the page that declined a passkey, which offers other ways up to twenty seconds later; the
page that asks Windows for a session has twenty.

The seed is what Microsoft shows as the secret key when you add an authenticator app by hand, or its ` + "`otpauth://`" + ` address.
A code that was used up is not sent twice: o365aws waits for the next.

## Where a password may be typed

Into pages of the profile's Microsoft cloud, and of hosts in ` + "`o365aws_login_hosts`" + `, e.g. the company's AD FS server. The page must
be the top frame, with https and a certificate that holds. Anywhere else the sign-in stops before a keystroke and names the
host.
`

const signInUnknown = `
A server that does not answer, or a script that a company's network blocks, ends with exit code 8 and the host's name. A page
without a row here ends the sign-in with exit code 7, its id, its host and Microsoft's correlation id. ` + "`--debug`" + ` names each
page with its code and the time spent on it. ` + "`--save-diagnostics DIR`" + ` writes the same with the elements of the last page, without
a text, a name or a value: you can attach it to a report. ` + "`--diagnostics-screenshot`" + ` adds a picture, which shows your name.

What Microsoft's error numbers mean, and what to do: [by Microsoft's number](troubleshooting.md#by-microsofts-number).
`
