package browser

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/windows/registry"
)

const installHint = "install one, e.g. winget install Google.Chrome"

var headlessShells = []string{"chrome-headless-shell.exe"}

var (
	chromes = []string{
		`${ProgramFiles}\Google\Chrome\Application\chrome.exe`,
		`${ProgramFiles(x86)}\Google\Chrome\Application\chrome.exe`,
		`${LOCALAPPDATA}\Google\Chrome\Application\chrome.exe`,
	}
	edges = []string{
		`${ProgramFiles(x86)}\Microsoft\Edge\Application\msedge.exe`,
		`${ProgramFiles}\Microsoft\Edge\Application\msedge.exe`,
		`${LOCALAPPDATA}\Microsoft\Edge\Application\msedge.exe`,
	}
	fullBrowsers = slices.Concat(chromes, edges, []string{
		`${ProgramFiles}\BraveSoftware\Brave-Browser\Application\brave.exe`,
		`${LOCALAPPDATA}\BraveSoftware\Brave-Browser\Application\brave.exe`,
		`${LOCALAPPDATA}\Chromium\Application\chrome.exe`,
		"chrome.exe", "msedge.exe", "chromium.exe",
	})
)

// settings reads the registry.
func settings(func(string) string) reader {
	return func(place, name string) (string, bool) {
		root, path, _ := strings.Cut(place, `\`)
		hive := map[string]registry.Key{"HKLM": registry.LOCAL_MACHINE, "HKCU": registry.CURRENT_USER}[root]
		key, err := registry.OpenKey(hive, path, registry.QUERY_VALUE|registry.ENUMERATE_SUB_KEYS)
		if err != nil {
			return "", false
		}
		defer func() { _ = key.Close() }()
		if name == "" {
			names, err := key.ReadSubKeyNames(1)
			return "", err == nil && len(names) > 0
		}
		value, _, err := key.GetIntegerValue(name)
		return strconv.FormatUint(value, 10), err == nil
	}
}

// HasDisplay reports whether the user can see a window.
func HasDisplay(getenv func(string) string) bool { return getenv("SSH_CONNECTION") == "" }
