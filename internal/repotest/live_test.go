package repotest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/acceptance"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/report"
)

// liveFolder contains reports from live tenants.
const liveFolder = "../../testdata/live"

// liveReport is a report and its file name.
type liveReport struct {
	name string
	report.Document
}

// liveRow is a row of the matrix. Seen names the report that shows it, or is
// emulatedOnly.
type liveRow struct{ Name, Seen string }

type liveTable struct {
	Title string
	Rows  []liveRow
}

func liveReports(folder string) []liveReport {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		panic(err)
	}
	var all []liveReport
	for _, file := range files {
		r := liveReport{name: strings.TrimSuffix(filepath.Base(file), ".json")}
		data, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(data, &r.Document)
		}
		if err != nil {
			panic(fmt.Sprintf("%s: %v", file, err))
		}
		all = append(all, r)
	}
	return all
}

// emulatedOnly marks a row that no report shows.
const emulatedOnly = "emulated only"

// seen returns a row with the latest report that shows it.
func seen(all []liveReport, name string, shows func(report.Document) bool) liveRow {
	row := liveRow{name, emulatedOnly}
	latest := ""
	for _, r := range all {
		if r.Created >= latest && shows(r.Document) {
			latest, row.Seen = r.Created, fmt.Sprintf("seen by %s on %s", r.name, r.Created)
		}
	}
	return row
}

// signedIn reports whether a report records a successful sign-in.
func signedIn(d report.Document) bool { return d.Trail != nil && d.Trail.Outcome == "ok" }

// liveTables returns the tables of the matrix.
func liveTables(all []liveReport) []liveTable {
	var methods, pages, clouds, systems, browsers, tools liveTable
	methods.Title, pages.Title, clouds.Title = "Methods", "Pages and policies", "Clouds"
	systems.Title, browsers.Title, tools.Title = "Systems", "Browsers", "AWS tools and administration"
	for _, m := range entra.Methods {
		methods.Rows = append(methods.Rows, seen(all, m.Text, func(d report.Document) bool {
			return signedIn(d) && slices.ContainsFunc(d.Trail.Pages, func(v entra.Visit) bool { return v.Page.Begun.Method == m.ID }) ||
				passed(d, "method-"+m.Name)
		}))
	}
	for _, s := range entra.States {
		pages.Rows = append(pages.Rows, seen(all, s.Page, func(d report.Document) bool {
			return d.Trail != nil && slices.ContainsFunc(d.Trail.Pages, func(v entra.Visit) bool { return v.State == s.Name })
		}))
	}
	for _, c := range entra.Clouds() {
		clouds.Rows = append(clouds.Rows, seen(all, c.Name, func(d report.Document) bool {
			return signedIn(d) && d.Trail.Cloud == c.Name
		}))
	}
	for _, system := range []string{"linux", "darwin", "windows"} {
		systems.Rows = append(systems.Rows, seen(all, system, func(d report.Document) bool {
			return signedIn(d) && d.System.OS == system
		}))
	}
	for _, name := range []string{"chrome", "chromium", "edge", "brave"} {
		browsers.Rows = append(browsers.Rows, seen(all, name, func(d report.Document) bool {
			return signedIn(d) && d.Browser != nil && d.Browser.Name == name
		}))
	}
	for _, check := range acceptance.Names() {
		tools.Rows = append(tools.Rows, seen(all, check, func(d report.Document) bool { return passed(d, check) }))
	}
	return []liveTable{methods, pages, clouds, systems, browsers, tools}
}

// passed reports whether a check of the acceptance kit passed.
func passed(d report.Document, check string) bool {
	return slices.Contains(d.Acceptance, report.Accepted{Check: check, Result: "passed"})
}

// liveSummary returns the sentence about live tenants for the documents.
func liveSummary(all []liveReport) string {
	if len(all) == 0 {
		return "There are no reports from live tenants, macOS or Windows yet: " +
			"o365aws has been tested only against emulators"
	}
	ok := 0
	for _, r := range all {
		if signedIn(r.Document) {
			ok++
		}
	}
	return fmt.Sprintf("%d reports from live tenants have been received, %d of them of successful sign-ins", len(all), ok)
}

func live() string {
	all := liveReports(liveFolder)
	return render("live.md", struct {
		Summary string
		Tables  []liveTable
	}{liveSummary(all), liveTables(all)})
}

// A report of a sign-in marks exactly the rows that it shows.
func TestLiveTables(t *testing.T) {
	d := report.Document{
		Created: "2026-12-01", System: report.System{OS: "darwin"}, Browser: &report.Browser{Name: "edge"},
		Trail: &report.Trail{Outcome: "ok", Cloud: "global", Pages: []entra.Visit{
			{State: "mfa-push", Page: entra.Snapshot{Begun: entra.Begun{Method: "PhoneAppNotification"}}},
		}},
		Acceptance: []report.Accepted{{Check: "concurrent", Result: "passed"}, {Check: "console", Result: "failed"}},
	}
	var got []string
	for _, table := range liveTables([]liveReport{{"7", d}}) {
		for _, row := range table.Rows {
			if row.Seen != emulatedOnly {
				got = append(got, row.Name+" "+cmp.Or(strings.TrimPrefix(row.Seen, "seen by 7 on "), "never"))
			}
		}
	}
	page := ""
	for _, s := range entra.States {
		if s.Name == "mfa-push" {
			page = s.Page
		}
	}
	method := ""
	for _, m := range entra.Methods {
		if m.ID == "PhoneAppNotification" {
			method = m.Text
		}
	}
	want := []string{
		method + " 2026-12-01", page + " 2026-12-01", "global 2026-12-01", "darwin 2026-12-01", "edge 2026-12-01", "concurrent 2026-12-01",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The README has the current summary of the reports.
func TestREADMESummarizesLiveReports(t *testing.T) {
	want := liveSummary(liveReports(liveFolder)) + " ([details](docs/live.md))."
	text := strings.Join(strings.Fields(readText(t, "../../README.md")), " ")
	if !strings.Contains(text, want) {
		t.Errorf("README.md: want the sentence %q", want)
	}
}
