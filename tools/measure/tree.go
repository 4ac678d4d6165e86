package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// class is the part of the repository that a file belongs to.
type class int

const (
	releasedCode class = iota // reached by cmd/o365aws
	tooling                   // emulators, demo, benchmarks, tools
	test
	classes
)

// widest is the maximum line length, with tabs of tabWidth columns.
const (
	widest   = 120
	tabWidth = 4
)

// file holds the figures of one Go file.
type file struct {
	dir       string // relative to the root, with slashes
	class     class
	lines     int
	wide      int
	functions []int // lines of each function
	ast       *ast.File
}

// releasedPackages returns the folders of this module that cmd/o365aws imports, directly
// or indirectly, on any supported system, and the module path.
func releasedPackages(root string) (map[string]bool, string, error) {
	module, err := goList(root, "linux", "-m")
	if err != nil {
		return nil, "", err
	}
	released := map[string]bool{}
	for _, system := range []string{"linux", "darwin", "windows"} {
		paths, err := goList(root, system, "-deps", "./cmd/o365aws")
		if err != nil {
			return nil, "", err
		}
		for _, path := range paths {
			if dir, found := strings.CutPrefix(path, module[0]+"/"); found {
				released[dir] = true
			}
		}
	}
	return released, module[0], nil
}

func goList(root, system string, args ...string) ([]string, error) {
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
	out, err := cmd.Output()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		return nil, fmt.Errorf("go list: %w\n%s", err, exit.Stderr)
	}
	return strings.Fields(string(out)), err
}

// readTree reads every Go file below the root.
func readTree(root string, released map[string]bool) ([]file, error) {
	var files []file
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		f, err := readFile(path)
		if err != nil {
			return err
		}
		f.dir = filepath.ToSlash(filepath.Dir(relative))
		switch {
		case strings.HasSuffix(path, "_test.go"):
			f.class = test
		case released[f.dir]:
			f.class = releasedCode
		default:
			f.class = tooling
		}
		files = append(files, f)
		return nil
	})
	return files, err
}

func readFile(path string) (file, error) {
	source, err := os.ReadFile(path)
	if err != nil {
		return file{}, err
	}
	f := file{lines: bytes.Count(source, []byte("\n"))}
	for line := range bytes.Lines(source) {
		line = bytes.TrimRight(line, "\n")
		if utf8.RuneCount(line)+bytes.Count(line, []byte("\t"))*(tabWidth-1) > widest {
			f.wide++
		}
	}
	set := token.NewFileSet()
	f.ast, err = parser.ParseFile(set, path, source, parser.SkipObjectResolution)
	if err != nil {
		return file{}, err
	}
	for _, declaration := range f.ast.Decls {
		if function, ok := declaration.(*ast.FuncDecl); ok {
			f.functions = append(f.functions, set.Position(function.End()).Line-set.Position(function.Pos()).Line+1)
		}
	}
	return f, nil
}

// directDependencies counts the modules that go.mod requires without the comment "//
// indirect".
func directDependencies(path string) (int, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	count, inBlock := 0, false
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "require (":
			inBlock = true
		case line == ")":
			inBlock = false
		case (inBlock || strings.HasPrefix(line, "require ")) && line != "" && !strings.HasSuffix(line, "// indirect"):
			count++
		}
	}
	return count, nil
}

// binarySize builds the program as in a release and returns its size.
func binarySize(root string) (int64, error) {
	dir, err := os.MkdirTemp("", "measure")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "o365aws")
	cmd := exec.Command(
		"go", "build", "-trimpath", "-tags", "urfave_cli_no_docs", "-ldflags", "-s -w", "-o", path, "./cmd/o365aws",
	)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("go build: %w\n%s", err, out)
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
