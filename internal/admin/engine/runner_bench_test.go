package engine

import (
	"context"
	"fmt"
	"testing"
)

// BenchmarkAdminRunner is the engine alone: 600 steps that have nothing to do.
func BenchmarkAdminRunner(b *testing.B) {
	var steps []Step
	for i := range 100 {
		account := fmt.Sprintf("%012d", i)
		for _, id := range []ID{
			AccountStep(account), ProviderStep(account), RoleStep(account, "a"), RoleStep(account, "b"),
			RoleStep(account, "c"), RoleStep(account, "d"),
		} {
			s := Step{ID: id, Check: func(context.Context, *World) (Finding, error) { return IsDone(), nil }}
			if id != AccountStep(account) {
				s.After = []ID{AccountStep(account)}
			}
			steps = append(steps, s)
		}
	}
	for b.Loop() {
		ordered, err := order(steps)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := (&Runner{Steps: ordered, World: &World{}}).Plan(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
