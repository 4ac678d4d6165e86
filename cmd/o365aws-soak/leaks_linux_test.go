package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/o365aws/o365aws/internal/testenv"
)

// The leak check finds processes, files and locks.
func TestLeftoversAreFound(t *testing.T) {
	testenv.Needs(t, "Chromium")
	w, err := newWorld("")
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	if left := w.leftovers(); len(left) > 0 {
		t.Fatalf("leftovers after a sign-in: got %q, want none", left)
	}
	state := filepath.Join(w.home, ".aws", "o365aws")
	for _, name := range []string{"cache/.new-1", "../.o365aws-credentials-1"} {
		if err := os.WriteFile(filepath.Join(state, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	locks, _ := filepath.Glob(filepath.Join(state, "locks", "*.lock"))
	if len(locks) == 0 {
		t.Fatalf("no lock files in %s", state)
	}
	held, err := os.OpenFile(locks[0], os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Close() }()
	cmd := exec.Command("tail", "-f", filepath.Join(w.home, "ca.pem"))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	if _, err := out.Read(make([]byte, 1)); err != nil { // wait until the process has its command line
		t.Fatal(err)
	}
	if err := syscall.Flock(int(held.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		t.Fatal(err)
	}
	found := strings.Join(w.remaining(), "\n")
	for _, want := range []string{".new-1", ".o365aws-credentials-1", filepath.Base(locks[0]), "tail"} {
		if !strings.Contains(found, want) {
			t.Errorf("got leftovers\n%s\nwant one with %s", found, want)
		}
	}
}

// Growing memory is reported; varying memory is not.
func TestGrowingMemoryIsReported(t *testing.T) {
	s := &soak{}
	for i := range 90 {
		s.heap = append(s.heap, uint64(2+i%7)<<20)
	}
	if first, last := s.thirds(); last > first {
		t.Errorf("first %d, last %d", first, last)
	}
	for i := range s.heap {
		s.heap[i] += uint64(i) << 18
	}
	if first, last := s.thirds(); last <= first+first/4+spareHeap {
		t.Errorf("growth not reported: first %d, last %d", first, last)
	}
}
