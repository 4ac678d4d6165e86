package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// shownLine is a command line shown in a document.
type shownLine struct {
	text   string
	output []string // expected output, from the document
	block  int      // lines of the same block run in one shell
}

var (
	anyFence  = regexp.MustCompile("(?ms)^[ >]*```([^\n]*)\n(.*?)^[ >]*```")
	anyInline = regexp.MustCompile("`([^`\n]+)`")
	// aCommand matches a code span with a command line: variables, a known program, and
	// at least one argument.
	aCommand = regexp.MustCompile(
		`^(?:[A-Z_0-9]+=\S+ )*(?:o365aws|aws|make|terraform|docker|ssh|az|apt-get|brew|scoop|winget|go|unset|eval) \S|^PS1=`,
	)
)

// documentPaths returns the documents that contain commands.
func documentPaths(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append(paths, "../../README.md", "../../SECURITY.md", "../../CONTRIBUTING.md")
}

// shownIn returns the command lines in the blocks and the prose of a document. A block
// without a language is a shell script; in a console block, commands start with a dollar
// sign.
func shownIn(markdown string) (blocks, sentences []shownLine) {
	n := 0
	for _, fence := range anyFence.FindAllStringSubmatch(markdown, -1) {
		n++
		switch strings.TrimSpace(fence[1]) {
		case "", "sh":
			for line := range strings.Lines(strings.ReplaceAll(fence[2], "\\\n", " ")) {
				if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
					blocks = append(blocks, shownLine{text: line, block: n})
				}
			}
		case "console":
			for line := range strings.Lines(fence[2]) {
				if command, ok := strings.CutPrefix(line, "$ "); ok {
					blocks = append(blocks, shownLine{text: strings.TrimSpace(command), block: n})
				} else if last := len(blocks) - 1; last >= 0 && strings.TrimSpace(line) != "" {
					blocks[last].output = append(blocks[last].output, line)
				}
			}
		}
	}
	for _, span := range anyInline.FindAllStringSubmatch(anyFence.ReplaceAllString(markdown, ""), -1) {
		if aCommand.MatchString(span[1]) {
			n++
			sentences = append(sentences, shownLine{text: span[1], block: n})
		}
	}
	return blocks, sentences
}

// shownLines returns the lines of each document by its name, without lines in prose that
// abbreviate another one.
func shownLines(t *testing.T) map[string][]shownLine {
	t.Helper()
	all := map[string][]shownLine{}
	sentences := map[string][]shownLine{}
	var run []string
	for _, path := range documentPaths(t) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(path)
		all[name], sentences[name] = shownIn(string(data))
		if name == "commands.md" { // several commands have the same examples
			all[name] = unique(all[name])
		}
		for _, line := range all[name] {
			run = append(run, line.text)
		}
	}
	names := make([]string, 0, len(sentences))
	for name := range sentences {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, line := range sentences[name] {
			if !slices.ContainsFunc(run, func(r string) bool { return strings.HasPrefix(r+" ", line.text+" ") }) {
				all[name], run = append(all[name], line), append(run, line.text)
			}
		}
	}
	return all
}

// unique removes duplicate lines.
func unique(lines []shownLine) []shownLine {
	seen := map[string]bool{}
	return slices.DeleteFunc(lines, func(line shownLine) bool {
		was := seen[line.text]
		seen[line.text] = true
		return was
	})
}

// moved moves the given lines to another document.
func moved(all map[string][]shownLine, elsewhere map[string]string) map[string][]shownLine {
	for name := range all {
		all[name] = slices.DeleteFunc(all[name], func(line shownLine) bool {
			to := elsewhere[line.text]
			if to == "" || to == name {
				return false
			}
			line.block = 1 << 20 // after the document's own lines
			all[to] = append(all[to], line)
			return true
		})
	}
	return all
}

// shownIn finds every command line with its output.
func TestShownIn(t *testing.T) {
	blocks, sentences := shownIn("See `o365aws login`, `PS1='$(o365aws status --prompt)'`, `region` and `aws`.\n\n" +
		"```\n# why\nexport A=b\no365aws login \\\n  --force\n```\n\n```ini\n[x]\n```\n\n```console\n$ o365aws whoami\narn\n\nmore\n```\n")
	want := []shownLine{
		{text: "export A=b", block: 1},
		{text: "o365aws login    --force", block: 1},
		{text: "o365aws whoami", output: []string{"arn\n", "more\n"}, block: 3},
	}
	if len(blocks) != len(want) || !slices.EqualFunc(blocks, want, func(a, b shownLine) bool {
		return a.text == b.text && a.block == b.block && slices.Equal(a.output, b.output)
	}) {
		t.Errorf("blocks: %+v", blocks)
	}
	if len(sentences) != 2 || sentences[0].text != "o365aws login" {
		t.Errorf("sentences: %+v", sentences)
	}
}
