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

// run returns the exit code. Its deferred calls run before os.Exit.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), shutdownSignals()...)
	defer stop()
	return cli.Main(ctx, cli.System(), os.Args)
}

// shutdownSignals returns the signals that trigger a clean exit. A signal that is
// ignored at the start, as with nohup, stays ignored.
func shutdownSignals() []os.Signal {
	signals := []os.Signal{syscall.SIGTERM}
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signals = append(signals, s)
		}
	}
	return signals
}
