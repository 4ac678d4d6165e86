package identity

import (
	"cmp"
	"context"
	"strings"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/secret"
)

// The user answers the first prompt while the browser starts, if the last sign-in of the
// identity started with the same prompt. There is no prompt for a one-time code, because
// the code could expire.
const (
	askedUsername = "username"
	askedPassword = "password"
	askedOther    = "other"
)

// ahead is a prompt that is shown before its page has loaded.
type ahead struct {
	question string
	cancel   context.CancelFunc
	done     chan struct{}
	password secret.Text
	username string
	err      error
}

// AskAhead shows the first prompt of the last sign-in again. Close cancels it.
func (p *Passwords) AskAhead(ctx context.Context) {
	profile := p.id.Profile
	question := awsconfig.LoadState(p.id.Paths).Asked(p.id.Key())
	switch {
	case profile.PasswordCommand != "", profile.TOTPCommand != "", profile.Remember == "password":
		return // a command or the secret store may answer, or show its own prompt
	case question == askedUsername && profile.Username == "":
	case question == askedPassword && profile.Username != "" && !p.HasPassword():
	default:
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	a := &ahead{question: question, cancel: cancel, done: make(chan struct{})}
	p.ahead = a
	go func() {
		defer close(a.done)
		if question == askedPassword {
			a.password, a.err = p.Prompter.Password(ctx, profile.Username, false)
			return
		}
		a.username, a.err = p.Prompter.Username(ctx)
	}()
}

// Close cancels a prompt whose page has not appeared.
func (p *Passwords) Close() {
	if p.ahead != nil {
		p.ahead.cancel()
		<-p.ahead.done
		p.ahead = nil
	}
}

// saveFirst stores the first question for the next sign-in.
func (p *Passwords) saveFirst() {
	state, key := awsconfig.LoadState(p.id.Paths), p.id.Key()
	if p.first == "" || p.first == state.Asked(key) {
		return
	}
	if err := state.RememberAsked(key, p.first); err != nil {
		p.id.Log.Debug("first prompt not saved", "error", err)
	}
}

// wait waits for the prompt that was shown ahead, because there is only one prompt at a
// time. It returns the answer if that prompt was for question, or else nil.
func (p *Passwords) wait(question string) *ahead {
	p.first = cmp.Or(p.first, question)
	a := p.ahead
	if a == nil {
		return nil
	}
	<-a.done
	if a.question != question {
		return nil
	}
	p.ahead = nil
	return a
}

// ask prompts for the password, unless it was asked ahead.
func (p *Passwords) ask(ctx context.Context, user string, again bool) (secret.Text, error) {
	question := askedPassword
	if again || !strings.EqualFold(user, p.id.Profile.Username) {
		question = askedOther
	}
	if a := p.wait(question); a != nil {
		return a.password, a.err
	}
	return p.Prompter.Password(ctx, user, again)
}

// Username implements entra.Prompter.
func (p *Passwords) Username(ctx context.Context) (string, error) {
	if a := p.wait(askedUsername); a != nil {
		return a.username, a.err
	}
	return p.Prompter.Username(ctx)
}

// Code implements entra.Prompter.
func (p *Passwords) Code(ctx context.Context, description string, again bool) (secret.Text, error) {
	p.wait(askedOther)
	return p.Prompter.Code(ctx, description, again)
}

// Pass implements entra.Prompter.
func (p *Passwords) Pass(ctx context.Context, again bool) (secret.Text, error) {
	p.wait(askedOther)
	return p.Prompter.Pass(ctx, again)
}

// Choose implements entra.Prompter.
func (p *Passwords) Choose(ctx context.Context, title string, choices []entra.Choice) (int, error) {
	p.wait(askedOther)
	return p.Prompter.Choose(ctx, title, choices)
}

// Confirm implements entra.Prompter.
func (p *Passwords) Confirm(ctx context.Context, question string) (bool, error) {
	p.wait(askedOther)
	return p.Prompter.Confirm(ctx, question)
}

// Number implements entra.Prompter.
func (p *Passwords) Number(number string) {
	p.wait(askedOther)
	p.Prompter.Number(number)
}

// Notice implements entra.Prompter.
func (p *Passwords) Notice(text string) {
	p.wait("")
	p.Prompter.Notice(text)
}

// Key implements entra.Prompter.
func (p *Passwords) Key(ctx context.Context, key byte) (<-chan struct{}, func()) {
	p.wait("")
	return p.Prompter.Key(ctx, key)
}
