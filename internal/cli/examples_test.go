package cli

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"gopkg.in/ini.v1"

	"github.com/o365aws/o365aws/internal/awsconfig"
)

// Every command line in examples/ has existing commands and flags.
func TestExamplesUseCommandsThatExist(t *testing.T) {
	seen := 0
	err := filepath.WalkDir("../../examples", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, ".md") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(data)) {
			line = strings.TrimRight(line, "\n")
			for _, found := range ours.FindAllStringSubmatch(line, -1) {
				command := strings.TrimSuffix(strings.TrimSpace(found[1]), " 2") // from 2>/dev/null
				if !strings.Contains(command, " --") {
					continue // prose in a comment, or a file name
				}
				seen++
				if err := exists(command); err != nil {
					t.Errorf("%s: %q: %v", path, command, err)
				}
			}
		}
		return nil
	})
	if err != nil || seen < 4 {
		t.Errorf("got %d command lines, %v, want more", seen, err)
	}
}

// The profiles in examples/ load without an error.
func TestExampleProfilesLoad(t *testing.T) {
	for file, want := range map[string][]string{
		"config":         {"base", "reader", "admin"},
		"tenants-config": {"work", "customer"},
		"wsl-config":     {"admin"},
	} {
		env := func(name string) string {
			return map[string]string{"AWS_CONFIG_FILE": "../../examples/aws/" + file}[name]
		}
		paths := awsconfig.ResolvePaths(env, t.TempDir())
		names, err := awsconfig.ProfileNames(paths)
		if err != nil || !slices.Equal(names, want) {
			t.Fatalf("%s: got %q %v, want %q", file, names, err, want)
		}
		for _, name := range names {
			t.Run(file+"/"+name, func(t *testing.T) {
				p, err := awsconfig.Load(paths, env, name, nil)
				if err != nil {
					t.Fatal(err)
				}
				if p.TenantID == "" || p.Username == "" {
					t.Errorf("got tenant %q and user %q", p.TenantID, p.Username)
				}
			})
		}
	}
}

// Every file in examples/ of a format with a parser here parses; TOML is checked only as
// INI. Scripts run shell files and profiles; Java and C# files are not checked.
func TestExamplesParse(t *testing.T) {
	asINI := func(data []byte) error { _, err := ini.Load(data); return err }
	asYAML := func(data []byte) error { return yaml.Unmarshal(data, new(map[string]any)) }
	elsewhere := func([]byte) error { return nil }
	parsers := map[string]func([]byte) error{
		".json": func(data []byte) error { return json.Unmarshal(data, new(map[string]any)) },
		".yml":  asYAML, ".yaml": asYAML, ".toml": asINI, ".ini": asINI,
		".gitconfig": asINI, ".service": asINI, ".timer": asINI,
		".go": func(data []byte) error {
			_, err := parser.ParseFile(token.NewFileSet(), "", data, 0)
			return err
		},
		".sh": elsewhere, ".zsh": elsewhere, ".fish": elsewhere, ".py": elsewhere, ".mjs": elsewhere,
		".tf": elsewhere, ".md": elsewhere, "": elsewhere, ".java": elsewhere, ".cs": elsewhere,
	}
	err := filepath.WalkDir("../../examples", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		parse := parsers[filepath.Ext(path)]
		if parse == nil {
			t.Errorf("%s: no test for this kind of file", path)
		} else if err := parse(data); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
