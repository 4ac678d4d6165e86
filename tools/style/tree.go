package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
)

// examineTree examines every file in the checkout that contains prose.
func examineTree(root string) ([]finding, error) {
	var findings []finding
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, relative := entry.Name(), ""
		if relative, err = filepath.Rel(root, path); err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		if entry.IsDir() {
			if name == ".git" || name == "dist" || name == "images" || name == "bin" || relative == "tools/style" {
				return filepath.SkipDir
			}
			return nil
		}
		found, err := examineFile(path, relative)
		findings = append(findings, found...)
		return err
	})
	return findings, err
}

var (
	fence     = regexp.MustCompile("(?ms)^[ >]*```.*?^[ >]*```")
	codeSpan  = regexp.MustCompile("`[^`\n]+`")
	quotation = regexp.MustCompile(`"[^"\n]+"`)
	hash      = regexp.MustCompile(`(?m)^\s*#.*$`)
)

func examineFile(path, relative string) ([]finding, error) {
	switch filepath.Ext(path) {
	case ".go", ".md", ".sh", ".py", ".txtar", ".yml", ".yaml", ".json":
	default:
		if filepath.Base(path) != "Makefile" {
			return nil, nil
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	text := string(data)
	switch filepath.Ext(path) {
	case ".go":
		return examineGo(path, relative)
	case ".md":
		text = blank(fence, text)
		return search(relative, "documents", blank(codeSpan, text), 1), nil
	case ".json":
		if filepath.Dir(relative) != "docs" {
			return nil, nil
		}
		return search(relative, "documents", text, 1), nil
	}
	// Everything outside comments is code.
	var findings []finding
	for _, at := range hash.FindAllStringIndex(text, -1) {
		line := 1 + strings.Count(text[:at[0]], "\n")
		findings = append(findings, search(relative, "comments", prose(text[at[0]:at[1]]), line)...)
	}
	return findings, nil
}

// examineGo examines comments, strings and declared names in a Go file. Strings in tests
// are data and skipped.
func examineGo(path, relative string) ([]finding, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	line := func(n ast.Node) int { return set.Position(n.Pos()).Line }
	var findings []finding
	for _, group := range file.Comments {
		for _, comment := range group.List {
			findings = append(findings, search(relative, "comments", prose(comment.Text), line(comment))...)
		}
	}
	declared := declarations(file)
	isTest := strings.HasSuffix(path, "_test.go")
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit:
			if n.Kind == token.STRING && !isTest {
				findings = append(findings, search(relative, "output strings", n.Value, line(n))...)
			}
		case *ast.Ident:
			if declared[n] {
				findings = append(findings, searchName(relative, n.Name, line(n))...)
			}
		case *ast.FuncDecl:
			if text := n.Doc.Text(); !isTest && notGodoc.MatchString(text) {
				first, _, _ := strings.Cut(text, "\n")
				findings = append(findings, finding{
					relative, line(n), "function comments", first, `"` + n.Name.Name + ` returns …", "` + n.Name.Name + ` reports whether …"`,
				})
			}
		}
		return true
	})
	return findings, nil
}

// declarations returns the identifiers that a file declares.
func declarations(file *ast.File) map[*ast.Ident]bool {
	found := map[*ast.Ident]bool{}
	add := func(ids ...*ast.Ident) {
		for _, id := range ids {
			found[id] = true
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			add(n.Name)
		case *ast.TypeSpec:
			add(n.Name)
		case *ast.ValueSpec:
			add(n.Names...)
		case *ast.Field:
			add(n.Names...)
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				if id, ok := left.(*ast.Ident); ok && n.Tok == token.DEFINE {
					add(id)
				}
			}
		}
		return true
	})
	return found
}

// search returns the phrases found in text, which begins at line.
func search(path, class, text string, line int) []finding {
	var findings []finding
	for _, p := range phrases {
		for _, at := range p.pattern.FindAllStringIndex(text, -1) {
			findings = append(findings, finding{
				path, line + strings.Count(text[:at[0]], "\n"), class, text[at[0]:at[1]], p.instead,
			})
		}
	}
	return findings
}

// searchName returns the words in an identifier that should be replaced.
func searchName(path, name string, line int) []finding {
	var findings []finding
	for _, word := range splitName(name) {
		if instead := names[word]; instead != "" {
			findings = append(findings, finding{path, line, "identifiers", word, instead})
		}
	}
	return findings
}

// splitName returns the words in an identifier in lower case.
func splitName(name string) []string {
	var words []string
	start := 0
	for i, r := range name {
		if i > start && (unicode.IsUpper(r) || r == '_') {
			words = append(words, strings.ToLower(strings.Trim(name[start:i], "_")))
			start = i
		}
	}
	return append(words, strings.ToLower(strings.Trim(name[start:], "_")))
}

// prose blanks quotations in a comment: code and messages.
func prose(text string) string { return blank(quotation, blank(codeSpan, text)) }

// blank replaces matches with the line breaks in them.
func blank(pattern *regexp.Regexp, text string) string {
	return pattern.ReplaceAllStringFunc(text, func(match string) string {
		return strings.Repeat("\n", strings.Count(match, "\n"))
	})
}
