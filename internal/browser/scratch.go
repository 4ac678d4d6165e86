package browser

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// A browser creates a socket in its temporary folder. The path of a socket is limited to
// 108 bytes on Linux and 104 on macOS (unix(7), unix(4)).
const (
	maxSocketPath = 103
	socketBelow   = "/org.chromium.Chromium.XXXXXX/SingletonSocket"
	scratchPrefix = "o365aws-"
)

func fitsSocket(dir string) bool { return len(dir)+len(socketBelow) <= maxSocketPath }

// scratchParents returns the folders in which to create temporary folders. The path of
// the default one may also be too long.
func scratchParents() []string {
	parents := []string{filepath.Clean(os.TempDir())}
	if runtime.GOOS != "windows" {
		parents = append(parents, "/tmp")
	}
	return parents
}

// scratch returns the folder for temporary files of the browser: the profile itself,
// unless its path is too long for a socket. Any other folder is recorded in the lock
// file, so that a sweep finds it. "" means the browser's default.
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

// sweepScratch removes the folder recorded in the lock file of a browser that has exited.
// It removes only folders created by scratch.
func sweepScratch(lock *os.File) error {
	name := make([]byte, 4096)
	n, err := lock.ReadAt(name, 0)
	dir := string(name[:n])
	if n == 0 || !slices.Contains(scratchParents(), filepath.Dir(dir)) ||
		!strings.HasPrefix(filepath.Base(dir), scratchPrefix) {
		_ = err // the file is usually empty
		return nil
	}
	return removeAll(dir)
}
