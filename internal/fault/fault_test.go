package fault

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// Exit codes are a stable interface for scripts and never change.
func TestExitCodesAreStable(t *testing.T) {
	want := map[string]int{
		"internal": 1, "config": 2, "needs_input": 3, "auth": 4, "role": 5,
		"browser": 6, "page": 7, "network": 8, "unsatisfied": 9, "interrupted": 130,
	}
	if len(Table) != len(want) {
		t.Fatalf("table has %d rows, want %d", len(Table), len(want))
	}
	for _, row := range Table {
		if want[row.Name] != int(row.Kind) || row.Kind.String() != row.Name || row.Meaning == "" {
			t.Errorf("row %+v: want exit code %d, a name and a meaning", row, want[row.Name])
		}
	}
}

// KindOf finds wrapped faults; the outermost one takes precedence.
func TestKindOf(t *testing.T) {
	inner := New(Network, "no route")
	outer := Wrap(Auth, inner, "sign-in failed").Hint("try %s", "again")
	if got := KindOf(fmt.Errorf("login: %w", outer)); got != Auth {
		t.Errorf("kind = %v, want auth", got)
	}
	if !errors.Is(outer, inner) || outer.Error() != "sign-in failed: no route" || outer.Hints[0] != "try again" {
		t.Errorf("chain or text lost: %v %v", outer, outer.Hints)
	}
	for _, e := range []*Error{New(Role, "m", "h"), Newf(Role, "%s", "m").Hint("h"), Wrap(Role, nil, "m", "h")} {
		if KindOf(e) != Role || e.Error() != "m" || !slices.Equal(e.Hints, []string{"h"}) {
			t.Errorf("%+v", e)
		}
	}
	if got := KindOf(errors.New("plain")); got != Internal {
		t.Errorf("kind of a plain error = %v, want internal", got)
	}
}

// Hint does not modify its receiver, so package-level faults stay constant.
func TestHintReturnsACopy(t *testing.T) {
	base := New(Role, "m", "one")
	base.Hints = append(make([]string, 0, 8), base.Hints...) // spare capacity, so that an append would modify it
	first, second := base.Hint("two"), base.Hint("three")
	if got, want := base.Hints, []string{"one"}; !slices.Equal(got, want) {
		t.Errorf("receiver: got %q, want %q", got, want)
	}
	if got, want := first.Hints, []string{"one", "two"}; !slices.Equal(got, want) {
		t.Errorf("first copy: got %q, want %q", got, want)
	}
	if got, want := second.Hints, []string{"one", "three"}; !slices.Equal(got, want) {
		t.Errorf("second copy: got %q, want %q", got, want)
	}
}

// AddHint preserves the text of the errors around a fault, and the cause.
func TestAddHint(t *testing.T) {
	cause := errors.New("no route")
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"fault":           {New(Role, "refused", "one"), "refused"},
		"with a cause":    {Wrap(Role, cause, "refused", "one"), "refused: no route"},
		"inside an error": {fmt.Errorf("work: %w", Wrap(Role, cause, "refused", "one")), "work: refused: no route"},
	} {
		t.Run(name, func(t *testing.T) {
			err := AddHint(c.err, "two")
			var f *Error
			if !errors.As(err, &f) || err.Error() != c.want || f.Kind != Role || errors.Is(err, cause) != errors.Is(c.err, cause) {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			if want := []string{"one", "two"}; !slices.Equal(f.Hints, want) {
				t.Errorf("got hints %q, want %q", f.Hints, want)
			}
		})
	}
	if plain := errors.New("plain"); AddHint(plain, "two") != plain {
		t.Error("an error without a fault was changed")
	}
}
