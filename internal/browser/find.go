// Package browser drives a Chromium-family browser: it finds one, starts it with a
// separate profile, and provides one tab as an entra.Page. It is the only package that
// uses chromedp. It does not interpret the pages.
package browser

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/fault"
)

// Find returns the path of the browser to run: path if it is set, or else the first
// browser in the usual locations of this system. For headless use, a headless shell is
// preferred because it starts in half the time, unless another browser can prove that
// this device is managed.
func Find(path string, visible bool, getenv func(string) string) (string, error) {
	if visible && strings.Contains(filepath.Base(path), "headless") {
		path = "" // it has no window to show
	}
	if path != "" {
		if found, err := exec.LookPath(path); err == nil {
			return filepath.Abs(found)
		}
		return "", fault.Newf(fault.Browser, "browser %s is not an executable file", path).
			Hint("check o365aws_browser_path or O365AWS_BROWSER_PATH")
	}
	preferred := assess(runtime.GOOS, settings(getenv)).browsers()
	if found := lookUp(candidates(visible, preferred), getenv); found != "" {
		return filepath.Abs(found)
	}
	return "", fault.New(fault.Browser, "no browser found: Chrome, Chromium, Edge and Brave all work", installHint,
		"or name one: o365aws_browser_path in the profile, or O365AWS_BROWSER_PATH")
}

// candidates returns browsers in order of preference. preferred lists those that can
// prove that the device is managed, which a headless shell cannot.
func candidates(visible bool, preferred []string) []string {
	if visible {
		return slices.Concat(preferred, fullBrowsers)
	}
	return slices.Concat(preferred, headlessShells, fullBrowsers)
}
