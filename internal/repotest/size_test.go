package repotest

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sizes limits the lines of files and functions. Tables make tests longer than the code
// under test.
type sizes struct{ file, function int }

var (
	codeSizes = sizes{file: 400, function: 80}
	testSizes = sizes{file: 500, function: 150}
)

// Files and functions do not exceed the limits.
func TestSizes(t *testing.T) {
	files := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		files++
		measure(t, path)
		return nil
	})
	if err != nil || files < 50 {
		t.Fatalf("%d files, %v", files, err)
	}
}

func measure(t *testing.T, path string) {
	t.Helper()
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	limit := codeSizes
	if strings.HasSuffix(path, "_test.go") {
		limit = testSizes
	}
	if lines := bytes.Count(source, []byte("\n")); lines > limit.file {
		t.Errorf("%s has %d lines, want at most %d", path, lines, limit.file)
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, source, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, declaration := range file.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if lines := set.Position(function.End()).Line - set.Position(function.Pos()).Line + 1; lines > limit.function {
			t.Errorf("%s: %s has %d lines, want at most %d", path, function.Name.Name, lines, limit.function)
		}
	}
}
