package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// processWatch polls the arguments and the environment of processes that name the
// script's folder. It requires /proc, which only Linux has.
type processWatch struct {
	folder   string // ends with a separator, because one script's name may be a prefix of another's
	stop     chan struct{}
	done     sync.WaitGroup
	problems []string
	browsers int
}

func watchProcesses(ts *testscript.TestScript, _ bool, _ []string) {
	s := stateOf(ts)
	w := &processWatch{folder: s.work + string(filepath.Separator), stop: make(chan struct{})}
	s.watcher = w
	w.done.Go(func() {
		for {
			w.look()
			select {
			case <-w.stop:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
}

func (w *processWatch) look() {
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, p := range processes {
		line, err := os.ReadFile(filepath.Join(p, "cmdline"))
		if err != nil {
			continue // the process has exited
		}
		environ, err := os.ReadFile(filepath.Join(p, "environ"))
		if err != nil || !strings.Contains(string(line)+string(environ), w.folder) {
			continue
		}
		if name := secretIn(string(line)); name != "" {
			w.problems = append(w.problems, "a process list holds "+name)
		}
		if !strings.Contains(string(line), "--user-data-dir="+w.folder) || len(environ) == 0 {
			continue
		}
		w.browsers++
		if name := secretIn(string(environ)); name != "" {
			w.problems = append(w.problems, "a browser's environment holds "+name)
		}
	}
}

// checkProcesses ends the watch and reports the first secret that it found.
func checkProcesses(ts *testscript.TestScript, _ bool, _ []string) {
	w := stateOf(ts).watcher
	close(w.stop)
	w.done.Wait()
	if w.browsers == 0 {
		ts.Fatalf("no browser was seen, so the check proves nothing")
	}
	if len(w.problems) > 0 {
		ts.Fatalf("%s", w.problems[0])
	}
}

// processesOf returns the command lines of the processes that name folder; only on Linux.
func processesOf(folder string) []string {
	var found []string
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, name := range lines {
		line, err := os.ReadFile(name)
		if err == nil && bytes.Contains(line, []byte(folder)) {
			found = append(found, string(bytes.ReplaceAll(line, []byte{0}, []byte(" "))))
		}
	}
	return found
}
