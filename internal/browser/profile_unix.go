//go:build unix

package browser

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// endUsers ends browsers that are still using the profile in dir. On Linux it finds them
// by their command line; on other systems they exit when the debugging pipe closes.
func endUsers(dir string) {
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, name := range lines {
		line, err := os.ReadFile(name)
		if err != nil || !bytes.Contains(line, []byte("--user-data-dir="+dir+"\x00")) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name))); err == nil && pid > 1 {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
