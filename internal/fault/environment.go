package fault

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"runtime"
	"syscall"
)

// Environment returns a hint for an error that this machine causes, such as a full disk,
// or false for any other error.
func Environment(err error) (hint string, ok bool) {
	var file *fs.PathError
	var link *os.LinkError
	var call *os.SyscallError
	path := "the file system"
	switch {
	case errors.As(err, new(*net.OpError)): // wraps a SyscallError, too
		return "", false
	case errors.As(err, &file):
		path = file.Path
	case errors.As(err, &link):
		path = link.New
	case !errors.As(err, &call):
		return "", false
	}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "free some disk space, then run the command again", true
	case errors.Is(err, syscall.EROFS):
		return "the file system is read-only: select other files with O365AWS_HOME, AWS_CONFIG_FILE and " +
			"AWS_SHARED_CREDENTIALS_FILE", true
	case errors.Is(err, fs.ErrPermission):
		hint = "check the owner and permissions of " + path
		if runtime.GOOS != "windows" {
			hint += `; if sudo created it: sudo chown -R "$USER" ~/.aws`
		}
		return hint, true
	}
	return "check " + path, true
}
