package keychain

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// withLimit is enough for a loaded machine.
func withLimit(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// contract is what every store that keeps anything does.
func contract(t *testing.T, open func() Store) {
	ctx := withLimit(t)
	s := open()
	if _, err := s.Get(ctx, "a"); !errors.Is(err, ErrNotFound) {
		t.Fatalf("an empty store: %v", err)
	}
	if was, err := s.Delete(ctx, "a"); was || err != nil {
		t.Fatalf("nothing to delete: %v %v", was, err)
	}
	long := strings.Repeat("0123456789abcdef", 900) // a session has some ten kilobytes
	values := map[string]string{
		"a": "first", "session:contoso.example:ada@contoso.example": long, "ü/\\ \"'": "pä$$ 漢🙂\n\x00",
	}
	for name, value := range values {
		if err := s.Set(ctx, name, secret.New(value)); err != nil {
			t.Fatal(err)
		}
	}
	again := open() // another process
	for name, value := range values {
		if got, err := again.Get(ctx, name); err != nil || got.Reveal() != value {
			t.Errorf("%s: %d characters, %v; want %d", name, got.Len(), err, len(value))
		}
	}
	if err := again.Set(ctx, "a", secret.New("second")); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(ctx, "a"); err != nil || got.Reveal() != "second" {
		t.Errorf("not replaced: %v", err)
	}
	if was, err := s.Delete(ctx, "a"); !was || err != nil {
		t.Errorf("delete: %v %v", was, err)
	}
	if _, err := s.Get(ctx, "a"); !errors.Is(err, ErrNotFound) {
		t.Errorf("deleted: %v", err)
	}
	if was, err := s.Clear(ctx); !was || err != nil {
		t.Fatal(was, err)
	}
	for name := range values {
		if _, err := again.Get(ctx, name); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s after Clear: %v", name, err)
		}
	}
}

func fileOptions(home, passphrase string) Options {
	return Options{
		Home:  home,
		Locks: filepath.Join(home, "locks"),
		Passphrase: func(context.Context, bool) (secret.Text, error) {
			return secret.New(passphrase), nil
		},
	}
}

func openFiles(t *testing.T, home, passphrase string) Store {
	t.Helper()
	s, err := Open("file", fileOptions(home, passphrase))
	if err != nil {
		t.Fatal(err)
	}
	s.(*files).work = 10 // the cost of a guess is age's to test
	return s
}

func TestFiles(t *testing.T) {
	home := t.TempDir()
	contract(t, func() Store { return openFiles(t, home, "correct horse") })
}

