package subprocess

import "os"

// passedOn is what must not end this process before the command. Windows sends
// Ctrl-C to every process of the console, so nothing is passed on.
var passedOn = []os.Signal{os.Interrupt}

func fromTerminal(os.Signal) bool { return true }

func signalOf(*os.ProcessState) (int, bool) { return 0, false }

// Become runs the command and waits: Windows cannot replace a process.
func Become(c Command) error { return Run(c) }
