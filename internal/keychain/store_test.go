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

// withLimit returns a context with a deadline that is generous for a loaded machine.
func withLimit(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// contract checks the behavior that all stores except "none" share.
func contract(t *testing.T, open func() Store) {
	ctx := withLimit(t)
	s := open()
	if _, err := s.Get(ctx, "a"); !errors.Is(err, ErrNotFound) {
		t.Fatalf("empty store: got %v, want ErrNotFound", err)
	}
	if was, err := s.Delete(ctx, "a"); was || err != nil {
		t.Fatalf("delete from an empty store: got %v, %v", was, err)
	}
	long := strings.Repeat("0123456789abcdef", 900) // a session has about ten kilobytes
	values := map[string]string{
		"a": "first", "session:contoso.example:ada@contoso.example": long, "ü/\\ \"'": "pä$$ 漢🙂\n\x00",
	}
	for name, value := range values {
		if err := s.Set(ctx, name, secret.New(value)); err != nil {
			t.Fatal(err)
		}
	}
	again := open() // like another process
	for name, value := range values {
		if got, err := again.Get(ctx, name); err != nil || got.Reveal() != value {
			t.Errorf("%s: got %d characters, %v, want %d", name, got.Len(), err, len(value))
		}
	}
	if err := again.Set(ctx, "a", secret.New("second")); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(ctx, "a"); err != nil || got.Reveal() != "second" {
		t.Errorf("after replacing: got %d characters, %v, want the second value", got.Len(), err)
	}
	if was, err := s.Delete(ctx, "a"); !was || err != nil {
		t.Errorf("delete: got %v, %v, want true", was, err)
	}
	if _, err := s.Get(ctx, "a"); !errors.Is(err, ErrNotFound) {
		t.Errorf("after Delete: got %v, want ErrNotFound", err)
	}
	if was, err := s.Clear(ctx); !was || err != nil {
		t.Fatal(was, err)
	}
	for name := range values {
		if _, err := again.Get(ctx, name); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s after Clear: got %v, want ErrNotFound", name, err)
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
	s.(*files).work = 10 // to save time
	return s
}

func TestFiles(t *testing.T) {
	home := t.TempDir()
	contract(t, func() Store { return openFiles(t, home, "correct horse") })
}

// TestFilesAreEncrypted checks that no part of a secret is on disk in plain text, and
// that only the user can read the files.
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
				t.Errorf("%s contains %s", path, text)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = openFiles(t, home, "wrong").Get(ctx, "session of ada")
	if fault.KindOf(err) != fault.Config {
		t.Errorf("wrong passphrase: got %v, want a configuration error", err)
	}
}

// TestFilesRefuseAnEmptyPassphrase also checks that nothing is written.
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
		t.Errorf("without a prompt: got %v, want NeedsInput", err)
	}
}

// TestStoresOpenOnce checks that a run prompts for the passphrase once and applies the
// latest options.
func TestStoresOpenOnce(t *testing.T) {
	home := t.TempDir()
	if err := openFiles(t, home, "correct horse").Set(withLimit(t), "a", secret.New("x")); err != nil {
		t.Fatal(err)
	}
	var stores Stores
	prompts := 0
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
		t.Errorf("without a prompt: got %v, want NeedsInput", err)
	}
	prompting := fileOptions(home, "")
	prompting.Passphrase = func(context.Context, bool) (secret.Text, error) {
		prompts++
		return secret.New("correct horse"), nil
	}
	for range 3 {
		if err := get(prompting); err != nil {
			t.Error(err)
		}
	}
	if prompts != 1 {
		t.Errorf("got %d prompts, want 1", prompts)
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
		t.Errorf("unknown store: got %v, want a configuration error", err)
	}
}

// TestOpen checks each kind of store, also with a nil Stores.
func TestOpen(t *testing.T) {
	var stores Stores
	for kind, want := range map[string]Store{"": system{}, "keychain": system{}, "none": none{}} {
		if got, err := stores.Open(kind, Options{}); err != nil || got != want {
			t.Errorf("%q: got %T, %v", kind, got, err)
		}
	}
	if got, err := (*Stores)(nil).Open("file", Options{}); err != nil || fmt.Sprintf("%T", got) != "*keychain.files" {
		t.Errorf("%T %v", got, err)
	}
}

// TestKeyCreatedTwice checks that two processes that create a key concurrently end up
// with the same one.
func TestKeyCreatedTwice(t *testing.T) {
	home, ctx := t.TempDir(), withLimit(t)
	first, second := openFiles(t, home, "correct horse").(*files), openFiles(t, home, "correct horse").(*files)
	if err := first.Set(ctx, "a", secret.New("x")); err != nil {
		t.Fatal(err)
	}
	key, err := second.create(ctx, filepath.Join(second.dir, keyFile), secret.New("correct horse"))
	if err != nil || key.String() != first.key.String() {
		t.Errorf("got another key, %v, want the first one", err)
	}
	if got, err := openFiles(t, home, "correct horse").Get(ctx, "a"); err != nil || got.Reveal() != "x" {
		t.Errorf("got %d characters, %v, want the secret", got.Len(), err)
	}
	// Without the key nothing can be read, so there is no prompt.
	if err := os.Remove(filepath.Join(second.dir, keyFile)); err != nil {
		t.Fatal(err)
	}
	o := fileOptions(home, "")
	o.Passphrase = func(context.Context, bool) (secret.Text, error) { return secret.Text{}, errors.New("prompted") }
	if _, err := newFiles(o).Get(ctx, "a"); !errors.Is(err, ErrNotFound) {
		t.Errorf("without the key: got %v, want ErrNotFound", err)
	}
}

func TestTranslate(t *testing.T) {
	var unavailable *UnavailableError
	other := errors.New("locked")
	if err := translate(other); !errors.As(err, &unavailable) || unavailable.Absent || !errors.Is(err, other) {
		t.Errorf("got %v, want UnavailableError", err)
	}
	if err := translate(keyring.ErrUnsupportedPlatform); !errors.As(err, &unavailable) || !unavailable.Absent {
		t.Errorf("got %v, want UnavailableError", err)
	}
	locked := errors.New("failed to unlock correct collection '/x'")
	if err := translate(locked); !errors.As(err, &unavailable) || !unavailable.Locked ||
		!strings.Contains(err.Error(), "is locked; to unlock it, ") {
		t.Errorf("got %v, want how to unlock the keychain", err)
	}
	if translate(keyring.ErrNotFound) != ErrNotFound || translate(nil) != nil || gone(keyring.ErrNotFound) != nil ||
		gone(other) == nil {
		t.Error("ErrNotFound is not translated as expected")
	}
}

// TestPanicIsUnavailable checks that a panic in the keychain library becomes an error.
func TestPanicIsUnavailable(t *testing.T) {
	var unavailable *UnavailableError
	_, err := within(withLimit(t), 0, func() (struct{}, error) { panic("library") })
	if !errors.As(err, &unavailable) {
		t.Errorf("got %v", err)
	}
}

func TestPartsMark(t *testing.T) {
	for text, want := range map[string]bool{
		"plain": false, partsMark + "3:" + sumOf("x"): true, partsMark: false, partsMark + "0:x": false,
		partsMark + "-1:x": false, partsMark + "9999:x": false,
	} {
		t.Run(text, func(t *testing.T) {
			if _, _, got := parts(text); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}
