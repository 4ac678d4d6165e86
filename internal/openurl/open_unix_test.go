//go:build unix && !darwin

package openurl

import (
	"fmt"
	"testing"
)

func TestSystemOpeners(t *testing.T) {
	const desktop = "[[xdg-open https://x/] [gio open https://x/]]"
	for variable, want := range map[string]string{
		"DISPLAY": desktop, "WAYLAND_DISPLAY": desktop,
		"WSL_DISTRO_NAME": "[[wslview https://x/]]", "SSH_CONNECTION": "[]",
	} {
		t.Run(variable, func(t *testing.T) {
			env := map[string]string{variable: "x"}
			got := fmt.Sprint(systemOpeners("https://x/", func(name string) string { return env[name] }))
			if got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}
