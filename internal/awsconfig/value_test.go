package awsconfig

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/testenv"
)

// Values are read as aws-azure-login reads them, except # and ; within a word.
func TestDecode(t *testing.T) {
	for text, want := range map[string]string{
		`https://signin.aws.amazon.com/saml\#2`: "https://signin.aws.amazon.com/saml#2",
		"https://signin.aws.amazon.com/saml#2":  "https://signin.aws.amazon.com/saml#2",
		`"contoso.example"`:                     "contoso.example",
		"'contoso.example'":                     "contoso.example",
		`"https://x.example/saml?a=b"`:          "https://x.example/saml?a=b",
		`"say \"hi\""`:                          `say "hi"`,
		"contoso.example ; note":                "contoso.example",
		"contoso.example\t# note":               "contoso.example",
		"# note":                                "",
		`a\;b\\c\d`:                             `a;b\c\d`,
		`C:\Tools\chrome.exe`:                   `C:\Tools\chrome.exe`,
		`"C:\Tools\chrome.exe"`:                 `C:\Tools\chrome.exe`,
		`"`:                                     `"`,
		`a\`:                                    `a\`,
		"":                                      "",
	} {
		t.Run(text, func(t *testing.T) {
			if got := decode(text); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// Values written by npm's ini package, which aws-azure-login uses, are read back
// unchanged, and that package reads the values that EditSection writes.
func TestValuesOfNpmIni(t *testing.T) {
	testenv.Needs(t, "node", "npm package ini")
	values := []string{
		"https://signin.aws.amazon.com/saml", "https://signin.aws.amazon.com/saml#2", "urn:a;b", "https://x.example/?a=b",
		"arn:aws:iam::111122223333:role/a+b,c.d@e-f_g", "12", "true", "a b", "[a", "é漢",
	}
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		cache = filepath.Join(os.Getenv("HOME"), ".cache")
	}
	node := func(script string, in any) []byte {
		t.Helper()
		data, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("node", "-e", `const ini = require("`+filepath.Join(cache, "o365aws-node", "node_modules", "ini")+
			`"), input = JSON.parse(require("fs").readFileSync(0)); process.stdout.write(`+script+`)`)
		cmd.Stdin, cmd.Stderr = strings.NewReader(string(data)), os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("node with the package ini: %v (scripts/ensure-node-sdk.sh installs them)", err)
		}
		return out
	}
	section := map[string]string{}
	var set []KV
	for i, value := range values {
		key := "azure_" + string(rune('a'+i))
		section[key] = value
		set = append(set, KV{key, value})
	}
	read := Sections(node("ini.stringify(input)", map[string]any{"profile x": section}))[0]
	for _, kv := range set {
		if got := read.Get(kv.Key); got != kv.Value {
			t.Errorf("of stringify: got %q, want %q", got, kv.Value)
		}
	}
	written, err := EditSection(nil, "profile x", set, nil)
	if err != nil {
		t.Fatal(err)
	}
	var parsed map[string]map[string]any
	if err := json.Unmarshal(node("JSON.stringify(ini.parse(input))", string(written)), &parsed); err != nil {
		t.Fatal(err)
	}
	for key, want := range section {
		if got := parsed["profile x"][key]; got != want && !(want == "true" && got == true) {
			t.Errorf("by parse: got %q, want %q", got, want)
		}
	}
}

// Values of files and of the environment are decoded, aliases are read, and a profile
// with a dot in its name inherits nothing.
func TestLoadDecodes(t *testing.T) {
	const file = `[profile written]
azure_tenant_id="contoso.example"
azure_app_id_uri=https://signin.aws.amazon.com/saml\#2
azure_default_duration_hours="1"
region = "us-east-1"
[profile fork]
azure_tenant_id = contoso.example ; note
azure_app_id = urn:fork
azure_duration_hours = 2
[profile written.child]
o365aws_browser = visible
[profile colon]
azure_tenant_id: contoso.example
`
	paths := pathsWith(t, "")
	if err := os.WriteFile(paths.Config, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	type values struct{ tenant, app, region, hours string }
	for _, c := range []struct {
		profile, env string
		want         values
	}{
		{"written", "", values{"contoso.example", "https://signin.aws.amazon.com/saml#2", `"us-east-1"`, "1h0m0s"}},
		{"written", `saml\#3`, values{"contoso.example", "saml#3", `"us-east-1"`, "1h0m0s"}},
		{"fork", "", values{"contoso.example", "urn:fork", "", "2h0m0s"}},
		{"written.child", "", values{}},
		{"colon", "", values{"contoso.example", "https://signin.aws.amazon.com/saml", "", "0s"}},
	} {
		t.Run(c.profile+c.env, func(t *testing.T) {
			env["AZURE_APP_ID_URI"] = c.env
			p, err := Load(paths, func(name string) string { return env[name] }, c.profile, nil)
			if c.want == (values{}) {
				if err == nil || !strings.Contains(err.Error(), "has no tenant") {
					t.Errorf("got %+v, %v, want an error", p, err)
				}
				return
			}
			if got := (values{p.TenantID, p.AppIDURI, p.Region, p.Duration.String()}); err != nil || got != c.want {
				t.Errorf("got %+v, %v, want %+v", got, err, c.want)
			}
		})
	}
}
