package repotest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// named matches a path of this repository in backticks.
	named = regexp.MustCompile("`((?:cmd|internal|scripts|docs|tools)/[A-Za-z0-9_./-]+)`")
	// linked matches a relative link, with an optional anchor.
	linked = regexp.MustCompile(`\]\(([^):#]*)(?:#([^)]*))?\)`)
	// heading matches a heading; dropped matches characters that its anchor omits.
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	dropped = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	// explicit matches an explicit anchor.
	explicit = regexp.MustCompile(`<a id="([^"]+)">`)
	fenced   = regexp.MustCompile("(?ms)^```.*?^```")
	// drawn matches the source of an image.
	drawn = regexp.MustCompile(`(?:src|srcset)="([^":]+)"`)
)

// Every file and anchor referenced by a document exists, and every image is used.
func TestDocumentsNameRealFiles(t *testing.T) {
	checked, seen := 0, map[string]bool{}
	for _, document := range documentPaths(t) {
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
			target := document
			if match[1] != "" {
				target = filepath.Join(filepath.Dir(document), match[1])
			}
			exists(t, document, match[1], target)
			if match[2] != "" && !anchors(t, target)[match[2]] {
				t.Errorf(
					"%s links to #%s, which is not an anchor of %s", filepath.Base(document), match[2],
					filepath.Base(target),
				)
			}
		}
	}
	if checked < 40 {
		t.Errorf("got %d names, want at least 40", checked)
	}
	pictures, err := filepath.Glob("../../docs/images/*")
	if err != nil || len(pictures) == 0 {
		t.Fatalf("no pictures, %v", err)
	}
	for _, picture := range pictures {
		if !seen[filepath.Base(picture)] {
			t.Errorf("no document uses %s", picture)
		}
	}
}

// anchors returns the anchors that GitHub generates for the headings of a document.
func anchors(t *testing.T, path string) map[string]bool {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, match := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(string(data), ""), -1) {
		names[strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(match[1]), ""), " ", "-")] = true
	}
	for _, match := range explicit.FindAllStringSubmatch(string(data), -1) {
		names[match[1]] = true
	}
	return names
}

// cells matches an unescaped cell separator.
var cells = regexp.MustCompile(`(?:^|[^\\])\|`)

// Every table is valid Markdown: a blank line precedes it, and its rows have the
// same number of cells.
func TestTablesRender(t *testing.T) {
	tables := 0
	for _, document := range documentPaths(t) {
		data, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		before, width := "", 0
		for i, line := range strings.Split(fenced.ReplaceAllStringFunc(string(data), blank), "\n") {
			n := len(cells.FindAllString(line, -1))
			switch {
			case !strings.HasPrefix(line, "|"):
				width = 0
			case width == 0:
				tables, width = tables+1, n
				if strings.TrimSpace(before) != "" {
					t.Errorf("%s:%d: no blank line before the table", filepath.Base(document), i+1)
				}
			case n != width:
				t.Errorf("%s:%d: got %d cells, want %d", filepath.Base(document), i+1, n-1, width-1)
			}
			before = line
		}
	}
	if tables < 20 {
		t.Errorf("got %d tables, want at least 20", tables)
	}
}

// blank replaces text with its line breaks.
func blank(text string) string { return strings.Repeat("\n", strings.Count(text, "\n")) }

// documentPaths returns the paths of all Markdown documents.
func documentPaths(t *testing.T) []string {
	t.Helper()
	var documents []string
	for _, pattern := range []string{"../../docs/*.md", "../../docs/dev/*.md", "../../*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d documents, %v", pattern, len(found), err)
		}
		documents = append(documents, found...)
	}
	return documents
}

func exists(t *testing.T, document, name, path string) {
	t.Helper()
	if _, err := os.Stat(strings.TrimSuffix(path, "/")); err != nil {
		t.Errorf("%s names %s, which does not exist", filepath.Base(document), name)
	}
}
