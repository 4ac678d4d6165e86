package entra

import (
	"context"

	"github.com/o365aws/o365aws/internal/secret"
)

// Page is a sign-in page as the driver sees it. Package browser implements it with a
// browser, HTTPPage without one, and tests with a script.
type Page interface {
	// Prepare makes every page of multifactor authentication begin as preferred,
	// from the next document on.
	Prepare(ctx context.Context, preference Preference) error
	// Navigate starts loading url and returns without waiting for the load.
	Navigate(ctx context.Context, url string) error
	// Snapshot looks at the page once. While a document is being replaced it
	// returns a Snapshot with Ready false rather than an error.
	Snapshot(ctx context.Context) (Snapshot, error)
	// Fill replaces the content of the input that selector names by text. It
	// looks at the page again immediately before typing, and types nothing
	// unless the top frame is https, without certificate error, and its host
	// is in hosts (exact match); otherwise it returns a *WrongHostError. It
	// reports false when the input was missing or replaced meanwhile.
	Fill(ctx context.Context, selector string, text secret.Text, hosts []string) (bool, error)
	// Click clicks the nth visible element (from 0) that selector names. It
	// reports false when the element was missing, covered or disabled: nothing
	// was clicked.
	Click(ctx context.Context, selector string, nth int) (bool, error)
	// Changed returns a channel that gets a value soon after the page may
	// have changed (DOM mutation, navigation, network answer).
	Changed() <-chan struct{}
	// Captured gets the one SAMLResponse (base64 form value) that the page
	// tried to post to an AWS sign-in endpoint. The post never left.
	Captured() <-chan secret.Text
	// Gone is closed when the browser died or the tab was closed.
	Gone() <-chan struct{}
}

// WrongHostError reports that a secret would have been typed into a page that is
// not allowed to have it.
type WrongHostError struct{ Host, Why string }

func (e *WrongHostError) Error() string { return "page of " + e.Host + " may not receive it: " + e.Why }
