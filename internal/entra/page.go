package entra

import (
	"context"

	"github.com/o365aws/o365aws/internal/secret"
)

// Page is a sign-in page. Package browser implements it with a browser, HTTPPage without
// one, and tests with a script.
type Page interface {
	// Prepare applies the preference to every MFA page, starting with the next document.
	Prepare(ctx context.Context, preference Preference) error
	// Navigate starts loading url and does not wait for it.
	Navigate(ctx context.Context, url string) error
	// Snapshot returns the state of the page. While a document is being replaced, it
	// returns a Snapshot with Ready false rather than an error.
	Snapshot(ctx context.Context) (Snapshot, error)
	// Fill replaces the content of the input that selector matches with text. It checks
	// the page immediately before typing, and types nothing unless the top frame uses
	// https without a certificate error and its host is exactly one of hosts; otherwise
	// it returns a *WrongHostError. It reports false if the input was missing or
	// replaced.
	Fill(ctx context.Context, selector string, text secret.Text, hosts []string) (bool, error)
	// Click clicks the nth visible element, from 0, that selector matches. It reports
	// false, without a click, if the element was missing, covered or disabled.
	Click(ctx context.Context, selector string, nth int) (bool, error)
	// Changed returns a channel that receives a value soon after the page may have
	// changed (DOM mutation, navigation, network response).
	Changed() <-chan struct{}
	// Captured receives the only SAMLResponse (base64 form value) that the page tried to
	// post to an AWS sign-in endpoint. The request was blocked.
	Captured() <-chan secret.Text
	// Gone is closed when the browser crashed or the tab was closed.
	Gone() <-chan struct{}
}

// WrongHostError reports that a secret would have been typed on a page that must not
// receive it.
type WrongHostError struct{ Host, Why string }

func (e *WrongHostError) Error() string { return "page of " + e.Host + " may not receive it: " + e.Why }
