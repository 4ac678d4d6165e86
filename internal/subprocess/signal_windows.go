package subprocess

import "os"

// passedOn lists signals that must not terminate this process before the command. Windows
// sends Ctrl-C to every process of the console, so none is forwarded.
var passedOn = []os.Signal{os.Interrupt}

func fromTerminal(os.Signal) bool { return true }

func signalOf(*os.ProcessState) (int, bool) { return 0, false }

// Become runs the command and waits, because Windows cannot replace a process.
func Become(c Command) error { return Run(c) }
