package login

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/browser"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/loopback"
	"github.com/o365aws/o365aws/internal/openurl"
	"github.com/o365aws/o365aws/internal/progress"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

// inSystemBrowser signs in with the user's default browser, where passkeys, Windows Hello
// and device policies work. This program sees only the assertion.
func (e Env) inSystemBrowser(
	ctx context.Context, reply, address, requestID string, read func(secret.Text) (saml.Response, error),
) (saml.Response, error) {
	if !e.Prompter.Window() {
		return saml.Response{}, noWindow("a sign-in in your own browser")
	}
	listener, err := loopback.Listen(reply) // before the browser opens
	if err != nil {
		return saml.Response{}, err
	}
	defer listener.Close()
	lead, err := listener.Lead(address, e.Random)
	if err != nil {
		return saml.Response{}, err
	}
	failed, err := openurl.Launch(openurl.Openers(lead, e.Getenv), browser.Scrub(e.Environ), e.Log)
	seen := false
	if err != nil {
		e.Log.Debug("no browser opened", "error", err)
		if !e.Prompter.Address("Cannot open a browser. Open this address in a browser on this machine:", address) {
			return saml.Response{}, noBrowser(err)
		}
		e.Prompter.Notice(
			fmt.Sprintf(
				"Over SSH, connect with ssh -L %d:localhost:%[1]d so that your own browser reaches this machine.",
				listener.Port(),
			),
		)
	} else {
		seen = e.Prompter.Address("Sign in with your browser. If no window opened, go to this address:", address)
	}
	if e.firstTime("reply-url") {
		e.Prompter.Notice(
			fmt.Sprintf(
				"If Microsoft says AADSTS50011, ask an admin to add the Reply URL %s to the AWS application.",
				reply,
			),
		)
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	go e.watchOpener(ctx, failed, listener, seen, end)
	done := progress.Step(ctx, "Waiting for the sign-in in your browser"+progress.Keys+"Ctrl-C: stop")
	response, err := listener.Await(ctx, requestID, read)
	done()
	var f *fault.Error
	if err != nil && errors.As(context.Cause(ctx), &f) {
		err = f
	}
	return response, err
}

// watchOpener reports a failed browser command if the user can see the address. Otherwise
// it ends the sign-in.
func (e Env) watchOpener(
	ctx context.Context, failed <-chan error, listener *loopback.Listener, seen bool, end context.CancelCauseFunc,
) {
	var failure error
	select {
	case failure = <-failed:
	case <-ctx.Done():
		return
	}
	if seen {
		e.Prompter.Notice(
			fmt.Sprintf("The browser command failed (%v). If no window opened, go to the address above.", failure),
		)
		return
	}
	select {
	case <-time.After(openurl.AfterFailure):
	case <-ctx.Done():
		return
	}
	if !listener.Led() {
		end(noBrowser(failure))
	}
}

func noBrowser(err error) error {
	return fault.Wrap(
		fault.Browser, err, "cannot open a browser for the sign-in", "set BROWSER to the command that opens addresses",
		"o365aws login --browser system prints the address so that you can open it yourself",
	)
}

func noWindow(what string) error {
	return fault.New(
		fault.NeedsInput, what+" requires a user at a terminal",
		"run o365aws login in a terminal, without --no-input and without CI in the environment",
		"or use --browser headless",
	)
}

// audienceHint adds a hint if STS refuses an assertion from the user's own browser: the
// trust policy of the role must accept the reply URL.
func audienceHint(p awsconfig.Profile, err error) error {
	if p.Browser == "system" && fault.KindOf(err) == fault.Role {
		return fault.AddHint(err, "for a sign-in in your own browser, the role's trust policy must accept %s as SAML:aud", p.ReplyURL)
	}
	return err
}
