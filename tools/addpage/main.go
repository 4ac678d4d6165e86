// Command addpage turns a report about an unknown or stuck sign-in page into a starting
// point for contributors: the page as a test fixture, a row in the table of pages, and a
// test that fails until the row has an action.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	root := flag.String("root", "..", "top folder of the checkout")
	name := flag.String("name", "", "name of the new state (default: from the page id)")
	flag.Parse()
	if err := run(*root, *name, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "addpage:", err)
		os.Exit(1)
	}
}

func run(root, name string, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: go run -C tools ./addpage [-name NAME] REPORT (an absolute path)")
	}
	data, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	page, err := lastPage(data)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	s, err := newState(page, name)
	if err != nil {
		return err
	}
	return s.write(filepath.Join(root, "internal", "entra"))
}

// lastPage returns the page on which the sign-in in a report ended.
func lastPage(data []byte) (json.RawMessage, error) {
	type trail struct {
		Pages []struct {
			State string          `json:"state"`
			Page  json.RawMessage `json:"page"`
		} `json:"pages"`
	}
	var document struct {
		Trail *trail `json:"trail"`
		trail        // a file written by --save-diagnostics
	}
	if err := json.Unmarshal(data, &document); err != nil {
		return nil, err
	}
	found := document.trail
	if document.Trail != nil {
		found = *document.Trail
	}
	if len(found.Pages) == 0 {
		return nil, errors.New("the report has no pages")
	}
	return found.Pages[len(found.Pages)-1].Page, nil
}

// state is a new row of the table.
type state struct {
	name, pageID, when string
	page               []byte
}

var (
	stateName = regexp.MustCompile(`^[a-z][a-z-]{1,40}$`)
	wordStart = regexp.MustCompile(`([a-z])([A-Z])`)
)

func newState(page json.RawMessage, name string) (state, error) {
	var p struct {
		PageID string   `json:"pageId"`
		View   string   `json:"view"`
		IDs    []string `json:"ids"`
	}
	if err := json.Unmarshal(page, &p); err != nil {
		return state{}, err
	}
	s := state{name: name, pageID: p.PageID}
	if name == "" {
		words := wordStart.ReplaceAllString(strings.TrimPrefix(p.PageID, "Converged"), "$1-$2")
		s.name = strings.ToLower(words)
	}
	if !stateName.MatchString(s.name) {
		return s, fmt.Errorf("%q cannot be the name of a state; pass -name with lower-case words and hyphens", s.name)
	}
	switch {
	case p.PageID != "" && p.View != "":
		s.when = fmt.Sprintf("func(s Snapshot) bool { return onPage(%q)(s) && s.View == %q }", p.PageID, p.View)
	case p.PageID != "":
		s.when = fmt.Sprintf("onPage(%q)", p.PageID)
	case len(p.IDs) > 0:
		s.when = fmt.Sprintf(`func(s Snapshot) bool { return ordinary(s) && s.PageID == "" && s.Shows(%q) }`, p.IDs[0])
	default:
		return s, errors.New("the page has no id and no elements: it cannot be told from others")
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, page, "", "  "); err != nil {
		return s, err
	}
	s.page = append(indented.Bytes(), '\n')
	return s, nil
}

// mark is the line before which rows and page ids are inserted.
const mark = "\t// addpage inserts rows above this line.\n"

// row returns the source of the table row, without an action.
func (s state) row() string {
	return fmt.Sprintf("\t{\n\t\tName: %q, Page: \"TODO: what the page says\", Action: \"TODO: what o365aws does there\",\n"+
		"\t\tWhen:   %s,\n\t\tVisits: 1, Limit: quickLimit,\n\t},\n", s.name, s.when)
}

func (s state) write(folder string) error {
	fixture := filepath.Join(folder, "testdata", "pages", s.name+".json")
	if _, err := os.Stat(fixture); err == nil {
		return fmt.Errorf("%s exists; pass another -name", fixture)
	}
	table := filepath.Join(folder, "states_added.go")
	test := filepath.Join(folder, "states_added_test.go")
	if err := insert(table, s.row()); err != nil {
		return err
	}
	if err := insert(test, fmt.Sprintf("\t{%q, \"TODO\"},\n", s.name)); err != nil {
		return err
	}
	if err := s.addPageID(folder); err != nil {
		return err
	}
	if err := os.WriteFile(fixture, s.page, 0o644); err != nil {
		return err
	}
	fmt.Printf("Wrote %s.\nWrite the action (Do) of row %q in %s, and what it clicks or types in %s.\n"+
		"Then: go test ./internal/entra, and make docs\n", fixture, s.name, table, test)
	return nil
}

// addPageID adds the page ID to pageIDs, the list of known pages.
func (s state) addPageID(folder string) error {
	if s.pageID == "" {
		return nil
	}
	id := fmt.Sprintf("%q", s.pageID)
	file := filepath.Join(folder, "recognize.go")
	for _, f := range []string{file, filepath.Join(folder, "states.go")} {
		data, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		if strings.Contains(string(data), id) {
			return nil
		}
	}
	return insert(file, "\t"+id+",\n")
}

func insert(file, row string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, after, ok := strings.Cut(string(data), mark)
	if !ok {
		return fmt.Errorf("%s has no line %q", file, strings.TrimSpace(mark))
	}
	return os.WriteFile(file, []byte(before+row+mark+after), 0o644)
}
