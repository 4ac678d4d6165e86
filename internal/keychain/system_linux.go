package keychain

import (
	"fmt"
	"os"
	"path/filepath"
)

// itemLimit is the size limit of an item, four times that of a session. The Secret
// Service has no limit but becomes slow.
const itemLimit = 64 << 10

// reachable looks for the session bus as the D-Bus library does, but does not start
// one with dbus-launch.
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
