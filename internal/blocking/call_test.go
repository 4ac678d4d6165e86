package blocking

import (
	"context"
	"errors"
	"testing"
)

func TestCallReturnsTheResult(t *testing.T) {
	want := errors.New("result of the call")
	got, err := Call(t.Context(), func() (int, error) { return 7, want })
	if got != 7 || !errors.Is(err, want) {
		t.Errorf("got %d, %v, want 7, %v", got, err, want)
	}
}

func TestCallEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	blocked := make(chan struct{})
	defer close(blocked)
	cancel()
	got, err := Call(ctx, func() (int, error) { <-blocked; return 7, nil })
	if got != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("got %d, %v, want 0, %v", got, err, context.Canceled)
	}
}
