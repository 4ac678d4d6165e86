package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// Every o365aws command line in a document has existing commands and flags, and no
// unexpected arguments.
func TestDocumentsShowCommandsThatExist(t *testing.T) {
	var paths []string
	for _, pattern := range []string{"../../docs/*.md", "../../docs/dev/*.md", "../../*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	seen := 0
	for _, path := range paths {
		if filepath.Base(path) == "acceptance.md" {
			continue // the output of a run, which names o365aws in sentences
		}
		data, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range commandLines(string(data)) {
			seen++
			if err := exists(line); err != nil {
				t.Errorf("%s: %q: %v", filepath.Base(path), line, err)
			}
		}
	}
	if seen < 5 {
		t.Errorf("got %d command lines, want more: is the parser of documents broken?", seen)
	}
}

// exists detects each kind of mistake in a command line.
func TestInvalidCommandLinesAreDetected(t *testing.T) {
	text := "Run `o365aws login -p dev`.\n\n```sh\n$ eval \"$(o365aws login --frce)\" && AWS_PROFILE=x o365aws version --json | jq .\no365aws: error: no\n```\n" +
		"`credential_process = /usr/bin/o365aws login --role=a --no-input`, o365aws login in prose, ~/.aws/o365aws/cache\n"
	want := []string{
		"o365aws login --frce", "o365aws version --json", "o365aws login -p dev", "o365aws login --role=a --no-input",
	}
	if got := commandLines(text); !slices.Equal(got, want) {
		t.Errorf("found %q", got)
	}
	for line, fine := range map[string]bool{
		"o365aws login -p dev --role 'a b' --duration=1h": true, "o365aws": true, "o365aws --help": true, "o365aws login --help": true,
		"o365aws login --frce": false, "o365aws logn": false, "o365aws login dev": false, "o365aws --profile dev login": true, "o365aws login --role": false,
	} {
		if err := exists(line); (err == nil) != fine {
			t.Errorf("%s: %v", line, err)
		}
	}
}

var (
	fenced = regexp.MustCompile("(?ms)^[ >]*```[^\n]*\n(.*?)^[ >]*```")
	inline = regexp.MustCompile("`([^`\n]+)`")
	// ours matches an o365aws command line up to the end of the shell command. The name
	// may be preceded by a path but not be part of one.
	ours = regexp.MustCompile(
		`(?:^|[\s"'=(/])(o365aws(?:\.exe)?(?: (?:[^\n|;&<>#()"'` + "`" + `]|"[^"\n]*"|'[^'\n]*')*)?)(?:$|[\n|;&<>#()"'` + "`" + `])`,
	)
)

// commandLines returns the o365aws command lines in a document's code.
func commandLines(markdown string) []string {
	var code []string
	for _, block := range fenced.FindAllStringSubmatch(markdown, -1) {
		code = append(code, strings.ReplaceAll(block[1], "\\\n", " "))
	}
	for _, span := range inline.FindAllStringSubmatch(fenced.ReplaceAllString(markdown, ""), -1) {
		code = append(code, span[1])
	}
	var lines []string
	for _, text := range code {
		for line := range strings.Lines(text) {
			if strings.HasPrefix(strings.TrimSpace(line), "#") {
				continue // prose in a comment
			}
			for _, found := range ours.FindAllStringSubmatch(strings.TrimRight(line, "\n"), -1) {
				lines = append(lines, strings.TrimSpace(found[1]))
			}
		}
	}
	return lines
}

// word matches a word of a shell command line, as far as documents need it.
var word = regexp.MustCompile(`(?:[^\s"']|"[^"]*"|'[^']*')+`)

// exists checks a command line against the commands and flags of the program.
func exists(line string) error {
	words := word.FindAllString(line, -1)[1:]
	app := (&invocation{}).app()
	commands, flags, arguments, name := app.Commands, app.Flags, "", ""
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch {
		case w == "…" || w == "...":
			return nil
		case w == "--":
			if arguments == "" {
				return fmt.Errorf("%q accepts nothing after --", name)
			}
			return nil
		case strings.HasPrefix(w, "-"):
			flagName, _, hasValue := strings.Cut(strings.TrimLeft(w, "-"), "=")
			takes, ok := takesValue(flags, flagName)
			if !ok {
				return fmt.Errorf("no flag %s", w)
			}
			if takes && !hasValue {
				if i++; i >= len(words) {
					return fmt.Errorf("%s has no value", w)
				}
			}
		case arguments != "" && len(commands) == 0:
			// An argument, where arguments are allowed.
		default:
			at := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.HasName(w) })
			if at < 0 {
				return fmt.Errorf("no command %q", strings.TrimSpace(name+" "+w))
			}
			name = strings.TrimSpace(name + " " + w)
			commands, flags, arguments = commands[at].Subcommands, commands[at].Flags, commands[at].ArgsUsage
		}
	}
	return nil
}

func takesValue(flags []cli.Flag, name string) (takes, ok bool) {
	if name == "help" || name == "h" {
		return false, true
	}
	for _, f := range flags {
		if slices.Contains(f.Names(), name) {
			doc, ok := f.(cli.DocGenerationFlag)
			return ok && doc.TakesValue(), true
		}
	}
	return false, false
}
