package prompt

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/termtext"
)

// Role prompts for one of roles, in the given order.
func (t *Terminal) Role(ctx context.Context, roles []saml.Role) (saml.Role, error) {
	labels, names := make([]string, len(roles)), make([]string, len(roles))
	account, width := t.accounts(roles), 0
	for _, r := range roles {
		width = max(width, len(r.Name()))
	}
	for i, r := range roles {
		labels[i] = fmt.Sprintf("%s  %-*s", account[r.Account()], width, termtext.Printable(r.Name(), maxText))
		for j, other := range roles {
			if i != j && other.ARN == r.ARN {
				labels[i] += "  by " + termtext.Printable(r.Provider, maxText)
				break
			}
		}
		names[i] = r.Account() + "/" + r.Name()
	}
	if !t.present() {
		return saml.Role{}, noInput("a role", "pass --role, or set azure_default_role_arn; yours are: "+shorten(names))
	}
	i, err := t.choose(ctx, "Role", labels)
	if err != nil {
		return saml.Role{}, err
	}
	return roles[i], nil
}

// maxAccount is the maximum width of an account name, in columns.
const maxAccount = 32

// accounts returns the labels of accounts: the number and, if known, the name, padded to
// equal width.
func (t *Terminal) accounts(roles []saml.Role) map[string]string {
	var known map[string]string
	if t.Accounts != nil {
		known = t.Accounts()
	}
	shown, width := map[string]string{}, 0
	for _, r := range roles {
		name := termtext.Printable(known[r.Account()], maxAccount)
		shown[r.Account()], width = name, max(width, len([]rune(name)))
	}
	for number, name := range shown {
		shown[number] = number
		if width > 0 {
			shown[number] += fmt.Sprintf("  %-*s", width, name)
		}
	}
	return shown
}

// Choose prompts for one of choices and returns its index.
func (t *Terminal) Choose(ctx context.Context, title string, choices []entra.Choice) (int, error) {
	labels, values := make([]string, len(choices)), make([]string, len(choices))
	for i, c := range choices {
		labels[i], values[i] = termtext.Printable(unmarked(c.Label), maxText), termtext.Printable(c.Value, maxText)
		if labels[i] == "" {
			labels[i] = values[i]
		}
	}
	if !t.present() {
		return 0, noInput("a choice", "set o365aws_mfa to one of: "+shorten(values))
	}
	return t.choose(ctx, title, labels)
}

// unmarked removes the direction marks that Microsoft's pages add around phone numbers.
func unmarked(text string) string {
	return strings.NewReplacer("\u200e", "", "\u200f", "").Replace(text)
}

// shownNames limits the length of a list in a hint.
const shownNames = 12

func shorten(names []string) string {
	text := strings.Join(names[:min(len(names), shownNames)], ", ")
	if more := len(names) - shownNames; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

func (t *Terminal) choose(ctx context.Context, title string, labels []string) (int, error) {
	defer t.Progress.Pause()()
	if t.Dumb {
		return t.chooseByNumber(ctx, title, labels)
	}
	return t.chooseByCursor(ctx, title, labels)
}

// badAnswers limits the attempts at one prompt.
const badAnswers = 3

// chooseByNumber prompts with a numbered list, for screen readers and terminals that
// cannot move the cursor.
func (t *Terminal) chooseByNumber(ctx context.Context, title string, labels []string) (int, error) {
	for i, label := range labels {
		if _, err := fmt.Fprintf(t.Out, "%3d) %s\n", i+1, strings.TrimRight(label, " ")); err != nil {
			return 0, err
		}
	}
	for range badAnswers {
		answer, err := t.ask(ctx, fmt.Sprintf("%s [1-%d]: ", title, len(labels)))
		if err != nil {
			return 0, err
		}
		if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(labels) {
			return n - 1, nil
		}
		var found []match
		if answer != "" {
			found = matchLabels(labels, answer)
		}
		if len(found) == 1 || len(found) > 1 && found[0].score == 0 && found[1].score > 0 {
			return found[0].label, nil
		}
		t.Notice(fmt.Sprintf("%q matches %d of them.", termtext.Printable(answer, maxText), len(found)))
	}
	return 0, fault.New(fault.Config, "no valid choice", "enter the number of a line")
}
