// Package coredump prevents core dumps of this process and of the browsers that it
// starts, because their memory contains passwords and assertions.
package coredump

import (
	"os/exec"
	"sync"
)

// mu protects the limit of this process while a command is being started.
var mu sync.Mutex

// Disable disables core dumps for this process and its children, except those started by
// Start. On Windows the Go runtime has already disabled error reporting.
func Disable() {
	mu.Lock()
	defer mu.Unlock()
	disable()
}

// Restore restores the user's limit, for the program that replaces this one.
func Restore() {
	mu.Lock()
	defer mu.Unlock()
	restore()
}

// Start starts a command of the user with the user's limit.
func Start(cmd *exec.Cmd) error {
	mu.Lock()
	defer mu.Unlock()
	defer restore()()
	return cmd.Start()
}
