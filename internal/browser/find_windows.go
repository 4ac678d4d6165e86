package browser

const installHint = "install one, e.g. winget install Google.Chrome"

var headlessShells = []string{"chrome-headless-shell.exe"}

var fullBrowsers = []string{
	`${ProgramFiles}\Google\Chrome\Application\chrome.exe`,
	`${ProgramFiles(x86)}\Google\Chrome\Application\chrome.exe`,
	`${LOCALAPPDATA}\Google\Chrome\Application\chrome.exe`,
	`${ProgramFiles(x86)}\Microsoft\Edge\Application\msedge.exe`,
	`${ProgramFiles}\Microsoft\Edge\Application\msedge.exe`,
	`${LOCALAPPDATA}\Microsoft\Edge\Application\msedge.exe`,
	`${ProgramFiles}\BraveSoftware\Brave-Browser\Application\brave.exe`,
	`${LOCALAPPDATA}\BraveSoftware\Brave-Browser\Application\brave.exe`,
	`${LOCALAPPDATA}\Chromium\Application\chrome.exe`,
	"chrome.exe", "msedge.exe", "chromium.exe",
}

// HasDisplay reports whether the user can see a window.
func HasDisplay(getenv func(string) string) bool { return getenv("SSH_CONNECTION") == "" }
