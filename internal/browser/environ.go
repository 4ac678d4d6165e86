package browser

import "strings"

// withheld are variables that a browser must not see: our secrets, AWS's, and
// library paths that packaged programs leak to their children.
var withheld = []string{
	"LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES",
	"O365AWS_PASSWORD", "O365AWS_TOTP_SECRET", "O365AWS_STORE_PASSPHRASE",
	"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
}

// Scrub returns environ without what the browser must not see.
func Scrub(environ []string) []string {
	var rest []string
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if !isWithheld(name) {
			rest = append(rest, entry)
		}
	}
	return rest
}

func isWithheld(name string) bool {
	for _, w := range withheld {
		if strings.EqualFold(name, w) {
			return true
		}
	}
	return false
}
