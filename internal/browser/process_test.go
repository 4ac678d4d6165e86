package browser

import (
	"os/exec"
	"syscall"
	"testing"
)

// What the browser library has put into a command stays there: on Windows the
// handles of the debugging pipe, without which no browser can be driven.
func TestOwnGroupKeepsWhatIsThere(t *testing.T) {
	attributes := &syscall.SysProcAttr{}
	cmd := &exec.Cmd{SysProcAttr: attributes}
	ownGroup(cmd)
	if cmd.SysProcAttr != attributes {
		t.Error("the attributes were replaced")
	}
	ownGroup(&exec.Cmd{})
}
