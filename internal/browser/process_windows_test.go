package browser

import (
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
)

const inherited = "O365AWS_TEST_INHERITED_HANDLE"

// A process in a separate group inherits the handles that are passed to it.
func TestProcessGroupInheritsHandles(t *testing.T) {
	if value := os.Getenv(inherited); value != "" {
		handle, err := strconv.ParseUint(value, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.NewFile(uintptr(handle), "pipe").WriteString("here"); err != nil {
			t.Fatal(err)
		}
		return
	}
	ours, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	handle := syscall.Handle(theirs.Fd())
	cmd := exec.Command(os.Args[0], "-test.run=^TestProcessGroupInheritsHandles$")
	cmd.Env = append(os.Environ(), inherited+"="+strconv.FormatUint(uint64(handle), 10))
	cmd.SysProcAttr = &syscall.SysProcAttr{AdditionalInheritedHandles: []syscall.Handle{handle}}
	ownGroup(cmd)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := theirs.Close(); err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(ours); err != nil || string(data) != "here" {
		t.Errorf("%q, %v", data, err)
	}
}
