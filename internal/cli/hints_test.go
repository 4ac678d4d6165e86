package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// named matches an o365aws command in a sentence: its words, then its flags.
var named = regexp.MustCompile(`(run |try )?o365aws ((?:[a-z-]+ ?)+)((?:--?[a-z-]+(?:[ =][^-\s]\S*)?,? ?)*)`)

// Commands and flags named in hints and messages exist. In a sentence that continues
// after the command ("run o365aws login in a terminal"), the longest match is used.
func TestHintsNameCommandsThatExist(t *testing.T) {
	seen := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range named.FindAllStringSubmatch(text, -1) {
				words, flags := commandWords(found[2]), strings.TrimRight(strings.ReplaceAll(found[3], ",", ""), " .;:")
				if words == "" && flags == "" && found[1] == "" {
					continue // a sentence about the program
				}
				seen++
				if flags != "" && strings.TrimSpace(words) != strings.TrimSpace(found[2]) {
					flags = "" // they belong to the rest of the sentence
				}
				if words == "" && found[1] != "" && !strings.HasPrefix(found[2], "as ") &&
					!strings.HasPrefix(found[2], "again") {
					t.Errorf("%s: %q names no command", path, found[0])
				}
				if line := strings.TrimSpace("o365aws " + words + " " + flags); exists(line) != nil {
					t.Errorf("%s: %q: %v", path, line, exists(line))
				}
			}
			return true
		})
		return nil
	})
	if err != nil || seen < 30 {
		t.Errorf("got %d commands and error %v, want at least 30", seen, err)
	}
}

// commandWords returns the command at the start of a sentence.
func commandWords(sentence string) string {
	commands := (&invocation{}).app().Commands
	var words []string
next:
	for _, word := range strings.Fields(sentence) {
		for _, c := range commands {
			if c.HasName(word) {
				words, commands = append(words, word), c.Subcommands
				continue next
			}
		}
		break
	}
	return strings.Join(words, " ")
}
