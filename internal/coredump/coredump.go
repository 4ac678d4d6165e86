// Package coredump keeps the memory of this process and of the browsers that it
// starts, which holds passwords and assertions, out of core dumps.
package coredump

import (
	"os/exec"
	"sync"
)

// mu guards the limit of this process while a command is started.
var mu sync.Mutex

// Disable turns core dumps off for this process and for what it starts, except by
// Start. On Windows Go's runtime has done so: it turns error reporting off.
func Disable() {
	mu.Lock()
	defer mu.Unlock()
	disable()
}

// Restore sets the limit that the user set, for the program that replaces this one.
func Restore() {
	mu.Lock()
	defer mu.Unlock()
	restore()
}

// Start starts a command of the user, with the limit that the user set.
func Start(cmd *exec.Cmd) error {
	mu.Lock()
	defer mu.Unlock()
	defer restore()()
	return cmd.Start()
}