// No byte of a secret is on the disk, and nobody else can read the files.
func TestFilesAreEncrypted(t *testing.T) {
	home := t.TempDir()
	ctx := withLimit(t)
	if err := openFiles(t, home, "correct horse").Set(ctx, "session of ada", secret.New("canary-cookie")); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(filepath.Join(home, "secrets"), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 { // Windows has access lists instead
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		if d.IsDir() {
			return nil
		}
		data, err := os.ReadFile(path)
		for _, text := range []string{"canary", "ada", "correct horse", "AGE-SECRET-KEY"} {
			if strings.Contains(string(data), text) || strings.Contains(path, text) {
				t.Errorf("%s holds %s", path, text)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = openFiles(t, home, "wrong").Get(ctx, "session of ada")
	if fault.KindOf(err) != fault.Config {
		t.Errorf("a wrong passphrase: %v", err)
	}
}

// An empty passphrase protects nothing: it is refused, and nothing is written.
func TestFilesRefuseAnEmptyPassphrase(t *testing.T) {
	home := t.TempDir()
	err := openFiles(t, home, "").Set(withLimit(t), "a", secret.New("canary"))
	if fault.KindOf(err) != fault.NeedsInput {
		t.Errorf("got %v", err)
	}
	if names, _ := filepath.Glob(filepath.Join(home, "secrets", "*")); len(names) > 0 {
		t.Errorf("written: %v", names)
	}
	s, err := Open("file", Options{Home: home, Locks: home})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Set(withLimit(t), "a", secret.New("canary")); fault.KindOf(err) != fault.NeedsInput {
		t.Errorf("nobody to ask: %v", err)
	}
}

// In one run the passphrase is asked for once, and by who can ask now.
func TestStoresOpenOnce(t *testing.T) {
	home := t.TempDir()
	if err := openFiles(t, home, "correct horse").Set(withLimit(t), "a", secret.New("x")); err != nil {
		t.Fatal(err)
	}
	var stores Stores
	asked := 0
	get := func(o Options) error {
		t.Helper()
		s, err := stores.Open("file", o)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Get(withLimit(t), "a")
		return err
	}
	if err := get(fileOptions(home, "")); fault.KindOf(err) != fault.NeedsInput {
		t.Errorf("the user cannot be asked: %v", err)
	}
	person := fileOptions(home, "")
	person.Passphrase = func(context.Context, bool) (secret.Text, error) {
		asked++
		return secret.New("correct horse"), nil
	}
	for range 3 {
		if err := get(person); err != nil {
			t.Error(err)
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

func TestNone(t *testing.T) {
	s, err := Open("none", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Set(t.Context(), "a", secret.New("x")); err != nil {
		t.Error(err)
	}
	if _, err := s.Get(t.Context(), "a"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if _, err := Open("vault", Options{}); fault.KindOf(err) != fault.Config {
		t.Errorf("an unknown store: %v", err)
	}
}

// The kinds are not mixed up, and a run without stores of its own has them too.
func TestOpen(t *testing.T) {
	var stores Stores
	for kind, want := range map[string]Store{"": system{}, "keychain": system{}, "none": none{}} {
		if got, err := stores.Open(kind, Options{}); err != nil || got != want {
			t.Errorf("%q: %T %v", kind, got, err)
		}
	}
	if got, err := (*Stores)(nil).Open("file", Options{}); err != nil || fmt.Sprintf("%T", got) != "*keychain.files" {
		t.Errorf("%T %v", got, err)
	}
}

// Of two processes that make the key at once, both go on with the first one.
func TestFilesMadeTwice(t *testing.T) {
	home, ctx := t.TempDir(), withLimit(t)
	first, second := openFiles(t, home, "correct horse").(*files), openFiles(t, home, "correct horse").(*files)
	if err := first.Set(ctx, "a", secret.New("x")); err != nil {
		t.Fatal(err)
	}
	key, err := second.create(ctx, filepath.Join(second.dir, keyFile), secret.New("correct horse"))
	if err != nil || key.String() != first.key.String() {
		t.Errorf("another key was made: %v", err)
	}
	if got, err := openFiles(t, home, "correct horse").Get(ctx, "a"); err != nil || got.Reveal() != "x" {
		t.Errorf("the secret is lost: %v", err)
	}
	// Without the key nothing can be read, and nobody is asked for a passphrase.
	if err := os.Remove(filepath.Join(second.dir, keyFile)); err != nil {
		t.Fatal(err)
	}
	o := fileOptions(home, "")
	o.Passphrase = func(context.Context, bool) (secret.Text, error) { return secret.Text{}, errors.New("asked") }
	if _, err := newFiles(o).Get(ctx, "a"); !errors.Is(err, ErrNotFound) {
		t.Errorf("without the key: %v", err)
	}
}

// What the system's keychain says is one of three things, and never nothing.
func TestTranslate(t *testing.T) {
	var unavailable *UnavailableError
	other := errors.New("locked")
	if err := translate(other); !errors.As(err, &unavailable) || unavailable.Absent || !errors.Is(err, other) {
		t.Errorf("%v", err)
	}
	if err := translate(keyring.ErrUnsupportedPlatform); !errors.As(err, &unavailable) || !unavailable.Absent {
		t.Errorf("%v", err)
	}
	if translate(keyring.ErrNotFound) != ErrNotFound || translate(nil) != nil || gone(keyring.ErrNotFound) != nil ||
		gone(other) == nil {
		t.Error("found and gone are mixed up")
	}
}

// A library that falls over what a bus answers takes nobody along.
func TestPanicIsUnavailable(t *testing.T) {
	var unavailable *UnavailableError
	_, err := within(withLimit(t), 0, func() (struct{}, error) { panic("of the library") })
	if !errors.As(err, &unavailable) {
		t.Errorf("got %v", err)
	}
}

// What was written by two processes at once is not taken for a secret.
func TestPartsBelongTogether(t *testing.T) {
	for text, want := range map[string]bool{
		"plain": false, partsMark + "3:" + sumOf("x"): true, partsMark: false, partsMark + "0:x": false, partsMark + "-1:x": false, partsMark + "9999:x": false,
	} {
		if _, _, cut := parts(text); cut != want {
			t.Errorf("%q: %v", text, cut)
		}
	}
	if fmt.Sprint(secret.New("x")) != "[redacted]" {
		t.Error("a secret shows")
	}
}
