package configure

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/fault"
)

// Every parser finds the program: by its path if that needs no quotes, by its name if it
// is in PATH, or by a quoted path if quotes are safe.
func TestProcessCommand(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Unix paths")
	}
	folder := t.TempDir()
	install := func(name string) string {
		t.Helper()
		path := filepath.Join(folder, name, "o365aws")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o700); err != nil { // a program
			t.Fatal(err)
		}
		return path
	}
	plainPath, spaced, odd := install("bin"), install("my programs"), install("who's $HOME")
	for _, c := range []struct{ executable, goos, path, profile, want string }{
		{plainPath, "linux", "", "dev", plainPath + " credential-process --profile dev"},
		{plainPath, "linux", "", "default", plainPath + " credential-process"},
		{plainPath, "darwin", filepath.Dir(plainPath), "a/b@c", plainPath + " credential-process --profile a/b@c"},
		{spaced, "darwin", filepath.Dir(spaced), "dev", "o365aws credential-process --profile dev"},
		{spaced, "darwin", "", "dev", `"` + spaced + `" credential-process --profile dev`},
		{spaced, "linux", filepath.Dir(plainPath), "dev", `"` + spaced + `" credential-process --profile dev`}, // another one is in PATH
		{odd, "linux", filepath.Dir(odd), "dev", "o365aws credential-process --profile dev"},
		{odd, "linux", "", "dev", ""},
		{plainPath, "linux", "", "two words", plainPath + " credential-process --profile 'two words'"},
		{plainPath, "linux", "", "a&é", plainPath + " credential-process --profile 'a&é'"},
		{plainPath, "linux", "", "it's", ""},
		{plainPath, "windows", filepath.Dir(plainPath), "two words", ""},
		{plainPath, "windows", filepath.Dir(plainPath), "dev", "o365aws credential-process --profile dev"},
		{`C:\Tools\o365aws.exe`, "windows", "", "dev", `C:\Tools\o365aws.exe credential-process --profile dev`},
		{`C:\Program Files\o365aws\o365aws.exe`, "windows", "", "dev", ""},
		{`C:\a&b\o365aws.exe`, "windows", "", "dev", ""},
		{`\\server\share\o365aws.exe`, "windows", "", "dev", ""},
	} {
		t.Setenv("PATH", c.path)
		got, err := ProcessCommand(c.executable, c.goos)(c.profile)
		if got != c.want || (c.want == "") != (fault.KindOf(err) == fault.Config) {
			t.Errorf("%+v: %q, %v", c, got, err)
		}
		if got == "" {
			continue
		}
		s := settings
		s.ProcessCommand = ProcessCommand(c.executable, c.goos)
		p, err := s.Base(c.profile)
		if err != nil {
			t.Fatal(err)
		}
		file, err := Plan{Profiles: []Profile{p}}.Apply(nil)
		if err != nil || !strings.Contains(string(file), "\ncredential_process = "+c.want+"\n") {
			t.Errorf("%+v is not written: %v\n%s", c, err, file)
		}
	}
}
