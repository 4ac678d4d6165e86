package awsconfig

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
)

const mixed = "# mine\r\n[default]\r\naws_access_key_id = AKIAOLD\r\ns3 =\r\n  max_concurrent_requests = 2\r\n; note\r\n\r\n[other-tool]\r\nx_security_token_expires = 1\r\n"

var keys = []KV{{Key: "aws_access_key_id", Value: "ASIANEW"}, {Key: "aws_secret_access_key", Value: "a/b+c=="}}

// Only the named settings change; comments, nested blocks, line endings and other
// sections are preserved.
func TestEditPreservesOtherContent(t *testing.T) {
	for name, c := range map[string]struct{ in, section, want string }{
		"empty":            {"", "dev", "[dev]\naws_access_key_id = ASIANEW\naws_secret_access_key = a/b+c==\n"},
		"append":           {"[a]\nx = 1", "dev", "[a]\nx = 1\n\n[dev]\naws_access_key_id = ASIANEW\naws_secret_access_key = a/b+c==\n"},
		"append to lines":  {"[a]\nx = 1\n", "dev", "[a]\nx = 1\n\n[dev]\naws_access_key_id = ASIANEW\naws_secret_access_key = a/b+c==\n"},
		"append to blank":  {"[a]\nx = 1\n\n", "dev", "[a]\nx = 1\n\n[dev]\naws_access_key_id = ASIANEW\naws_secret_access_key = a/b+c==\n"},
		"nested of an old": {"[dev]\naws_access_key_id =\n  x = 1\n[b]\n", "dev", "[dev]\naws_access_key_id = ASIANEW\naws_secret_access_key = a/b+c==\n[b]\n"},
		"header of a note": {"[dev] # note\n", "dev", "[dev] # note\naws_access_key_id = ASIANEW\naws_secret_access_key = a/b+c==\n"},
		"header and a tab": {"[dev]\t; note \n", "dev", "[dev]\t; note \naws_access_key_id = ASIANEW\naws_secret_access_key = a/b+c==\n"},
		"in place":         {mixed, "default", strings.Replace(strings.Replace(mixed, "AKIAOLD", "ASIANEW", 1), "requests = 2\r\n", "requests = 2\r\naws_secret_access_key = a/b+c==\r\n", 1)},
		"empty section":    {"[dev]\n# c\n[b]\n", "dev", "[dev]\naws_access_key_id = ASIANEW\naws_secret_access_key = a/b+c==\n# c\n[b]\n"},
		"same value":       {"[dev]\naws_access_key_id=ASIANEW\naws_secret_access_key=a/b+c==\n", "dev", "[dev]\naws_access_key_id=ASIANEW\naws_secret_access_key=a/b+c==\n"},
		"no final newline": {"[dev]\naws_access_key_id = X", "dev", "[dev]\naws_access_key_id = ASIANEW\naws_secret_access_key = a/b+c==\n"},
		"header at end":    {"[dev]", "dev", "[dev]\naws_access_key_id = ASIANEW\naws_secret_access_key = a/b+c==\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := EditSection([]byte(c.in), c.section, keys, nil)
			if err != nil || string(got) != c.want {
				t.Errorf("%s: got %q, %v\nwant %q", name, got, err, c.want)
			}
		})
	}
}

// A setting is removed with its nested lines, and nothing else.
func TestUnset(t *testing.T) {
	const in = "[a]\nk = 1\n[dev]\nk = 1\n  n = 2\nregion = r\n  m = 3\n# c\nl = 4\n[b]\nk = 1\n"
	for unset, want := range map[string]string{
		"k": "[a]\nk = 1\n[dev]\nregion = r\n  m = 3\n# c\nl = 4\n[b]\nk = 1\n", "l k": "[a]\nk = 1\n[dev]\nregion = r\n  m = 3\n# c\n[b]\nk = 1\n", "x": in, "": in,
	} {
		t.Run(unset, func(t *testing.T) {
			got, err := EditSection([]byte(in), "dev", nil, strings.Fields(unset))
			if err != nil || string(got) != want {
				t.Errorf("%s: got %q, %v\nwant %q", unset, got, err, want)
			}
		})
	}
}

