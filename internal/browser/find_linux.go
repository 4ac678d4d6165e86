package browser

const installHint = "install one, e.g. apt-get install chromium"

var headlessShells = []string{"chromium-headless-shell", "chrome-headless-shell", "headless-shell", "headless_shell"}

var fullBrowsers = []string{
	"google-chrome-stable", "google-chrome", "chromium", "chromium-browser",
	"microsoft-edge-stable", "microsoft-edge", "brave-browser", "brave",
	"/opt/google/chrome/chrome", "/opt/microsoft/msedge/msedge", "/opt/brave.com/brave/brave", "/snap/bin/chromium",
}

// deviceBrowsers returns none: on Linux the identity broker proves the device.
func deviceBrowsers(func(string) string) []string { return nil }

// HasDisplay reports whether a window can be shown.
func HasDisplay(getenv func(string) string) bool {
	return getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != ""
}
