package awsconfig

import (
	"strings"
	"testing"

	"gopkg.in/ini.v1"
)

// A written setting is read back unchanged.
func FuzzValue(f *testing.F) {
	for _, seed := range []string{
		"contoso.example", `CORP\jane`, `\\server`, `a\;b`, `"quoted"`, `'quoted'`, "# comment", "a ; b",
		"https://x/saml#2",
		"`", `"`, `"""`, `a\`, "=", "[x]", "é", `\"`, "%(x)s",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if value != strings.TrimSpace(value) || value == "" {
			return
		}
		data, err := EditSection(
			[]byte("[other]\nx = y\n"),
			"profile a",
			[]KV{{Key: "azure_default_username", Value: value}},
			nil,
		)
		if err != nil {
			return // a value that cannot be written, such as one with two lines
		}
		file, err := ini.LoadSources(readOptions, data)
		if err != nil {
			t.Fatalf("%v in %q", err, data)
		}
		if got := valueIn(file.Section("profile a"), "azure_default_username"); got != value {
			t.Errorf("wrote %q, read %q: %q", value, got, data)
		}
	})
}
