package browser

const installHint = "install one, e.g. apt-get install chromium"

var headlessShells = []string{"chromium-headless-shell", "chrome-headless-shell", "headless-shell", "headless_shell"}

var fullBrowsers = []string{
	"google-chrome-stable", "google-chrome", "chromium", "chromium-browser",
	"microsoft-edge-stable", "microsoft-edge", "brave-browser", "brave",
	"/opt/google/chrome/chrome", "/opt/microsoft/msedge/msedge", "/opt/brave.com/brave/brave", "/snap/bin/chromium",
}

// On Linux no browser is preferred, because the identity broker authenticates the device.
var chromes, edges []string

// settings returns a reader that finds nothing: Linux has no settings about managed
// devices.
func settings(func(string) string) reader {
	return func(string, string) (string, bool) { return "", false }
}

// HasDisplay reports whether a window can be shown.
func HasDisplay(getenv func(string) string) bool {
	return getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != ""
}
