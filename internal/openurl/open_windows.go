package openurl

import (
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/windows"
)

const listSeparator = ';'

// systemOpeners is the way of Windows that leaves & in an address alone. Over
// SSH the window would open on a screen that nobody sees.
func systemOpeners(address string, getenv func(string) string) [][]string {
	if getenv("SSH_CONNECTION") != "" {
		return nil
	}
	system, err := windows.GetSystemDirectory()
	if err != nil {
		return nil
	}
	return [][]string{{filepath.Join(system, "rundll32.exe"), "url.dll,FileProtocolHandler", address}}
}

// detach lets the browser live on when we end.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
