package securefile

import (
	"os"
	"strings"
	"syscall"
)

// ofWindows reports whether a path is on a Windows drive under WSL, to which ~/.aws often
// links. Unless the drive is mounted with metadata, its files appear to be accessible to
// everyone. In fact, the Windows access list determines who may write, and WSL acts as
// the user who started it.
// Source: learn.microsoft.com/windows/wsl/file-permissions
func ofWindows(path string) bool {
	var drive syscall.Statfs_t
	if syscall.Statfs(path, &drive) != nil {
		return false
	}
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	return err == nil && madeUp(int64(drive.Type), string(release))
}

// madeUp reports whether permissions are not real, according to the type of the file
// system and the kernel release. WSL 2 mounts drives with the Plan 9 protocol, which
// shows real permissions on other systems; WSL 1 has its own file system.
// Source: statfs(2)
func madeUp(kind int64, release string) bool {
	const plan9, drive = 0x01021997, 0x53464846
	return (kind == plan9 || kind == drive) && strings.Contains(strings.ToLower(release), "microsoft")
}
