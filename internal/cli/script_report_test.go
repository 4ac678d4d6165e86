package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/report"
)

// private matches data of the emulator's users, tenants and accounts in pages, responses
// and files: names, addresses, numbers, identifiers, tokens.
var private = regexp.MustCompile(
	`(?i)contoso|lovelace|hopper|turing|linus|grace|mallory|"ada|ada@|adaTile|azure\.(admin|reader)|arn:|@` +
		`|[0-9a-f]{8}-[0-9a-f]{4}|[0-9]{8}|XX42|AQABAA|AKIA|ASIA|eyJ|/home/|/tmp/`,
)

// published lists private data in the report of a script's last sign-in.
func (s *scriptState) published() []string {
	paths := awsconfig.ResolvePaths(func(string) string { return "" }, s.home)
	if data, err := os.ReadFile(paths.Trail()); err == nil {
		if found := private.FindString(string(data)); found != "" {
			return []string{fmt.Sprintf("the trail holds %q:\n%s", found, data)}
		}
	}
	profile, err := awsconfig.Load(paths, os.Getenv, "default", nil)
	facts := report.Facts{
		Version: "test", Now: time.Now(), Getenv: func(string) string { return "x" }, Profile: profile, ProfileErr: err,
	}
	if trail, ok := report.LoadTrail(paths, time.Now()); ok {
		facts.Trail = &trail
	}
	data, err := report.New(facts).JSON()
	if err != nil {
		return []string{err.Error()}
	}
	if found := private.FindString(string(data)); found != "" {
		return []string{fmt.Sprintf("the report holds %q:\n%s", found, data)}
	}
	return savedDiagnostics(s.work)
}

// savedDiagnostics lists private data in the files written by --save-diagnostics.
func savedDiagnostics(work string) []string {
	var problems []string
	files, _ := filepath.Glob(filepath.Join(work, "*", "sign-in.json"))
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil {
			if found := private.FindString(string(data)); found != "" {
				problems = append(problems, fmt.Sprintf("%s holds %q", file, found))
			}
		}
	}
	return problems
}
