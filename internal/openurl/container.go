package openurl

import "net/url"

// InContainer returns commands, to be tried in order, that open address in a Firefox
// container. They require the extension "Open external links in a container".
// Source: addons.mozilla.org/firefox/addon/open-url-in-container
func InContainer(name, address, goos string) [][]string {
	link := "ext+container:name=" + url.QueryEscape(name) + "&url=" + url.QueryEscape(address)
	return with(firefox[goos], link)
}

// InChromeProfile returns commands that open address in a profile of Chrome or a
// browser based on it. folder is the folder of the profile.
func InChromeProfile(folder, address, goos string) [][]string {
	return with(chromes[goos], "--profile-directory="+folder, address)
}

func with(programs []string, args ...string) [][]string {
	var commands [][]string
	for _, program := range programs {
		commands = append(commands, append([]string{program}, args...))
	}
	return commands
}

var firefox = map[string][]string{
	"linux":  {"firefox", "firefox-esr", "firefox-developer-edition"},
	"darwin": {"/Applications/Firefox.app/Contents/MacOS/firefox"},
	"windows": {
		`C:\Program Files\Mozilla Firefox\firefox.exe`,
		`C:\Program Files (x86)\Mozilla Firefox\firefox.exe`,
		"firefox.exe",
	},
}

var chromes = map[string][]string{
	"linux": {
		"google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "microsoft-edge", "brave-browser",
	},
	"darwin": {
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
		"/Applications/Chromium.app/Contents/MacOS/Chromium",
		"/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
	},
	"windows": {
		`C:\Program Files\Google\Chrome\Application\chrome.exe`,
		`C:\Program Files (x86)\Google\Chrome\Application\chrome.exe`,
		`C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe`,
	},
}
