// Command o365aws signs in to Office 365 (Microsoft Entra) and writes
// temporary credentials for AWS.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/o365aws/o365aws/internal/cli"
	_ "github.com/o365aws/o365aws/internal/fastpath/early" // answers cached calls before main
)

func main() { os.Exit(run()) }

// run is apart from main so that deferred calls run before the exit.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), ending()...)
	defer stop()
	return cli.Main(ctx, cli.System(), os.Args)
}

// ending are the signals that end the program in good order. One that is
// ignored from the start, as nohup has it, stays ignored.
func ending() []os.Signal {
	signals := []os.Signal{syscall.SIGTERM}
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signals = append(signals, s)
		}
	}
	return signals
}
