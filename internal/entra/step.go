package entra

import (
	"context"
	"strings"

	"github.com/o365aws/o365aws/internal/progress"
)

const (
	stopKey         = "Ctrl-C: stop"
	waitForApproval = "Waiting for your approval" + progress.Keys + stopKey
)

// waits names what the user waits for in states that take time.
var waits = map[string]string{
	"password":      "Checking the password",
	"phone-sign-in": waitForApproval,
	"mfa-push":      waitForApproval,
	"mfa-call":      "Waiting for the phone call" + progress.Keys + stopKey,
}

// steps reports the step of the sign-in that the user waits for.
type steps struct {
	text string
	done func()
}

// show replaces the step if the page is in another state.
func (p *steps) show(ctx context.Context, s *signIn) {
	text, ok := waits[s.visits.current.State]
	switch {
	case s.Watch:
		text = "Waiting for the sign-in in the browser window" + progress.Keys + stopKey
	case !ok:
		text = "Signing in to Microsoft"
	case s.key.pressed != nil:
		text = strings.Replace(text, stopKey, "m: another method"+progress.Keys+stopKey, 1)
	}
	if text != p.text {
		p.end()
		p.text, p.done = text, progress.Step(ctx, text)
	}
}

func (p *steps) end() {
	if p.done != nil {
		p.done()
	}
}
