package browser

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/windows"
)

// ownGroup prevents Ctrl-C in the console from reaching the browser. It preserves
// existing attributes of the command, which hold the handles of the debugging pipe.
func ownGroup(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.CreationFlags |= syscall.CREATE_NEW_PROCESS_GROUP
}

// endGroup ends the process tree of pid. If this program is killed first, the debugging
// pipe closes and the browser exits.
func endGroup(pid int) {
	system, err := windows.GetSystemDirectory()
	if err != nil {
		return
	}
	_ = exec.Command(filepath.Join(system, "taskkill.exe"), "/T", "/F", "/PID", strconv.Itoa(pid)).Run()
}
