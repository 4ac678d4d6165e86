package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The inserted row uses only fields that the table has.
func TestRowFields(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../../internal/entra/states.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok && spec.Name.Name == "State" {
			for _, f := range spec.Type.(*ast.StructType).Fields.List {
				for _, name := range f.Names {
					fields[name.Name] = true
				}
			}
		}
		return true
	})
	for _, name := range []string{"Name", "Page", "Action", "When", "Visits", "Limit"} {
		if !fields[name] || !strings.Contains(state{}.row(), name+":") {
			t.Errorf("field %s: in the table %v, in the row\n%s", name, fields[name], state{}.row())
		}
	}
}

// Unknown pages in the format of reports from the emulator.
func TestRun(t *testing.T) {
	for _, c := range []struct{ name, page, wantName, wantWhen, wantID string }{
		{
			"", `{"host":"login.microsoftonline.com","ready":true,"pageId":"ConvergedSomethingNew","view":"99","ids":["somethingNew"]}`,
			"something-new", `onPage("ConvergedSomethingNew")(s) && s.View == "99"`, "{\n\t\"ConvergedSomethingNew\",\n" + mark,
		},
		{
			"", `{"host":"login.microsoftonline.com","ready":true,"pageId":"ConvergedPrivacyNote"}`,
			"privacy-note", `onPage("ConvergedPrivacyNote")`, "{\n\t\"ConvergedPrivacyNote\",\n" + mark,
		},
		{
			"partner-form", `{"host":"other.invalid","ready":true,"ids":["passName"]}`,
			"partner-form", `s.Shows("passName")`, "{\n" + mark,
		},
	} {
		t.Run(c.wantName, func(t *testing.T) {
			root := t.TempDir()
			folder := filepath.Join(root, "internal", "entra")
			if err := os.MkdirAll(filepath.Join(folder, "testdata", "pages"), 0o755); err != nil {
				t.Fatal(err)
			}
			for _, file := range []string{"states_added.go", "states_added_test.go", "recognize.go", "states.go"} {
				if err := os.WriteFile(filepath.Join(folder, file), []byte("{\n"+mark+"}\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			report := filepath.Join(root, "report.json")
			text := `{"trail":{"pages":[{"state":"username","page":{}},{"state":"unknown","page":` + c.page + `}]}}`
			if err := os.WriteFile(report, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := run(root, c.name, []string{report}); err != nil {
				t.Fatal(err)
			}
			for file, want := range map[string]string{
				"recognize.go": c.wantID, "states_added.go": c.wantWhen, "states_added_test.go": `{"` + c.wantName + `", "TODO"},`,
				"testdata/pages/" + c.wantName + ".json": `"ready": true`,
			} {
				data, err := os.ReadFile(filepath.Join(folder, file))
				if err != nil || !strings.Contains(string(data), want) {
					t.Errorf("%s: got\n%s%v, want %s in it", file, data, err, want)
				}
			}
			if err := run(root, c.name, []string{report}); err == nil {
				t.Error("added twice: got no error, want one")
			}
		})
	}
}
