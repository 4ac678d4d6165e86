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

// named is a command of ours in a sentence: its words, then its flags. %s
// and the like stand for values.
var named = regexp.MustCompile(`(run |try )?o365aws ((?:[a-z-]+ ?)+)((?:--?[a-z-]+(?:[ =][^-\s]\S*)?,? ?)*)`)

// Hints and messages name commands and flags that exist. Of a sentence that
// goes on after the command ("run o365aws login in a terminal"), as many
// words count as make a command.
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
					flags = "" // of a sentence that went on
				}
				if words == "" && found[1] != "" && !strings.HasPrefix(found[2], "as ") &&
					!strings.HasPrefix(found[2], "again") {
					t.Errorf("%s says to run %q, which is no command", path, found[0])
				}
				if line := strings.TrimSpace("o365aws " + words + " " + flags); exists(line) != nil {
					t.Errorf("%s says %q: %v", path, line, exists(line))
				}
			}
			return true
		})
		return nil
	})
	if err != nil || seen < 30 {
		t.Errorf("%d commands found, %v", seen, err)
	}
}

// commandWords are the words of a sentence that are a command.
func commandWords(sentence string) string {
	commands := (&session{}).app().Commands
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
