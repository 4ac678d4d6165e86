package cache

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

// Sealed returns what PutSealed stored until it is removed, and nothing from a damaged
// file.
func TestSealed(t *testing.T) {
	d := In(t.TempDir())
	want := Sealed{At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Data: []byte("x")}
	if err := d.PutSealed("id", want); err != nil {
		t.Fatal(err)
	}
	if got, ok := d.Sealed("id"); !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v", got, ok)
	}
	if got, ok := d.Sealed("other"); ok {
		t.Errorf("of another identity: %+v", got)
	}
	for _, broken := range []string{"", "{", `{"at":"2026-03-01T12:00:00Z","data":""}`} {
		if err := os.WriteFile(d.file(sealed, "id"), []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, ok := d.Sealed("id"); ok {
			t.Errorf("%q: %+v", broken, got)
		}
	}
	if err := d.PutSealed("id", want); err != nil {
		t.Fatal(err)
	}
	if err := d.RemoveSealed("id"); err != nil {
		t.Fatal(err)
	}
	if _, ok := d.Sealed("id"); ok {
		t.Error("not removed")
	}
	if err := d.RemoveSealed("id"); err != nil {
		t.Errorf("remove a missing file: %v", err)
	}
}

// Clear removes everything, counts only credentials, and reports what it cannot remove.
func TestClear(t *testing.T) {
	d := In(t.TempDir())
	e := anEntry()
	other := e
	other.Profile = "prod"
	for _, err := range []error{d.Put(e), d.Put(other), d.Fail("id", Failure{Message: "no"}), d.PutSealed("id", Sealed{Data: []byte("x")})} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if was, err := d.Remove(other); !was || err != nil {
		t.Errorf("removed %v %v", was, err)
	}
	if was, err := d.Remove(other); was || err != nil {
		t.Errorf("removed again %v %v", was, err)
	}
	if n, err := d.Clear(); n != 1 || err != nil {
		t.Errorf("%d credentials, %v", n, err)
	}
	if names, err := os.ReadDir(string(d)); err != nil || len(names) != 0 {
		t.Errorf("left %v %v", names, err)
	}
	// A non-empty folder stands in for a file that cannot be removed.
	if err := os.MkdirAll(filepath.Join(d.file(credentials, "x"), "y"), 0o700); err != nil {
		t.Fatal(err)
	}
	if n, err := d.Clear(); n != 0 || err == nil {
		t.Errorf("%d credentials, %v", n, err)
	}
}

// A name with a line break, which would start a new line in the file, is not stored.
func TestControlCharacterIsRefused(t *testing.T) {
	d := In(t.TempDir())
	e := anEntry()
	e.Profile = "dev\nx"
	if err := d.Put(e); err == nil || len(d.All()) != 0 {
		t.Errorf("stored %+v, %v", d.All(), err)
	}
}

// A cache that is not writable returns an error.
func TestUnwritable(t *testing.T) {
	home := filepath.Join(t.TempDir(), "a-file")
	if err := os.WriteFile(home, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d := In(home)
	if d.Put(anEntry()) == nil || d.Fail("id", Failure{Message: "no"}) == nil ||
		d.PutSealed("id", Sealed{Data: []byte("x")}) == nil {
		t.Error("written under a file")
	}
}
