// Package coredump prevents core dumps of this process and of the browsers that it
// starts, because their memory contains passwords and assertions.
package coredump

import (
	"os/exec"
	"sync"
)

// mu guards the limit of this process while a command is started.
var mu sync.Mutex

// Disable turns core dumps off for this process and for its children, except those
// of Start. On Windows the Go runtime has already turned error reporting off.
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
