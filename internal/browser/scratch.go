package browser

import (
	"os"
	"path/filepath"
	"strings"
)

// A browser makes a socket in its temporary folder, and the path of a socket
// has an end: 108 bytes on Linux, 104 on macOS (unix(7), unix(4)).
const (
	maxSocketPath = 103
	socketBelow   = "/org.chromium.Chromium.XXXXXX/SingletonSocket"
	scratchPrefix = "o365aws-"
)

func fitsSocket(dir string) bool { return len(dir)+len(socketBelow) <= maxSocketPath }

// scratch returns the folder for temporary files of the browser on a profile:
// the profile's own, unless its path is too long for a socket. Another one is
// noted in the lock file, so that a sweep finds it. "" leaves it to the
// browser.
func (p *profile) scratch() string {
	if p.temp != "" {
		return p.temp
	}
	if !p.persistent && fitsSocket(p.dir) {
		return p.dir
	}
	dir, err := os.MkdirTemp("", scratchPrefix)
	if err != nil {
		return ""
	}
	if !fitsSocket(dir) {
		_ = os.Remove(dir)
		return ""
	}
	if _, err := p.lock.WriteAt([]byte(dir), 0); err != nil {
		_ = os.Remove(dir)
		return ""
	}
	p.temp = dir
	return dir
}

// sweepScratch removes the folder that a lock file names, of a browser that is
// gone. It takes no other than one of ours.
func sweepScratch(lock *os.File) error {
	name := make([]byte, 4096)
	n, err := lock.ReadAt(name, 0)
	dir := string(name[:n])
	if n == 0 || filepath.Clean(filepath.Dir(dir)) != filepath.Clean(os.TempDir()) ||
		!strings.HasPrefix(filepath.Base(dir), scratchPrefix) {
		_ = err // an empty file, as a rule
		return nil
	}
	return removeAll(dir)
}
