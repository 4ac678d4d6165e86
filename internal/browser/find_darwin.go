package browser

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

// HasDisplay reports whether the user can see a window.
func HasDisplay(getenv func(string) string) bool { return getenv("SSH_CONNECTION") == "" }
