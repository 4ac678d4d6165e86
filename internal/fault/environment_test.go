package fault

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestEnvironment(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string // in the hint; "" if it is no error of the machine
	}{
		"full disk": {&os.PathError{Op: "write", Path: "/x", Err: syscall.ENOSPC}, "free some disk space"},
		"quota":     {&os.PathError{Op: "write", Path: "/x", Err: syscall.EDQUOT}, "free some disk space"},
		"read-only": {&os.LinkError{Op: "rename", Old: "/x", New: "/y", Err: syscall.EROFS}, "O365AWS_HOME"},
		"no permission": {
			fmt.Errorf("a: %w", &os.PathError{Op: "open", Path: "/x", Err: syscall.EACCES}), "check the owner",
		},
		"other":        {&os.LinkError{Op: "rename", Old: "/x", New: "/y", Err: syscall.EIO}, "check /y"},
		"without path": {os.NewSyscallError("getwd", syscall.EIO), "check the file system"},
		"bug":          {errors.New("nil map"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			hint, ok := Environment(c.err)
			if ok != (c.want != "") || !strings.Contains(hint, c.want) {
				t.Errorf("got %q, %v, want %q", hint, ok, c.want)
			}
		})
	}
}
