package browser

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/windows"
)

// ownGroup keeps the console's Ctrl-C from the browser. What is in the
// command's attributes stays: the handles of the debugging pipe are there.
func ownGroup(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.CreationFlags |= syscall.CREATE_NEW_PROCESS_GROUP
}

// endGroup ends the process tree of pid. When we are killed before we can, the
// debugging pipe closes, and that ends the browser.
func endGroup(pid int) {
	system, err := windows.GetSystemDirectory()
	if err != nil {
		return
	}
	_ = exec.Command(filepath.Join(system, "taskkill.exe"), "/T", "/F", "/PID", strconv.Itoa(pid)).Run()
}
