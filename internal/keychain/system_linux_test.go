package keychain

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/o365aws/o365aws/internal/keyringtest"
	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/testenv"
)

var bus *keyringtest.Bus

// TestMain starts a private Secret Service before the first test, because a process
// connects to the bus only once.
func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	if testing.Short() {
		return m.Run() // without TestSecretService
	}
	var err error
	if bus, err = keyringtest.Start(false); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer bus.Stop()
	if err := os.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// TestSecretService checks the contract with gnome-keyring and then suspends it: calls
// must end after their time limit or with their context.
func TestSecretService(t *testing.T) {
	testenv.Needs(t, "gnome-keyring")
	contract(t, func() Store { return system{} })
	testParts(t)
	if err := bus.Hang(); err != nil {
		t.Fatal(err)
	}
	hung, err := Open("keychain", Options{Patience: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	_, err = hung.Get(ctx, "a")
	var unavailable *UnavailableError
	if !errors.As(err, &unavailable) {
		t.Errorf("hanging keyring: got %v, want UnavailableError", err)
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the deadline as the cause", err)
	}
	if err := hung.Set(ctx, "a", secret.New("x")); !errors.As(err, &unavailable) {
		t.Errorf("hanging keyring: got %v, want UnavailableError", err)
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := (system{}).Get(over, "a"); !errors.As(err, &unavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("canceled call: got %v, want UnavailableError with the cause", err)
	}
}

// testParts stores secrets that need several items. They are returned exactly as written,
// and Delete removes every part.
func testParts(t *testing.T) {
	ctx := withLimit(t)
	long := strings.Repeat("0123456789abcdef", itemLimit/8) + "end" // three items
	for _, text := range []string{long[:itemLimit], long} {
		if err := (system{}).Set(ctx, "long", secret.New(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := (system{}).Get(ctx, "long"); err != nil || got.Reveal() != text {
			t.Fatalf("%d of %d characters, %v", got.Len(), len(text), err)
		}
		if _, err := keyring.Get(service, partName("long", 1)); (err == nil) != (len(text) > itemLimit) {
			t.Errorf("%d characters: the first part: %v", len(text), err)
		}
	}
	if err := keyring.Set(service, partName("long", 2), "from another write"); err != nil {
		t.Fatal(err)
	}
	if got, err := (system{}).Get(ctx, "long"); !errors.Is(err, ErrNotFound) || !got.IsZero() {
		t.Errorf("parts of two writes: got %d characters, %v, want ErrNotFound", got.Len(), err)
	}
	if err := keyring.Delete(service, partName("long", 2)); err != nil {
		t.Fatal(err)
	}
	if got, err := (system{}).Get(ctx, "long"); !errors.Is(err, ErrNotFound) || !got.IsZero() {
		t.Errorf("missing part: got %d characters, %v, want ErrNotFound", got.Len(), err)
	}
	if was, err := (system{}).Delete(ctx, "long"); !was || err != nil {
		t.Errorf("delete: %v %v", was, err)
	}
	for i := range 4 {
		if _, err := keyring.Get(service, partName("long", i)); !errors.Is(err, keyring.ErrNotFound) {
			t.Errorf("part %d: got %v, want ErrNotFound", i, err)
		}
	}
}

// TestNoBus checks that a missing bus is reported immediately and none is started.
func TestNoBus(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	runtime := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", runtime)
	t.Setenv("PATH", t.TempDir()) // without dbus-launch
	var unavailable *UnavailableError
	if _, err := (system{}).Get(t.Context(), "a"); !errors.As(err, &unavailable) || !unavailable.Absent {
		t.Errorf("got %v", err)
	}
	for _, name := range []string{"bus", "dbus-session"} { // sockets of a session bus
		path := filepath.Join(runtime, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := reachable(); err != nil {
			t.Errorf("with %s: %v", name, err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}
