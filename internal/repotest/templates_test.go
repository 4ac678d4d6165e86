package repotest

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
)

var templateFuncs = template.FuncMap{"code": code, "cell": cell}

// render executes a template in docs/templates. Its name is that of the document with
// .tmpl appended.
func render(document string, data any) string {
	t, err := parse(document)
	if err != nil {
		panic(err) // the stack trace shows which test
	}
	return execute(t, data)
}

func parse(document string) (*template.Template, error) {
	name := document + ".tmpl"
	return template.New(name).Funcs(templateFuncs).ParseFiles("../../docs/templates/" + name)
}

func execute(t *template.Template, data any) string {
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		panic(err)
	}
	return b.String()
}

// signIn renders docs/sign-in.md from the tables of package entra.
func signIn() string {
	return render("sign-in.md", struct {
		Methods   []entra.Method
		States    []entra.State
		Evidences []entra.Evidence
		Live      string
	}{entra.Methods, entra.States, entra.Evidences, liveSummary(liveReports(liveFolder))})
}

// settings renders docs/settings.md from the table of package awsconfig.
func settings() string {
	return render("settings.md", struct{ Settings []awsconfig.Setting }{awsconfig.Settings})
}

// failure is an exit code with its advice from the template.
type failure struct {
	Code                  int
	Name, Meaning, Advice string
}

// troubleshooting renders docs/troubleshooting.md from the exit codes and the
// AADSTS error codes.
func troubleshooting() string {
	const document = "troubleshooting.md"
	t, err := parse(document)
	if err != nil {
		panic(err)
	}
	data := struct {
		Kinds   []failure
		Advices []entra.Advice
		Reports string
	}{Advices: slices.Clone(entra.Advices), Reports: fault.Reports}
	for _, row := range fault.Table {
		advice := ""
		if block := t.Lookup(row.Name); block != nil {
			advice = execute(block, data)
		}
		data.Kinds = append(data.Kinds, failure{int(row.Kind), row.Name, row.Meaning, advice})
	}
	slices.SortFunc(data.Advices, func(a, b entra.Advice) int { return number(a.Code) - number(b.Code) })
	return execute(t, data)
}

func number(code string) int {
	n, _ := strconv.Atoi(code) // codes are numbers
	return n
}

// code formats a string, or several, as Markdown code.
func code(value any) string {
	words, several := value.([]string)
	if !several {
		words = []string{value.(string)}
	}
	var quoted []string
	for _, w := range words {
		if w != "" {
			quoted = append(quoted, "`"+w+"`")
		}
	}
	return strings.Join(quoted, ", ")
}

// cell escapes text for a table cell.
func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }

// TestEveryExitCodeHasAdvice checks that the template of the troubleshooting document has
// exactly one block for each kind of failure.
func TestEveryExitCodeHasAdvice(t *testing.T) {
	parsed, err := parse("troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, block := range parsed.Templates() {
		if name := block.Name(); name != parsed.Name() {
			got = append(got, name)
		}
	}
	for _, row := range fault.Table {
		want = append(want, row.Name)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("blocks for %q, want %q", got, want)
	}
}
