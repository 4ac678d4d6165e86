// Package prompt asks the person at the controlling terminal. It is the only
// package that knows promptui, and it never writes to stdout: a question is
// seen even when a program captured all three streams.
package prompt

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/o365aws/o365aws/internal/blocking"
	"github.com/o365aws/o365aws/internal/termtext"

	"golang.org/x/term"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// Options say how to ask.
type Options struct {
	In, Out  *os.File  // the controlling terminal; nil when there is none
	NoInput  bool      // never ask
	Err      io.Writer // stderr: notices, and the number when there is no terminal
	Dumb     bool      // numbered lists instead of moving the cursor
	Color    bool
	Accounts func() map[string]string   // names of accounts by number; nil knows none
	Password func() (secret.Text, bool) // the password that was given, if any; tried once
}

// Terminal is a person at a terminal, or the lack of one.
type Terminal struct {
	Options
	lines      *bufio.Reader
	passphrase secret.Text // once it was given
}

// New returns a Terminal.
func New(o Options) *Terminal {
	t := &Terminal{Options: o}
	if o.In != nil {
		t.lines = bufio.NewReader(o.In)
	}
	return t
}

// maxText bounds a text of somebody else on the terminal, in characters.
const maxText = 300

// present reports whether somebody can be asked.
func (t *Terminal) present() bool { return !t.NoInput && t.In != nil && t.Out != nil }

// nobody says what would have answered a question that cannot be asked.
func nobody(what string, hints ...string) error {
	return fault.New(fault.NeedsInput, what+" is required, but input is not available",
		append(hints, "or run o365aws login in a terminal")...)
}

// Notice tells something on stderr, one line.
func (t *Terminal) Notice(text string) {
	_, _ = fmt.Fprintln(t.Err, termtext.Printable(text, maxText))
}

// Phone reports whether a person may be asked to approve on their phone: they
// need no terminal for that, but must not be told to be absent.
func (t *Terminal) Phone() bool { return !t.NoInput }

// Window reports whether somebody would see a browser window.
func (t *Terminal) Window() bool { return t.present() }

// maxAddress bounds an address, in characters: a cut one is of no use.
const maxAddress = 8192

// Address shows an address to open by hand, on the terminal, else on stderr.
func (t *Terminal) Address(text, address string) (seen bool) {
	var to io.Writer = t.Err
	if t.Out != nil {
		to = t.Out
	}
	_, _ = fmt.Fprintf(to, "%s\n\n  %s\n\n", termtext.Printable(text, maxText), termtext.Printable(address, maxAddress))
	return to != io.Discard
}

// Username asks for the e-mail address to sign in with.
func (t *Terminal) Username(ctx context.Context) (string, error) {
	if !t.present() {
		return "", nobody("a user name", "set azure_default_username in the profile, or AZURE_DEFAULT_USERNAME")
	}
	return t.ask(ctx, "E-mail address: ")
}

// Code asks for a one-time code.
func (t *Terminal) Code(ctx context.Context, description string, again bool) (secret.Text, error) {
	if !t.present() {
		return secret.Text{}, nobody("a one-time code (" + termtext.Printable(description, maxText) + ")")
	}
	if again {
		t.Notice("Microsoft did not accept that code.")
	}
	t.Notice(description)
	code, err := t.ask(ctx, "Code: ")
	return secret.New(strings.ReplaceAll(code, " ", "")), err
}

// Confirm asks a question whose answer is no unless it is yes.
func (t *Terminal) Confirm(ctx context.Context, question string) (bool, error) {
	if !t.present() {
		return false, nobody("an answer")
	}
	answer, err := t.ask(ctx, termtext.Printable(question, maxText)+" [y/N] ")
	answer = strings.ToLower(answer)
	return answer == "y" || answer == "yes", err
}

// ask reads one line that is shown while it is typed.
func (t *Terminal) ask(ctx context.Context, label string) (string, error) {
	defer onContinue(func() { _, _ = io.WriteString(t.Out, label) })()
	if _, err := io.WriteString(t.Out, label); err != nil {
		return "", err
	}
	answer, err := blocking.Call(ctx, func() (string, error) {
		line, err := t.lines.ReadString('\n')
		return strings.TrimSpace(line), ended(err)
	})
	if err != nil {
		_, _ = io.WriteString(t.Out, "\n") // what is said next has a line of its own
	}
	return answer, err
}

// ended gives the end of input its name.
func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return fault.New(fault.NeedsInput, "the terminal was closed before the question was answered")
	}
	return err
}

// HasPassword reports whether a password was given, so that none is asked.
func (t *Terminal) HasPassword() bool {
	if t.Options.Password == nil {
		return false
	}
	_, ok := t.Options.Password()
	return ok
}

// Password takes the password that was given, once, and asks after that.
func (t *Terminal) Password(ctx context.Context, user string, again bool) (secret.Text, error) {
	if !again && t.Options.Password != nil {
		if password, ok := t.Options.Password(); ok {
			return password, nil
		}
	}
	if !t.present() {
		return secret.Text{}, nobody(
			"the password of "+termtext.Printable(user, maxText), "set O365AWS_PASSWORD, or use --password-stdin",
		)
	}
	if again {
		t.Notice("Microsoft did not accept that password.")
	}
	return t.hidden(ctx, fmt.Sprintf("Password for %s: ", termtext.Printable(user, maxText)))
}

// Pass asks for a Temporary Access Pass without echo.
func (t *Terminal) Pass(ctx context.Context, again bool) (secret.Text, error) {
	if !t.present() {
		return secret.Text{}, nobody("a Temporary Access Pass")
	}
	if again {
		t.Notice("Microsoft did not accept that pass.")
	}
	return t.hidden(ctx, "Temporary Access Pass: ")
}

// hidden asks for a line that is not shown. The echo ends before the question
// is there: whoever answers at once, as a paste does, would be seen. It ends
// again after a stop (Ctrl-Z). The terminal is put back on every way out, also
// when ctx ends in the middle.
func (t *Terminal) hidden(ctx context.Context, label string) (secret.Text, error) {
	fd := int(t.In.Fd())
	before, err := term.GetState(fd)
	if err == nil {
		err = hide(fd)
	}
	if err != nil {
		return secret.Text{}, fault.Wrap(
			fault.NeedsInput, err, "cannot hide the password on this terminal",
			"set O365AWS_PASSWORD, or use --password-stdin",
		)
	}
	defer func() {
		_ = term.Restore(fd, before)
		_, _ = io.WriteString(t.Out, "\n")
	}()
	defer onContinue(func() {
		_ = hide(fd) // the shell set the terminal as it wants it
		_, _ = io.WriteString(t.Out, label)
	})()
	if _, err := io.WriteString(t.Out, label); err != nil {
		return secret.Text{}, err
	}
	return blocking.Call(ctx, func() (secret.Text, error) {
		password, err := term.ReadPassword(fd)
		return secret.New(string(password)), ended(err)
	})
}
