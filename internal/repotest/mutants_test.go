package repotest

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// rows selects what TestMutants applies: "all", or a row of the threat table.
var rows = flag.String("mutants", "", `rows of the threat table whose protections are removed: "all" or a number`)

// mutant is an edit that removes a protection, and the tests that must then fail.
type mutant struct {
	row, name, file string
	tests           [][2]string // package below internal, and pattern for -run
	search, replace string
}

// mutants reads testdata/mutants.txt.
func mutants(t *testing.T) []mutant {
	t.Helper()
	data, err := os.ReadFile("testdata/mutants.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []mutant
	for _, block := range strings.Split(string(data), "\n=== ")[1:] {
		head, edit, found := strings.Cut(block, "\n--- search\n")
		search, replace, ok := strings.Cut(edit, "\n--- replace\n")
		if !found || !ok {
			t.Fatalf("%.40q: got no search and replace", block)
		}
		title, fields, _ := strings.Cut(head, "\n")
		m := mutant{search: search, replace: strings.TrimRight(replace, "\n")}
		m.row, m.name, _ = strings.Cut(title, " ")
		for field := range strings.Lines(fields) {
			key, value, _ := strings.Cut(strings.TrimSpace(field), " ")
			switch pkg, run, _ := strings.Cut(value, " "); key {
			case "file":
				m.file = value
			case "test":
				m.tests = append(m.tests, [2]string{pkg, run})
			default:
				t.Fatalf("%s: unknown field %q", m.name, key)
			}
		}
		all = append(all, m)
	}
	return all
}

// Each mutant applies to the current code, and each row of the threat table has a
// mutant and names its tests.
func TestMutantsApply(t *testing.T) {
	document, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	table := map[string]string{}
	for _, row := range threatRow.FindAllStringSubmatch(string(document), -1) {
		table[row[1]] = row[2]
	}
	covered := map[string]bool{}
	for _, m := range mutants(t) {
		covered[m.row] = true
		data, err := os.ReadFile(filepath.Join("../..", m.file))
		if err != nil || !strings.Contains(string(data), m.search) || m.search == m.replace {
			t.Errorf("%s: the edit does not apply to %s: %v", m.name, m.file, err)
		}
		if !strings.Contains(table[m.row], m.name) {
			t.Errorf("row %s of the threat table does not name the mutant %q", m.row, m.name)
		}
		if len(m.tests) == 0 {
			t.Errorf("%s: got no test", m.name)
		}
	}
	for i := range threats {
		if row := strconv.Itoa(i + 1); !covered[row] {
			t.Errorf("row %s of the threat table has no mutant", row)
		}
	}
}

// TestMutants removes protections one by one in a copy of the tree, and requires that
// each of their tests fails. It runs only on request: see make mutants.
func TestMutants(t *testing.T) {
	if *rows == "" {
		t.Skip("run by make mutants")
	}
	tree := copyTree(t)
	for _, m := range mutants(t) {
		if *rows != "all" && *rows != m.row {
			continue
		}
		t.Run(m.row+" "+m.name, func(t *testing.T) {
			path := filepath.Join(tree, m.file)
			original, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := os.WriteFile(path, original, 0o644); err != nil {
					t.Fatal(err)
				}
			}()
			changed := strings.ReplaceAll(string(original), m.search, m.replace)
			if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
				t.Fatal(err)
			}
			for _, test := range m.tests {
				out, err := goTest(t, tree, test)
				switch {
				case err == nil:
					t.Errorf("%s.%s passes without the protection", test[0], test[1])
				case !strings.Contains(out, "--- FAIL: "):
					t.Errorf("%s.%s does not run: %v\n%s", test[0], test[1], err, out)
				}
			}
		})
	}
}

func goTest(t *testing.T, tree string, test [2]string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-run", "^"+test[1], "./internal/"+test[0])
	cmd.Dir = tree
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// copyTree copies the tree, including untracked files that are not ignored.
func copyTree(t *testing.T) string {
	t.Helper()
	cmd := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = "../.."
	names, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	tree := t.TempDir()
	for name := range strings.SplitSeq(strings.TrimRight(string(names), "\x00"), "\x00") {
		from, to := filepath.Join("../..", name), filepath.Join(tree, name)
		info, err := os.Stat(from)
		if os.IsNotExist(err) {
			continue // deleted, but not committed
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, data, info.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
	}
	return tree
}
