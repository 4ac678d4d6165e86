package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/o365aws/o365aws/internal/fakecloud"
)

// fanOut runs a command with each of fifty roles of one sign-in, compared with one role
// and, because starting fifty commands takes time of its own, fifty commands.
var fanOut = measurement{
	name: "fan-out", aim: 2,
	emulator: fakecloud.Options{Scenario: "fifty-roles", Latency: 100 * time.Millisecond},
	ours:     way{"exec --each of fifty roles", each("*")},
	floor: way{"exec --each of one role, and fifty commands", func(ctx context.Context, b *bench) (sample, error) {
		one, err := each("100000000000/azure.admin")(ctx, b)
		if err != nil {
			return sample{}, err
		}
		commands, err := atOnce(hello)(ctx, b)
		return sample{took: one.took + commands.took}, err
	}},
}

// each signs in without cached credentials and runs hello with the roles that match
// pattern.
func each(pattern string) func(context.Context, *bench) (sample, error) {
	return func(ctx context.Context, b *bench) (sample, error) {
		if err := os.RemoveAll(filepath.Join(b.home, "o365aws")); err != nil {
			return sample{}, err
		}
		return b.command(ctx, b.program, "exec", "--role", pattern, "--each", "--parallel", "50", "--", b.hello)
	}
}
