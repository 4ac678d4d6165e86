package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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
				command := strings.TrimSpace(found[1])
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
	file := map[string]string{"AWS_CONFIG_FILE": "../../examples/aws/config"}
	env := func(name string) string { return file[name] }
	paths := awsconfig.ResolvePaths(env, t.TempDir())
	names, err := awsconfig.ProfileNames(paths)
	if want := []string{"base", "reader", "admin"}; err != nil || !slices.Equal(names, want) {
		t.Fatalf("got %q %v, want %q", names, err, want)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			p, err := awsconfig.Load(paths, env, name, nil)
			if err != nil {
				t.Fatal(err)
			}
			if p.TenantID != "contoso.example" || p.Username != "ada@contoso.example" {
				t.Errorf("got tenant %q and user %q", p.TenantID, p.Username)
			}
		})
	}
}
