// Package browser drives a Chromium-family browser: it finds one, starts it
// with a profile of its own, and shows one tab as an entra.Page. It alone
// knows chromedp, and knows nothing of what the pages mean.
package browser

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/o365aws/o365aws/internal/fault"
)

// Find returns the browser to run: path if it is set, else the first that is
// found in the usual places of this system. For headless use a headless shell
// comes first, because it starts in half the time.
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
	names := fullBrowsers
	if !visible {
		names = append(append([]string{}, headlessShells...), fullBrowsers...)
	}
	for _, name := range names {
		if found, err := exec.LookPath(os.Expand(name, getenv)); err == nil {
			return filepath.Abs(found)
		}
	}
	return "", fault.New(fault.Browser, "no browser found: Chrome, Chromium, Edge and Brave all work", installHint,
		"or name one: o365aws_browser_path in the profile, or O365AWS_BROWSER_PATH")
}
