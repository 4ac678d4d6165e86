package subprocess

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"slices"

	"github.com/o365aws/o365aws/internal/coredump"
)

// Run runs the command and waits for it. It forwards the signals that this process
// receives, except those that the terminal sends to both. The error is a Status, also for
// 0, or a *NotStarted.
func Run(c Command) error {
	path, err := find(c)
	if err != nil {
		return err
	}
	cmd := exec.Command(path, c.Args[1:]...) // running the user's command is the purpose
	cmd.Args[0] = c.Args[0]
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Env, c.Stdin, c.Stdout, c.Stderr
	signals := make(chan os.Signal, 16)
	// Under nohup, a hang-up must not terminate the command.
	signal.Notify(signals, slices.DeleteFunc(slices.Clone(passedOn), signal.Ignored)...)
	defer signal.Stop(signals)
	if err := coredump.Start(cmd); err != nil {
		return notStarted(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			if !fromTerminal(s) {
				_ = cmd.Process.Signal(s) // it may have exited
			}
		case err := <-ended:
			return endOf(cmd, err)
		}
	}
}

func endOf(cmd *exec.Cmd, err error) error {
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	if s, ok := signalOf(cmd.ProcessState); ok {
		return Status(signaled + s)
	}
	return Status(cmd.ProcessState.ExitCode())
}
