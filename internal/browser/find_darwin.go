package browser

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"time"
)

// plutilLimit is the time limit for reading a setting of a browser.
const plutilLimit = 5 * time.Second

const installHint = "install one, e.g. brew install --cask google-chrome"

var headlessShells = []string{"chrome-headless-shell"}

var (
	chromes = inApplications("Google Chrome")
	edges   = inApplications("Microsoft Edge")

	fullBrowsers = slices.Concat(
		chromes, inApplications("Chromium"), edges, inApplications("Brave Browser"),
		[]string{"chromium", "google-chrome"},
	)
)

// inApplications returns the paths where a browser may be installed.
func inApplications(name string) []string {
	program := "/Applications/" + name + ".app/Contents/MacOS/" + name
	return []string{program, "${HOME}" + program}
}

// settings reads managed preferences.
func settings(getenv func(string) string) reader {
	return func(place, name string) (string, bool) {
		place = os.Expand(place, getenv)
		info, err := os.Stat(place)
		if err != nil {
			return "", false
		}
		if name != "" {
			ctx, cancel := context.WithTimeout(context.Background(), plutilLimit)
			defer cancel()
			cmd := exec.CommandContext(ctx, "/usr/bin/plutil", "-extract", name, "json", "-o", "-", place)
			cmd.Env = Scrub(os.Environ())
			out, err := cmd.Output()
			return string(out), err == nil
		}
		if !info.IsDir() {
			return "", true
		}
		entries, err := os.ReadDir(place)
		return "", err == nil && len(entries) > 0
	}
}

// HasDisplay reports whether the user can see a window.
func HasDisplay(getenv func(string) string) bool { return getenv("SSH_CONNECTION") == "" }
