// Package progress reports the step that a command is waiting for to the terminal. The
// reporter is passed in the context.
package progress

import "context"

// Reporter shows steps.
type Reporter interface {
	// Step shows text until done is called. Steps nest: the innermost one is shown.
	Step(text string) (done func())
}

// Keys separates the text of a step from its keyboard shortcuts, and those from each other.
const Keys = " · "

type key struct{}

// With returns a context whose steps are reported to r; a nil r shows none.
func With(ctx context.Context, r Reporter) context.Context {
	return context.WithValue(ctx, key{}, r)
}

// Step reports that the caller is waiting until done is called. text is a sentence
// without a full stop, such as "Starting the browser".
func Step(ctx context.Context, text string) (done func()) {
	if r, ok := ctx.Value(key{}).(Reporter); ok {
		return r.Step(text)
	}
	return func() {}
}
