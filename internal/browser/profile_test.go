package browser

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// During concurrent logins, a sweep neither removes nor prevents a new profile of another
// login.
func TestSweepIgnoresNewProfiles(t *testing.T) {
	dir := t.TempDir()
	stop := make(chan struct{})
	var sweeping sync.WaitGroup
	for range 4 {
		sweeping.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := Sweep(dir); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	var making sync.WaitGroup
	for range 4 {
		making.Go(func() {
			for range 300 {
				p, err := newProfile(dir)
				if err != nil {
					t.Error(err)
					return
				}
				for _, name := range []string{p.dir, p.lock.Name()} {
					if _, err := os.Stat(name); err != nil {
						t.Error("swept away: ", err)
					}
				}
				if err := p.remove(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	making.Wait()
	close(stop)
	sweeping.Wait()
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A persistent profile is deleted unless a window is using it.
func TestRemoveProfile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "profile")
	if was, err := RemoveProfile(dir); was || err != nil {
		t.Errorf("no profile: got %v, %v", was, err)
	}
	p, err := persistentProfile(dir)
	if err != nil {
		t.Fatal(err)
	}
	if was, err := RemoveProfile(dir); was || err == nil {
		t.Errorf("profile in use: got %v, %v", was, err)
	}
	if err := p.remove(); err != nil {
		t.Fatal(err)
	}
	if was, err := RemoveProfile(dir); !was || err != nil {
		t.Errorf("unused profile: got %v, %v", was, err)
	}
	if left, _ := filepath.Glob(dir + "*"); len(left) > 0 || len(Profiles(filepath.Dir(dir))) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
