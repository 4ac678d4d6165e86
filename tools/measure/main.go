// Command measure prints size metrics of this repository: lines, files, functions,
// packages, exported names, dependencies and the binary.
//
// It only parses source with go/parser, so it works for any checked-out commit, whether
// or not it builds on this machine.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
)

func main() {
	root := flag.String("root", ".", "top folder of the checkout to measure")
	markdown := flag.Bool("markdown", false, "print a Markdown table")
	flag.Parse()
	if err := run(*root, *markdown); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func run(root string, markdown bool) error {
	released, module, err := releasedPackages(root)
	if err != nil {
		return err
	}
	files, err := readTree(root, released)
	if err != nil {
		return err
	}
	dependencies, err := directDependencies(filepath.Join(root, "go.mod"))
	if err != nil {
		return err
	}
	size, err := binarySize(root)
	if err != nil {
		return err
	}
	rows := append(lineRows(files), packageRows(files, released, module)...)
	rows = append(
		rows,
		row{"direct dependencies", fmt.Sprint(dependencies)},
		row{"stripped binary, linux/amd64", fmt.Sprintf("%.1f MB", float64(size)/1e6)},
	)
	return write(rows, markdown)
}

// row is a named figure.
type row struct{ name, value string }

func write(rows []row, markdown bool) error {
	if markdown {
		fmt.Print("| Figure | Value |\n|---|---|\n")
		for _, r := range rows {
			fmt.Printf("| %s | %s |\n", r.name, r.value)
		}
		return nil
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%s\n", r.name, r.value)
	}
	return table.Flush()
}

// lineRows returns the figures about lines, files and functions. Files and functions do
// not include tests.
func lineRows(files []file) []row {
	var lines, wide [classes]int
	var fileLines, functionLines []int
	for _, f := range files {
		lines[f.class] += f.lines
		wide[f.class] += f.wide
		if f.class != test {
			fileLines = append(fileLines, f.lines)
			functionLines = append(functionLines, f.functions...)
		}
	}
	return []row{
		{"lines of released code", fmt.Sprint(lines[releasedCode])},
		{"lines of emulators and tools", fmt.Sprint(lines[tooling])},
		{"lines of tests", fmt.Sprint(lines[test])},
		{"files: median / p90 / max", spread(fileLines)},
		{"functions: count", fmt.Sprint(len(functionLines))},
		{"functions: median / p90 / max", spread(functionLines)},
		{"lines over 120 columns: released", fmt.Sprint(wide[releasedCode])},
		{"lines over 120 columns: emulators and tools", fmt.Sprint(wide[tooling])},
		{"lines over 120 columns: tests", fmt.Sprint(wide[test])},
	}
}

// spread returns the median, the 90th percentile and the maximum.
func spread(values []int) string {
	if len(values) == 0 {
		return "none"
	}
	slices.Sort(values)
	at := func(share float64) int { return values[int(share*float64(len(values)-1)+0.5)] }
	return fmt.Sprintf("%d / %d / %d", at(0.5), at(0.9), values[len(values)-1])
}
