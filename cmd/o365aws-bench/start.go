package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Commands that AWS tools call very often must be fast: they are compared with a Go
// program that prints a constant.

// warmProcess returns cached credentials.
var warmProcess = measurement{
	name: "warm-process", aim: 2.5, rounds: 50, prepare: logIn,
	ours:  program("o365aws credential-process", "credential-process"),
	floor: way{"a program that prints a constant", hello},
}

// prompt is the command that a shell prompt runs for every line.
var prompt = measurement{
	name: "status-prompt", aim: 4, rounds: 50, prepare: logIn,
	ours:  program("o365aws status --prompt", "status", "--prompt"),
	floor: way{"a program that prints a constant", hello},
}

// version is the command with the least work.
var version = measurement{
	name: "version", aim: 4, rounds: 50,
	ours:  program("o365aws --version", "--version"),
	floor: way{"a program that prints a constant", hello},
}

// Completion calls of a shell: commands and flags are compiled in, profiles and roles are
// read from files.
var (
	completeWords = measurement{
		name: "complete-words", aim: 4, rounds: 50,
		ours:  program("o365aws __complete login --", "__complete", "login", "--"),
		floor: way{"a program that prints a constant", hello},
	}
	completeProfiles = measurement{
		name: "complete-profiles", aim: 4, rounds: 50,
		ours:  program("o365aws __complete exec --profile ''", "__complete", "--new", "exec", "--profile"),
		floor: way{"a program that prints a constant", hello},
	}
	completeRoles = measurement{
		name: "complete-roles", aim: 4, rounds: 50, prepare: logIn,
		ours:  program("o365aws __complete exec --role ''", "__complete", "--new", "exec", "--role"),
		floor: way{"a program that prints a constant", hello},
	}
)

// callers is the number of concurrent processes.
const callers = 50

// parallelProcess measures many programs that request credentials concurrently.
var parallelProcess = measurement{
	name: "parallel-process", aim: 2, rounds: 10, prepare: logIn,
	ours: way{
		fmt.Sprintf("%d at once of o365aws credential-process", callers),
		atOnce(program("", "credential-process").run),
	},
	floor: way{"as many programs that print a constant", atOnce(hello)},
}

// logIn signs in, which fills the cache.
func logIn(ctx context.Context, b *bench) error {
	_, err := b.command(ctx, b.program, "login")
	return err
}

// program returns a way that runs o365aws with a command line.
func program(what string, args ...string) way {
	return way{what, func(ctx context.Context, b *bench) (sample, error) { return b.command(ctx, b.program, args...) }}
}

func hello(ctx context.Context, b *bench) (sample, error) { return b.command(ctx, b.hello) }

// atOnce runs callers processes concurrently and measures the total time.
func atOnce(one func(context.Context, *bench) (sample, error)) func(context.Context, *bench) (sample, error) {
	return func(ctx context.Context, b *bench) (sample, error) {
		errs := make([]error, callers)
		began := time.Now()
		var group sync.WaitGroup
		for i := range callers {
			group.Go(func() { _, errs[i] = one(ctx, b) })
		}
		group.Wait()
		took := time.Since(began)
		for _, err := range errs {
			if err != nil {
				return sample{}, err
			}
		}
		return sample{took: took}, nil
	}
}
