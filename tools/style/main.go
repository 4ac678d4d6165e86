// Command style reports words that the style guide replaces, function comments that are
// not in godoc form, and commit subjects that are not of the form "area: imperative".
//
// It counts output strings, documents, comments and identifiers separately. Code in
// backquotes and fences is not prose and is skipped. Quotations are listed in allow.txt.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// base is the last commit before subjects had the required form.
const base = "137bd58"

//go:embed allow.txt
var allowed string

func main() {
	root := flag.String("root", ".", "top folder of the checkout to examine")
	list := flag.Bool("list", false, "print every finding, not only the counts")
	check := flag.Bool("check", false, "print every finding and exit with 1 if there is any")
	flag.Parse()
	findings, err := examine(*root)
	if err != nil {
		fmt.Fprintln(os.Stderr, "style:", err)
		os.Exit(1)
	}
	if *list || *check {
		for _, f := range findings {
			fmt.Printf("%s:%d: %s: %q, use %s\n", f.path, f.line, f.class, f.word, f.instead)
		}
	}
	if !*check {
		report(findings)
	} else if len(findings) > 0 {
		os.Exit(1)
	}
}

// finding is a phrase to reword.
type finding struct {
	path          string
	line          int
	class         string
	word, instead string
}

var classes = []string{"output strings", "documents", "comments", "function comments", "identifiers", "commit subjects"}

func report(findings []finding) {
	for _, class := range classes {
		count, words := 0, map[string]int{}
		for _, f := range findings {
			if f.class == class {
				count++
				words[strings.ToLower(f.word)]++
			}
		}
		var most []string
		for word := range words {
			most = append(most, word)
		}
		slices.SortFunc(most, func(a, b string) int {
			if words[a] != words[b] {
				return words[b] - words[a]
			}
			return strings.Compare(a, b)
		})
		line := fmt.Sprintf("%-18s %5d", class, count)
		if class != "commit subjects" && class != "function comments" {
			for _, word := range most[:min(8, len(most))] {
				line += fmt.Sprintf("  %s %d", word, words[word])
			}
		}
		fmt.Println(line)
	}
}

func examine(root string) ([]finding, error) {
	findings, err := examineTree(root)
	if err != nil {
		return nil, err
	}
	findings = slices.DeleteFunc(findings, isAllowed)
	return append(findings, examineSubjects(root)...), nil
}

// isAllowed reports whether a line of allow.txt names the file and the word.
func isAllowed(f finding) bool {
	for line := range strings.Lines(allowed) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] == "#" {
			continue
		}
		if strings.HasPrefix(f.path, fields[0]) && slices.ContainsFunc(fields[1:], func(word string) bool {
			return word == "*" || strings.EqualFold(word, f.word)
		}) {
			return true
		}
	}
	return false
}

var subjectForm = regexp.MustCompile(`^[a-z0-9.][a-z0-9./, _-]*: [a-z0-9"'-]`)

// examineSubjects returns the commits since base whose subject has a different form. It
// returns none for a shallow clone without base.
func examineSubjects(root string) []finding {
	cmd := exec.Command("git", "log", "--no-merges", "--format=%h %s", base+"..HEAD")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return nil
	}
	var findings []finding
	for line := range strings.Lines(string(out)) {
		id, subject, _ := strings.Cut(strings.TrimSpace(line), " ")
		if !subjectForm.MatchString(subject) || len(subject) > 72 {
			findings = append(findings, finding{
				id, 0, "commit subjects", subject, `"area: imperative" of at most 72 characters`,
			})
		}
	}
	return findings
}
