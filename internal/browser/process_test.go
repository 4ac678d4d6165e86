package browser

import (
	"os/exec"
	"syscall"
	"testing"
)

// The settings of the browser library stay in the command: on Windows the
// handles of the debugging pipe.
func TestOwnGroupKeepsWhatIsThere(t *testing.T) {
	attributes := &syscall.SysProcAttr{}
	cmd := &exec.Cmd{SysProcAttr: attributes}
	ownGroup(cmd)
	if cmd.SysProcAttr != attributes {
		t.Error("the attributes were replaced")
	}
	ownGroup(&exec.Cmd{})
}
