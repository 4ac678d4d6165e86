// Command o365aws signs in to Office 365 (Microsoft Entra) and writes
// temporary credentials for AWS.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/o365aws/o365aws/internal/cli"
	_ "github.com/o365aws/o365aws/internal/fastpath/early" // answers cached calls before main
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/securefile"
)

func main() { os.Exit(run()) }

// run returns the exit code. Its deferred calls run before os.Exit.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), shutdownSignals()...)
	defer stop()
	context.AfterFunc(ctx, exitFromRead)
	return cli.Main(ctx, cli.System(), os.Args)
}

// exitFromRead ends the program after a signal if a read hangs, for example on a network
// drive. It checks repeatedly, because a program that shuts down may still read files.
func exitFromRead() {
	time.Sleep(300 * time.Millisecond)
	for range 10 {
		time.Sleep(20 * time.Millisecond)
		if !securefile.Reading() {
			return
		}
	}
	_, _ = os.Stderr.WriteString("o365aws: error: interrupted\n")
	os.Exit(int(fault.Interrupted))
}

// shutdownSignals returns the signals that trigger a clean exit. A signal that is
// initially ignored, as with nohup, remains ignored.
func shutdownSignals() []os.Signal {
	signals := []os.Signal{syscall.SIGTERM}
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signals = append(signals, s)
		}
	}
	return signals
}
