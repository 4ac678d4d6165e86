package cli_test

import (
	"os"
	"path/filepath"
)

// detector is GORACE for a program that a test starts: the race detector
// writes what it finds into files in folder. It would let every program sleep
// for a second at its end, for goroutines that go on; ours ends there.
func detector(folder string) string {
	return os.Getenv("GORACE") + " atexit_sleep_ms=0 log_path='" + filepath.Join(folder, "race") + "'"
}

// races are the races that were found in programs.
func races(folder string) (problems []string) {
	reports, _ := filepath.Glob(filepath.Join(folder, "race.*")) // the pattern is well formed
	for _, report := range reports {
		text, err := os.ReadFile(report)
		if err != nil {
			text = []byte(err.Error())
		}
		problems = append(problems, string(text))
	}
	return problems
}
