package browser

import "golang.org/x/sys/windows/registry"

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

// deviceBrowsers returns Chrome if its policy lets it ask Windows for the account of
// the device, else Edge, which does so without a policy. On a device that is not
// joined to Entra it returns none.
// Source: chromeenterprise.google/policies/#CloudAPAuthEnabled
func deviceBrowsers(func(string) string) []string {
	if !joined() {
		return nil
	}
	if chromeProvesDevice() {
		return fullBrowsers[:3]
	}
	return fullBrowsers[3:6]
}

func joined() bool {
	key, err := registry.OpenKey(
		registry.LOCAL_MACHINE, `SYSTEM\CurrentControlSet\Control\CloudDomainJoin\JoinInfo`, registry.ENUMERATE_SUB_KEYS,
	)
	if err != nil {
		return false
	}
	defer func() { _ = key.Close() }()
	names, err := key.ReadSubKeyNames(1)
	return err == nil && len(names) > 0
}

func chromeProvesDevice() bool {
	for _, root := range []registry.Key{registry.LOCAL_MACHINE, registry.CURRENT_USER} {
		key, err := registry.OpenKey(root, `SOFTWARE\Policies\Google\Chrome`, registry.QUERY_VALUE)
		if err != nil {
			continue
		}
		value, _, err := key.GetIntegerValue("CloudAPAuthEnabled")
		_ = key.Close()
		if err == nil && value == 1 {
			return true
		}
	}
	return false
}

// HasDisplay reports whether the user can see a window.
func HasDisplay(getenv func(string) string) bool { return getenv("SSH_CONNECTION") == "" }
