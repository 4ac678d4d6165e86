package browser

import "os"

const installHint = "install one, e.g. brew install --cask google-chrome"

var headlessShells = []string{"chrome-headless-shell"}

var fullBrowsers = []string{
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	"${HOME}/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	"/Applications/Chromium.app/Contents/MacOS/Chromium",
	"/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
	"/Applications/Brave Browser.app/Contents/MacOS/Brave Browser",
	"chromium", "google-chrome",
}

// deviceBrowsers returns Chrome and Edge on a managed Mac: they ask the single sign-on
// extension of Company Portal.
func deviceBrowsers(func(string) string) []string {
	if settings, err := os.ReadDir("/Library/Managed Preferences"); err != nil || len(settings) == 0 {
		return nil
	}
	return []string{fullBrowsers[0], fullBrowsers[1], fullBrowsers[3]}
}

// HasDisplay reports whether the user can see a window.
func HasDisplay(getenv func(string) string) bool { return getenv("SSH_CONNECTION") == "" }
