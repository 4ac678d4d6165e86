package house

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// named is a path of this repository in a document, between backticks.
	named = regexp.MustCompile("`((?:cmd|internal|scripts|docs|tools)/[A-Za-z0-9_./-]+)`")
	// linked is a link to a file beside the document.
	linked = regexp.MustCompile(`\]\(([^):]+?)(?:#[^)]*)?\)`)
	// drawn is a picture beside the document.
	drawn = regexp.MustCompile(`(?:src|srcset)="([^":]+)"`)
)

// Every file that a document names is there.
func TestDocumentsNameRealFiles(t *testing.T) {
	documents, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	documents = append(documents, "../../README.md", "../../CONTRIBUTING.md", "../../SECURITY.md")
	checked, seen := 0, map[string]bool{}
	for _, document := range documents {
		data, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range named.FindAllStringSubmatch(string(data), -1) {
			checked++
			exists(t, document, match[1], filepath.Join("../..", match[1]))
		}
		for _, match := range drawn.FindAllStringSubmatch(string(data), -1) {
			seen[filepath.Base(match[1])] = true
			exists(t, document, match[1], filepath.Join(filepath.Dir(document), match[1]))
		}
		for _, match := range linked.FindAllStringSubmatch(string(data), -1) {
			checked++
			exists(t, document, match[1], filepath.Join(filepath.Dir(document), match[1]))
		}
	}
	if checked < 40 {
		t.Errorf("only %d names found", checked)
	}
	pictures, err := filepath.Glob("../../docs/images/*")
	if err != nil || len(pictures) == 0 {
		t.Fatalf("no pictures, %v", err)
	}
	for _, picture := range pictures {
		if !seen[filepath.Base(picture)] {
			t.Errorf("no document shows %s", picture)
		}
	}
}

func exists(t *testing.T, document, name, path string) {
	t.Helper()
	if _, err := os.Stat(strings.TrimSuffix(path, "/")); err != nil {
		t.Errorf("%s names %s, which is not there", filepath.Base(document), name)
	}
}
