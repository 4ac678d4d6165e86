package repotest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/cli"
)

// commands is the reference of commands, made from their help texts. What all
// of them share stands at the top, once.
func commands() string {
	root := help()
	common := section(root, "GLOBAL OPTIONS:")
	var b strings.Builder
	b.WriteString(
		"# Commands\n\nEvery command takes these options, before or after its name, and ends with one of the\n" +
			"[exit codes](troubleshooting.md#exit-codes). Each option has an environment variable: `O365AWS_` and its name in capitals.\n\n" +
			"```text\n" + strings.Join(common, "\n") + "\n```\n",
	)
	writeCommands(&b, root, nil)
	return b.String()
}

// writeCommands writes those that a help text lists, and those below them.
func writeCommands(b *strings.Builder, text string, above []string) {
	for _, line := range section(text, "COMMANDS:") {
		name := strings.TrimSuffix(strings.Fields(line)[0], ",")
		path := append(append([]string{}, above...), name)
		own := help(path...)
		text, example, _ := strings.Cut(ownPart(own), "EXAMPLE:\n")
		fmt.Fprintf(
			b, "\n##%s o365aws %s\n\n%s.\n\n", strings.Repeat("#", len(above)), strings.Join(path, " "), purpose(own),
		)
		if len(above) > 0 && above[0] == "admin" && name != adminExample {
			text = withoutOptions(text, options(help("admin", adminExample)))
		}
		if strings.TrimSpace(text) != "" {
			b.WriteString(indented(text))
		}
		if example != "" {
			b.WriteString("\n```\n" + unindented(example) + "\n```\n")
		}
		writeCommands(b, own, path)
	}
}

// adminExample is the command whose options most admin commands have too.
// They are told there, and only named at the others.
const adminExample = "plan"

var option = regexp.MustCompile(`(?m)^   (?:-\w, )?(--[a-z-]+)`)

// options are the names of those that a help text tells.
func options(text string) []string {
	var names []string
	for _, match := range option.FindAllStringSubmatch(strings.Join(section(text, "OPTIONS:"), "\n"), -1) {
		names = append(names, match[1])
	}
	return names
}

// withoutOptions takes options out of a help text that has all of them, and
// says where they are told.
func withoutOptions(text string, shared []string) string {
	own := section(text, "OPTIONS:")
	for _, name := range shared {
		if !slices.Contains(options(text), name) {
			return text
		}
	}
	var rest []string
	told := false
	for _, line := range own {
		if match := option.FindStringSubmatch(line); match != nil {
			told = slices.Contains(shared, match[1])
		}
		if !told {
			rest = append(rest, line)
		}
	}
	those := "   those of o365aws admin " + adminExample
	if len(rest) > 0 {
		those = "   and" + those[2:]
	}
	rest = append(rest, those)
	return strings.Replace(text, strings.Join(own, "\n"), strings.Join(rest, "\n"), 1)
}

// help runs a command with --help.
func help(path ...string) string {
	var stderr bytes.Buffer
	env := cli.Env{
		Stdin: strings.NewReader(""), Stdout: &stderr, Stderr: &stderr,
		Getenv: func(string) string { return "" }, Environ: func() []string { return nil },
		UserHome: func() (string, error) { return "", os.ErrNotExist }, Now: time.Now,
		Terminal: func() (*os.File, *os.File, func()) { return nil, nil, func() {} },
	}
	cli.Main(context.Background(), env, append(append([]string{"o365aws"}, path...), "--help"))
	return stderr.String()
}

// section returns the lines below a title.
func section(text, title string) []string {
	_, rest, found := strings.Cut("\n"+text, "\n"+title+"\n")
	if !found {
		return nil
	}
	body, _, _ := strings.Cut(rest, "\n\n")
	return strings.Split(strings.TrimRight(body, "\n"), "\n")
}

// indented is a block of text as it stands.
func indented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimSpace(text) + "\n") {
		if line != "\n" {
			b.WriteString("    ")
		}
		b.WriteString(line)
	}
	return b.String()
}

func unindented(text string) string {
	return strings.TrimSpace(strings.ReplaceAll("\n"+text, "\n   ", "\n"))
}

// purpose is the line that says what a command is for, as a sentence.
func purpose(text string) string {
	_, what, _ := strings.Cut(section(text, "NAME:")[0], " - ")
	return strings.ToUpper(what[:1]) + what[1:]
}

// ownPart takes out of a help text what all commands share, and the lines
// that the heading says already.
func ownPart(text string) string {
	text, _, _ = strings.Cut(text, "\nEXIT STATUS:")
	if before, after, found := strings.Cut(text, "\nCOMMON OPTIONS:"); found {
		_, after, _ = strings.Cut(after, "\n\n")
		text = before + "\n" + after
	}
	_, text, _ = strings.Cut(text, "\nUSAGE:\n")
	_, text, _ = strings.Cut(text, "\n\n")
	return strings.TrimSpace(text)
}
