//go:build unix && !darwin

package openurl

// systemOpeners returns the openers of desktop environments, or none without a display.
// WSL opens the browser of Windows.
func systemOpeners(address string, getenv func(string) string) [][]string {
	var list [][]string
	if getenv("WSL_DISTRO_NAME") != "" {
		list = append(list, []string{"wslview", address})
	}
	if getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != "" {
		list = append(list, []string{"xdg-open", address}, []string{"gio", "open", address})
	}
	return list
}
