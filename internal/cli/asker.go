package cli

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/prompt"
	"github.com/o365aws/o365aws/internal/secret"
)

// asker holds the terminal for prompts, and the password if it was given without a
// prompt.
type asker struct {
	terminal *prompt.Terminal
	password secret.Text
}

func (s *invocation) asker() asker { return s.askerWith(secret.New(s.Getenv("O365AWS_PASSWORD"))) }

// askerWith returns an asker with a password that was given without a prompt.
func (s *invocation) askerWith(password secret.Text) asker {
	o := prompt.Options{
		NoInput: s.noInput, Err: s.messages(), Progress: s.progress, Dumb: s.Getenv("TERM") == "dumb",
		Accounts: s.accountNames,
		Password: func() (secret.Text, bool) { return password, !password.IsZero() },
	}
	if !s.noInput {
		in, out, closeTerminal := s.Terminal()
		o.In, o.Out = in, out
		if closeTerminal != nil {
			s.closers = append(s.closers, closeTerminal)
		}
	}
	o.Color = s.color == "always" || s.color != "never" && o.Out != nil && s.Getenv("NO_COLOR") == "" && !o.Dumb
	return asker{terminal: prompt.New(o), password: password}
}

// atTerminal reports whether there is a terminal to prompt on.
func (s *invocation) atTerminal() bool {
	in, out, closeTerminal := s.Terminal()
	if closeTerminal != nil {
		closeTerminal()
	}
	return in != nil && out != nil
}

// accountNames returns the known account names. It is called only when a prompt needs
// them.
func (s *invocation) accountNames() map[string]string {
	paths, err := s.paths()
	if err != nil {
		return nil
	}
	return awsconfig.AccountNames(paths)
}

// maxPassword is the maximum length of a password, in bytes.
const maxPassword = 4096

// readPassword reads one line without its line ending. It preserves spaces, which may be
// part of the password.
func readPassword(from io.Reader) (secret.Text, error) {
	line, err := bufio.NewReader(io.LimitReader(from, maxPassword)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return secret.Text{}, fault.Wrap(fault.Config, err, "cannot read the password from standard input")
	}
	line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	if line == "" {
		return secret.Text{}, fault.New(
			fault.Config, "--password-stdin: standard input is empty", "pipe the password to it, on one line",
		)
	}
	return secret.New(line), nil
}
