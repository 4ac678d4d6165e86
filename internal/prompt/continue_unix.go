//go:build unix

package prompt

import (
	"os"
	"os/signal"
	"syscall"
)

// onContinue calls ask whenever the process goes on after it was stopped: what
// it had on the terminal is somewhere above. The function returned ends that.
func onContinue(ask func()) (end func()) {
	signals, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, syscall.SIGCONT)
	go func() {
		defer close(done)
		for range signals {
			ask()
		}
	}()
	return func() {
		signal.Stop(signals)
		close(signals)
		<-done
	}
}
