package openurl

import (
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/windows"
)

const listSeparator = ';'

// systemOpeners returns the Windows opener that preserves & in an address, or none over
// SSH, where the window would open on the screen of the remote machine.
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

// detach lets the browser outlive this process.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