// Only commands that ini.v1 and the AWS SDK read unchanged are written.
func TestEditWritesCommands(t *testing.T) {
	for command, good := range map[string]bool{
		"o365aws credential-process":                                  true,
		`"/opt/my programs/o365aws" credential-process --profile dev`: true,
		`C:\Tools\o365aws.exe credential-process --profile dev`:       true,
		`"/opt/my programs/o365aws"`:                                  false,
		`"/opt/my programs/o365aws" --profile "dev"`:                  false,
		`"/opt/#1 programs/o365aws" credential-process`:               false,
		`C:\Tools\`: false, `sh -c 'x'`: false, `"a" b;c`: false, `"a\b" c`: false,
	} {
		t.Run(command, func(t *testing.T) {
			set := []KV{{Key: "credential_process", Value: command}}
			data, err := EditSection(nil, "profile dev", set, nil)
			if (err == nil) != good {
				t.Errorf("%s: %v", command, err)
			}
			if err != nil {
				return
			}
			if err := readsBack(data, "profile dev", set); err != nil {
				t.Errorf("%s: %v", command, err)
			}
			file := filepath.Join(t.TempDir(), "config")
			if err := os.WriteFile(file, data, 0o600); err != nil {
				t.Fatal(err)
			}
			read, err := config.LoadSharedConfigProfile(t.Context(), "dev", func(o *config.LoadSharedConfigOptions) {
				o.ConfigFiles, o.CredentialsFiles = []string{file}, []string{}
			})
			if err != nil || read.CredentialProcess != command {
				t.Errorf("the SDK reads %q, %v from %s", read.CredentialProcess, err, data)
			}
		})
	}
	if _, err := EditSection(nil, "profile dev", []KV{{Key: "region", Value: `"a" b`}}, nil); err == nil {
		t.Error("quotes are accepted in a value that is not a command")
	}
}

// A file that AWS tools reject causes an error with the line number, and so do names and
// values that they read differently.
func TestEditRefuses(t *testing.T) {
	for in, line := range map[string]int{
		"\xef\xbb\xbf[a]\n":          1,
		"[a]\nx = 1\nnonsense\n":     3,
		"[a]\n[b]\n[a]\n":            3,
		"[a]\nx = 1\ny = 2\nx = 3\n": 4,
		"x = 1\n[a]\n":               1,
		"[a]\nx =\n  y\n":            3,
		"[a]\nx = \xff\n":            2,
		"[a]\nx = 1\n  [b]\n":        3,
		"[profile x]\n  [dev]\n":     2,
		"[a]\nx = `y\n":              2,
		"[a]\nx = \"\"\"y\n":         2,
		"[a]\n\"x = y\n":             2,
		"[a]\n`x = y\n":              2,
		"[a]\nx =\n  \"y\n":          3,
		"[a]\nx =\n  y = `z\n":       3,
		"[a]\nx = \"\n":              2,
		"[a]\nx = ' # y\n":           2,
		"[a]=\"\n":                   1,
		"[ dev ]\n":                  1,
		"[dev] note\n":               1,
		"[dev]# note\n":              1,
		"[a]\n[dev] # note]\n":       2,
	} {
		t.Run(in, func(t *testing.T) {
			_, err := EditSection([]byte(in), "dev", keys, nil)
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Line != line {
				t.Errorf("%q: %v, want line %d", in, err, line)
			}
		})
	}
	for _, name := range []string{"", "a  b", " a", "DEFAULT", "a]", "a\nb", "a#b", "a;b", `"a"`, "a\x1b"} {
		if _, err := EditSection(nil, name, keys, nil); err == nil {
			t.Errorf("section %q accepted", name)
		}
	}
	for _, value := range []string{"", " x", "a\nb", "a\rb", "a #b", "a;b", `a"b`, "a'b", "a\\", "a\x00", "a\u0085b", "a\u2028b"} {
		if _, err := EditSection(nil, "dev", []KV{{Key: "k", Value: value}}, nil); err == nil {
			t.Errorf("value %q accepted", value)
		}
	}
	for _, key := range []string{"", "K", "a b", "a.b", "a\nb"} {
		if _, err := EditSection(nil, "dev", []KV{{Key: key, Value: "v"}}, nil); err == nil {
			t.Errorf("setting %q accepted", key)
		}
	}
	for r := rune(0); r < 0x2100; r++ {
		control := r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 ||
			strings.ContainsRune("#;\"'`\\]", r)
		_, err := EditSection(nil, "dev", []KV{{Key: "k", Value: "a" + string(r) + "b"}}, nil)
		if (err == nil) == control {
			t.Errorf("%U in a value: %v", r, err)
		}
	}
}

// others returns the file without the lines of a section and without trailing white
// space.
func others(data []byte, section string) string {
	lines := Lines(data)
	start, end := find(lines, section)
	var out bytes.Buffer
	if start < 0 {
		start, end = len(lines), len(lines)
	}
	writeAll(&out, lines[:start])
	writeAll(&out, lines[end:])
	return strings.TrimRight(out.String(), "\r\n")
}
