//go:build unix && !darwin

package openurl

import (
	"fmt"
	"testing"
)

// Each desktop opens a browser in its way; without one there is none.
func TestSystemOpeners(t *testing.T) {
	const desktop = "[[xdg-open https://x/] [gio open https://x/]]"
	for variable, want := range map[string]string{"DISPLAY": desktop, "WAYLAND_DISPLAY": desktop, "WSL_DISTRO_NAME": "[[wslview https://x/]]", "SSH_CONNECTION": "[]"} {
		t.Run(variable, func(t *testing.T) {
			if got := fmt.Sprint(systemOpeners("https://x/", func(name string) string { return map[string]string{variable: "x"}[name] })); got != want {
				t.Errorf("%s: %s", variable, got)
			}
		})
	}
}
