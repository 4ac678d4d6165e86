package browser

import (
	"os/exec"
	"syscall"
	"testing"
)

// ownGroup does not replace attributes that the browser library has set, such as the
// handles of the debugging pipe on Windows.
func TestOwnGroupPreservesAttributes(t *testing.T) {
	attributes := &syscall.SysProcAttr{}
	cmd := &exec.Cmd{SysProcAttr: attributes}
	ownGroup(cmd)
	if cmd.SysProcAttr != attributes {
		t.Error("the attributes were replaced")
	}
	ownGroup(&exec.Cmd{})
}
