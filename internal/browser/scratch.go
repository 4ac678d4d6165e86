package browser

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
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

// scratchParents returns the shared folders for temporary files: the path of the
// user's own may be too long as well.
func scratchParents() []string {
	parents := []string{filepath.Clean(os.TempDir())}
	if runtime.GOOS != "windows" {
		parents = append(parents, "/tmp")
	}
	return parents
}

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
	var dir string
	for _, parent := range scratchParents() {
		var err error
		if dir, err = os.MkdirTemp(parent, scratchPrefix); err != nil {
			continue
		}
		if fitsSocket(dir) {
			break
		}
		_ = os.Remove(dir)
		dir = ""
	}
	if dir == "" {
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
	if n == 0 || !slices.Contains(scratchParents(), filepath.Dir(dir)) ||
		!strings.HasPrefix(filepath.Base(dir), scratchPrefix) {
		_ = err // an empty file, as a rule
		return nil
	}
	return removeAll(dir)
}
