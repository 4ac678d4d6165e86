package subprocess

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/coredump"
	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/termtext"
)

// Private lists the variables that are not passed to any other program.
var Private = []string{"O365AWS_PASSWORD", "O365AWS_TOTP_SECRET", "O365AWS_STORE_PASSPHRASE"}

// maxLine is the maximum length of a command's output, in bytes.
const maxLine = 4096

// Output runs a command line without a shell and returns the line that it prints. The
// error quotes the last line of its standard error, but nothing from its standard output.
func Output(ctx context.Context, command string, environ []string) (secret.Text, error) {
	args, err := Split(command)
	if err != nil {
		return secret.Text{}, err
	}
	path, err := find(Command{Args: args})
	if err != nil {
		return secret.Text{}, err
	}
	cmd := exec.CommandContext(ctx, path, args[1:]...) // running the user's command is the purpose
	cmd.Env = Environ(environ, nil, Private)
	cmd.WaitDelay = time.Second
	out, messages := limited{limit: 2 * maxLine}, limited{limit: 64 << 10}
	cmd.Stdout, cmd.Stderr = &out, &messages
	if err := coredump.Start(cmd); err != nil {
		return secret.Text{}, notStarted(err)
	}
	if err := cmd.Wait(); err != nil {
		lines := strings.Split(strings.TrimSpace(messages.String()), "\n")
		if last := lines[len(lines)-1]; last != "" {
			err = fmt.Errorf("%w: %s", err, termtext.Printable(last, 200))
		}
		return secret.Text{}, fmt.Errorf("%s: %w", args[0], errors.Join(err, ctx.Err()))
	}
	line := strings.TrimSuffix(strings.TrimSuffix(out.String(), "\n"), "\r")
	switch {
	case line == "":
		return secret.Text{}, fmt.Errorf("%s printed nothing", args[0])
	case len(line) > maxLine || strings.ContainsAny(line, "\n\r\x00"):
		return secret.Text{}, fmt.Errorf("%s printed more than one line", args[0])
	}
	return secret.New(line), nil
}

// limited is a buffer that discards data beyond its limit.
type limited struct {
	bytes.Buffer
	limit int
}

// Write implements io.Writer.
func (l *limited) Write(data []byte) (int, error) {
	_, _ = l.Buffer.Write(data[:min(len(data), l.limit-l.Len())]) // never fails
	return len(data), nil
}

// Split splits a command line into arguments at spaces. Single and double quotes protect
// spaces; every other character is literal, including a backslash.
func Split(command string) ([]string, error) {
	var args []string
	var word strings.Builder
	var quote rune
	inWord := false
	for _, r := range command {
		switch {
		case r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, inWord = r, true
		case r != ' ' && r != '\t':
			word.WriteRune(r)
			inWord = true
		case inWord:
			args, inWord = append(args, word.String()), false
			word.Reset()
		}
	}
	if inWord {
		args = append(args, word.String())
	}
	switch {
	case quote != 0:
		return nil, fmt.Errorf("the command has no closing %c", quote)
	case len(args) == 0:
		return nil, errors.New("the command is empty")
	}
	return args, nil
}
