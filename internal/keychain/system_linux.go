package keychain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/o365aws/o365aws/internal/blocking"
)

// itemLimit is the maximum size of an item in bytes, four times that of a session. The
// Secret Service has no limit but becomes slow.
const itemLimit = 64 << 10

// reachable finds the session bus in the same way as the D-Bus library, but does not
// start one with dbus-launch.
func reachable() error {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return nil
	}
	runtime := os.Getenv("XDG_RUNTIME_DIR")
	if runtime == "" {
		runtime = fmt.Sprintf("/run/user/%d", os.Getuid())
	}
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(filepath.Join(runtime, name)); err == nil {
			return nil
		}
	}
	return &UnavailableError{Absent: true, Why: "no keychain (Secret Service) is running: there is no session bus"}
}

// busLimit is the time limit for finding the Secret Service.
const busLimit = 2 * time.Second

// hasSecretService reports whether a Secret Service is running or can be started by the
// session bus. If the bus does not respond, it returns true.
func hasSecretService() bool {
	if reachable() != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), busLimit)
	defer cancel()
	found, err := blocking.Call(ctx, func() (bool, error) {
		const name, bus = "org.freedesktop.secrets", "org.freedesktop.DBus."
		conn, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
		if err != nil {
			return false, err
		}
		defer func() { _ = conn.Close() }()
		var owned bool
		if err := conn.BusObject().Call(bus+"NameHasOwner", 0, name).Store(&owned); err != nil || owned {
			return owned, err
		}
		var names []string
		err = conn.BusObject().Call(bus+"ListActivatableNames", 0).Store(&names)
		return slices.Contains(names, name), err
	})
	return found || errors.Is(err, context.DeadlineExceeded)
}
