package keychain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/keyringtest"
	"github.com/o365aws/o365aws/internal/secret"
)

var bus *keyringtest.Bus

// TestMain runs a Secret Service of its own: the connection to a bus is made
// once a process, so it has to be there before the first test.
func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
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

// The real Secret Service keeps the contract; after that it hangs, and a call
// ends by its deadline.
func TestSecretService(t *testing.T) {
	contract(t, func() Store { return system{} })
	if err := bus.Hang(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := system{}.Get(ctx, "a")
	var unavailable *UnavailableError
	if !errors.As(err, &unavailable) {
		t.Errorf("a keyring that hangs: %v", err)
	}
	if err := (system{}).Set(ctx, "a", secret.New("x")); !errors.As(err, &unavailable) {
		t.Errorf("a keyring that hangs: %v", err)
	}
}

// Without a bus nothing is started, and the answer comes at once.
func TestNoBus(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	t.Setenv("PATH", t.TempDir()) // dbus-launch would be found elsewhere
	var unavailable *UnavailableError
	if _, err := (system{}).Get(t.Context(), "a"); !errors.As(err, &unavailable) {
		t.Errorf("got %v", err)
	}
}
