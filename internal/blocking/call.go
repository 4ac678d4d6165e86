// Package blocking limits calls that do not accept a context.
package blocking

import "context"

// Call runs a call that may block indefinitely, and returns when ctx ends. The call
// itself cannot be stopped: it continues until it returns or the process exits.
func Call[T any](ctx context.Context, call func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := call()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var zero T
		return zero, ctx.Err()
	}
}
