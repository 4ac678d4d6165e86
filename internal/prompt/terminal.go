// Package prompt prompts the user on the controlling terminal, which is visible even if
// all three standard streams are redirected. Only this package imports promptui. It never
// writes to stdout.
package prompt

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/o365aws/o365aws/internal/blocking"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/termtext"
)

// Options configure a Terminal.
type Options struct {
	In, Out  *os.File  // the controlling terminal; nil for none
	NoInput  bool      // never prompt
	Err      io.Writer // stderr: receives notices and, without a terminal, the number to enter
	Progress *Progress // paused during prompts; may be nil
	Dumb     bool      // the terminal cannot move the cursor
	Color    bool
	Accounts func() map[string]string   // account names by number; may be nil
	Password func() (secret.Text, bool) // password given without a prompt; called once
}

// Terminal prompts on a terminal, or returns errors if there is none.
type Terminal struct {
	Options
	lines      *bufio.Reader
	passphrase secret.Text // cached after the first prompt
}

// New returns a Terminal.
func New(o Options) *Terminal {
	t := &Terminal{Options: o}
	if o.In != nil {
		t.lines = bufio.NewReader(o.In)
	}
	return t
}

// maxText is the maximum width of untrusted text on the terminal, in columns.
const maxText = 300

// present reports whether the user can be prompted.
func (t *Terminal) present() bool { return !t.NoInput && t.In != nil && t.Out != nil }

// noInput returns the error of a prompt that cannot be shown. The hints name settings
// that make it unnecessary.
func noInput(what string, hints ...string) error {
	return fault.New(fault.NeedsInput, what+" is required, but input is not available",
		append(hints, "or run o365aws login in a terminal")...)
}

// Notice writes one line to stderr.
func (t *Terminal) Notice(text string) {
	_, _ = fmt.Fprintln(t.Err, termtext.Printable(text, maxText))
}

// Phone reports whether the user may be asked to approve the sign-in on their phone,
// which needs no terminal.
func (t *Terminal) Phone() bool { return !t.NoInput }

// Window reports whether the user would see a browser window.
func (t *Terminal) Window() bool { return t.present() }

// maxAddress is the maximum width of an address, in columns. A truncated address would be
// useless.
const maxAddress = 8192

// Address shows an address to open, on the terminal or else on stderr.
func (t *Terminal) Address(text, address string) (seen bool) {
	defer t.Progress.Pause()()
	var to io.Writer = t.Err
	if t.Out != nil {
		to = t.Out
	}
	_, _ = fmt.Fprintf(to, "%s\n\n  %s\n\n", termtext.Printable(text, maxText), termtext.Printable(address, maxAddress))
	return to != io.Discard
}

// Username prompts for the e-mail address to sign in with.
func (t *Terminal) Username(ctx context.Context) (string, error) {
	if !t.present() {
		return "", noInput("a user name", "set azure_default_username in the profile, or AZURE_DEFAULT_USERNAME")
	}
	return t.ask(ctx, "E-mail address: ")
}

// Code prompts for a one-time code. again reports that the previous one was rejected.
func (t *Terminal) Code(ctx context.Context, description string, again bool) (secret.Text, error) {
	if !t.present() {
		return secret.Text{}, noInput("a one-time code (" + termtext.Printable(description, maxText) + ")")
	}
	if again {
		t.Notice("Microsoft rejected that code.")
	}
	t.Notice(unmarked(description))
	code, err := t.ask(ctx, "Code: ")
	return secret.New(strings.ReplaceAll(code, " ", "")), err
}

// Confirm asks a yes/no question. The default is no.
func (t *Terminal) Confirm(ctx context.Context, question string) (bool, error) {
	if !t.present() {
		return false, noInput("an answer")
	}
	answer, err := t.ask(ctx, termtext.Printable(question, maxText)+" [y/N] ")
	answer = strings.ToLower(answer)
	return answer == "y" || answer == "yes", err
}

// ask prompts for one line with echo.
func (t *Terminal) ask(ctx context.Context, label string) (string, error) {
	defer t.Progress.Pause()()
	defer onContinue(func() { _, _ = io.WriteString(t.Out, label) })()
	if _, err := io.WriteString(t.Out, label); err != nil {
		return "", err
	}
	var answer string
	var err error
	if t.lines.Buffered() == 0 { // no line was typed ahead
		err = t.awaitInput(ctx)
	}
	if err == nil {
		answer, err = blocking.Call(ctx, func() (string, error) {
			line, err := t.lines.ReadString('\n')
			return strings.TrimSpace(line), ended(err)
		})
	}
	if err != nil {
		_, _ = io.WriteString(t.Out, "\n")
	}
	return answer, err
}

// ended returns the error for a prompt at the end of input.
func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return fault.New(fault.NeedsInput, "the terminal was closed before the prompt was answered")
	}
	return err
}

// HasPassword reports whether a password was given without a prompt.
func (t *Terminal) HasPassword() bool {
	if t.Options.Password == nil {
		return false
	}
	_, ok := t.Options.Password()
	return ok
}

// Password returns the password that was given without a prompt. It prompts if there is
// none or if that one was rejected.
func (t *Terminal) Password(ctx context.Context, user string, again bool) (secret.Text, error) {
	if !again && t.Options.Password != nil {
		if password, ok := t.Options.Password(); ok {
			return password, nil
		}
	}
	if !t.present() {
		return secret.Text{}, noInput(
			"the password of "+termtext.Printable(user, maxText), "set O365AWS_PASSWORD, or use --password-stdin",
		)
	}
	if again {
		t.Notice("Microsoft rejected that password.")
	}
	return t.hidden(ctx, fmt.Sprintf("Password for %s: ", termtext.Printable(user, maxText)))
}

// Pass prompts for a Temporary Access Pass without echo.
func (t *Terminal) Pass(ctx context.Context, again bool) (secret.Text, error) {
	if !t.present() {
		return secret.Text{}, noInput("a Temporary Access Pass")
	}
	if again {
		t.Notice("Microsoft rejected that Temporary Access Pass.")
	}
	return t.hidden(ctx, "Temporary Access Pass: ")
}

// hidden prompts for a line without echo. It disables echo before the prompt appears,
// which hides type-ahead, and again after a stop (Ctrl-Z). It always restores the
// terminal, even if ctx ends.
func (t *Terminal) hidden(ctx context.Context, label string) (secret.Text, error) {
	defer t.Progress.Pause()()
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
		_ = hide(fd) // the shell has reset the terminal
		_, _ = io.WriteString(t.Out, label)
	})()
	if _, err := io.WriteString(t.Out, label); err != nil {
		return secret.Text{}, err
	}
	if err := t.awaitInput(ctx); err != nil {
		return secret.Text{}, err
	}
	return blocking.Call(ctx, func() (secret.Text, error) {
		password, err := term.ReadPassword(fd)
		return secret.New(string(password)), ended(err)
	})
}
