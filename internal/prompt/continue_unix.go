//go:build unix

package prompt

import (
	"os"
	"os/signal"
	"syscall"
)

// onContinue calls redraw whenever the process continues after a stop (Ctrl-Z), until end
// is called.
func onContinue(redraw func()) (end func()) {
	signals, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, syscall.SIGCONT)
	go func() {
		defer close(done)
		for range signals {
			redraw()
		}
	}()
	return func() {
		signal.Stop(signals)
		close(signals)
		<-done
	}
}
