package browser

import (
	"slices"
	"strings"
	"testing"
)

// The settings of a system determine which browsers can prove that the device is managed.
// Each missing setting is named.
func TestAssess(t *testing.T) {
	const (
		chrome  = `SOFTWARE\Policies\Google\Chrome CloudAPAuthEnabled`
		edge    = `SOFTWARE\Policies\Microsoft\Edge BrowserSignin`
		joined  = joinInfo + " "
		prefs   = macPolicies + " "
		sso     = macPolicies + "com.apple.extensiblesso.plist "
		userSSO = macPolicies + "${USER}/com.apple.extensiblesso.plist "
		blocked = macPolicies + "com.google.Chrome.plist ExtensibleEnterpriseSSOBlocklist"
		portal  = companyPortal + " "
	)
	type settings map[string]string
	for name, c := range map[string]struct {
		goos    string
		have    settings
		managed bool
		can     string
		missing []string
	}{
		"Linux":                {"linux", settings{joined: "", prefs: ""}, false, "", nil},
		"Windows, not joined":  {"windows", settings{`HKLM\` + chrome: "1"}, false, "", nil},
		"Windows, no policy":   {"windows", settings{joined: ""}, true, "Edge", []string{"CloudAPAuthEnabled"}},
		"Windows, policy":      {"windows", settings{joined: "", `HKLM\` + chrome: "1"}, true, "Chrome Edge", nil},
		"Windows, user policy": {"windows", settings{joined: "", `HKCU\` + chrome: "1"}, true, "Chrome Edge", nil},
		"Windows, overridden": {
			"windows",
			settings{joined: "", `HKLM\` + chrome: "0", `HKCU\` + chrome: "1"},
			true, "Edge",
			[]string{"CloudAPAuthEnabled"},
		},
		"Windows, Edge off": {
			"windows",
			settings{joined: "", `HKLM\` + chrome: "1", `HKLM\` + edge: "0"},
			true, "Chrome",
			[]string{"BrowserSignin"},
		},
		"Windows, both off": {
			"windows",
			settings{joined: "", `HKCU\` + edge: "0"},
			true, "",
			[]string{"CloudAPAuthEnabled", "BrowserSignin"},
		},
		"macOS, not managed": {"darwin", settings{sso: "", portal: ""}, false, "", nil},
		"macOS":              {"darwin", settings{prefs: "", sso: "", portal: ""}, true, "Chrome Edge", nil},
		"macOS, of the user": {"darwin", settings{prefs: "", userSSO: "", portal: ""}, true, "Chrome Edge", nil},
		"macOS, no extension": {
			"darwin", settings{prefs: "", portal: ""}, true, "Chrome Edge", []string{"com.apple.extensiblesso"},
		},
		"macOS, no portal": {
			"darwin", settings{prefs: "", sso: ""}, true, "Chrome Edge", []string{"Company Portal"},
		},
		"macOS, blocked": {
			"darwin",
			settings{prefs: "", sso: "", portal: "", blocked: `["microsoft"]`},
			true, "Edge",
			[]string{"ExtensibleEnterpriseSSOBlocklist"},
		},
		"macOS, all blocked": {
			"darwin",
			settings{prefs: "", sso: "", portal: "", blocked: `["all"]`},
			true, "Edge",
			[]string{"ExtensibleEnterpriseSSOBlocklist"},
		},
		"macOS, others blocked": {
			"darwin", settings{prefs: "", sso: "", portal: "", blocked: `["okta"]`}, true, "Chrome Edge", nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			proof := assess(c.goos, func(place, name string) (string, bool) {
				value, found := c.have[place+" "+name]
				return value, found
			})
			var can []string
			if proof.chrome {
				can = append(can, "Chrome")
			}
			if proof.edge {
				can = append(can, "Edge")
			}
			if got := strings.Join(can, " "); proof.Managed != c.managed || got != c.can {
				t.Errorf("got %t, %q; want %t, %q", proof.Managed, got, c.managed, c.can)
			}
			if !slices.EqualFunc(proof.Missing, c.missing, strings.Contains) {
				t.Errorf("got %q, want %q", proof.Missing, c.missing)
			}
		})
	}
}
