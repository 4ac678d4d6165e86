package browser

import (
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/subprocess"
)

// withheld lists variables that are not passed to a browser, in addition to those of
// subprocess.Private: AWS secrets, and library paths that packaged programs leak to child
// processes.
var withheld = []string{
	"LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES",
	"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
}

// Scrub returns environ without the variables that must not reach the browser.
func Scrub(environ []string) []string {
	private := slices.Concat(withheld, subprocess.Private)
	return slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.ContainsFunc(private, func(p string) bool { return strings.EqualFold(p, name) })
	})
}
