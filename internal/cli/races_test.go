package cli_test

import (
	"os"
	"path/filepath"
)

// detector returns GORACE for a program started by a test: the race detector writes its
// reports to folder and does not delay the exit by a second.
func detector(folder string) string {
	return os.Getenv("GORACE") + " atexit_sleep_ms=0 log_path='" + filepath.Join(folder, "race") + "'"
}

// races returns the reports of the race detector.
func races(folder string) (problems []string) {
	reports, _ := filepath.Glob(filepath.Join(folder, "race.*")) // the pattern is valid
	for _, report := range reports {
		text, err := os.ReadFile(report)
		if err != nil {
			text = []byte(err.Error())
		}
		problems = append(problems, string(text))
	}
	return problems
}
