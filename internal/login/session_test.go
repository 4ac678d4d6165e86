package login

import (
	"testing"

	"github.com/o365aws/o365aws/internal/awsconfig"
)

// Sessions are kept unless the profile says no, and "Stay signed in?" is
// answered with yes only when it says yes.
func TestRemember(t *testing.T) {
	const key = "azure_default_remember_me"
	for _, c := range []struct {
		ours, theirs string
		keeps, stays bool
	}{
		{"", "", true, false},
		{"", "true", true, true},
		{"", "false", false, false},
		{"session", "", true, true},
		{"session", "false", true, true},
		{"password", "", true, true},
		{"none", "", false, false},
		{"none", "true", false, false},
	} {
		p := awsconfig.Profile{Remember: c.ours, RememberMe: c.theirs == "true", Source: map[string]string{}}
		if c.theirs != "" {
			p.Source[key] = "the config file"
		}
		if got := remembers(p); got != c.keeps {
			t.Errorf("%+v: kept: %v", c, got)
		}
		if got := staysSignedIn(p); got != c.stays {
			t.Errorf("%+v: stays signed in: %v", c, got)
		}
	}
}
