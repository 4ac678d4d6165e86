package repotest

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/o365aws/o365aws/internal/cli"
)

// command is a command of the reference, parsed from its help text.
type command struct {
	Name          string // including the program and the parent commands
	Depth         int    // 0 for a top-level command, 1 for its subcommands
	Purpose       string
	Description   string
	Options       []commandOption
	SharedOptions string // heading under which the shared options are listed
	Examples      string
}

// Heading returns the prefix of the command's Markdown heading.
func (c command) Heading() string { return "##" + strings.Repeat("#", c.Depth) }

// Anchor returns the anchor that GitHub generates for the command's heading.
func (c command) Anchor() string { return strings.ReplaceAll(c.Name, " ", "-") }

type commandOption struct{ Anchor, Name, Syntax, Text string }

// commands renders docs/commands.md from the help texts. A template block with the name
// of a command replaces the example in its help text.
func commands() string {
	t, err := parse("commands.md")
	if err != nil {
		panic(err)
	}
	root := help()
	data := struct {
		Common   []commandOption
		Commands []command
	}{Common: parseOptions(root, "GLOBAL OPTIONS:", "")}
	shared := parseOptions(help("admin", adminExample), "OPTIONS:", "")
	data.Commands = commandsBelow(t, root, nil, shared)
	return execute(t, data)
}

// adminExample is the command that lists the options shared by the admin
// commands.
const adminExample = "plan"

// commandsBelow returns the commands listed in a help text and their subcommands.
func commandsBelow(t *template.Template, text string, above []string, shared []commandOption) []command {
	var all []command
	for _, line := range section(text, "COMMANDS:") {
		path := append(slices.Clone(above), strings.TrimSuffix(strings.Fields(line)[0], ","))
		own := help(path...)
		c := command{
			Name: "o365aws " + strings.Join(path, " "), Depth: len(above), Purpose: purpose(own),
			Description: description(own), Options: parseOptions(own, "OPTIONS:", strings.Join(path, "-")),
		}
		if len(above) > 0 && above[0] == "admin" && path[1] != adminExample {
			c.Options, c.SharedOptions = withoutShared(c.Options, shared)
		}
		if block := t.Lookup(path[len(path)-1]); block != nil && len(path) == 1 {
			c.Examples = execute(block, nil)
		} else if _, example, found := strings.Cut(own, "\nEXAMPLE:\n"); found {
			example, _, _ = strings.Cut(example, "\nEXIT STATUS:")
			c.Examples = "```\n" + unindented(example) + "\n```\n"
		}
		all = append(append(all, c), commandsBelow(t, own, path, shared)...)
	}
	return all
}

// withoutShared omits the shared options if all of them are present.
func withoutShared(options, shared []commandOption) (own []commandOption, note string) {
	has := func(list []commandOption, name string) bool {
		return slices.ContainsFunc(list, func(o commandOption) bool { return o.Name == name })
	}
	for _, o := range shared {
		if !has(options, o.Name) {
			return options, ""
		}
	}
	for _, o := range options {
		if !has(shared, o.Name) {
			own = append(own, o)
		}
	}
	note = "Options of [o365aws admin " + adminExample + "](#o365aws-admin-" + adminExample + ") also apply."
	return own, note
}

// help returns the output of a command with --help.
func help(path ...string) string {
	var output bytes.Buffer
	env := cli.Env{
		Stdin: strings.NewReader(""), Stdout: &output, Stderr: &output,
		Getenv: func(string) string { return "" }, Environ: func() []string { return nil },
		UserHome: func() (string, error) { return "", os.ErrNotExist }, Now: time.Now,
		Terminal: func() (*os.File, *os.File, func()) { return nil, nil, func() {} },
	}
	cli.Main(context.Background(), env, append(append([]string{"o365aws"}, path...), "--help"))
	return output.String()
}

// section returns the lines between a title and the next empty line.
func section(text, title string) []string {
	_, rest, found := strings.Cut("\n"+text, "\n"+title+"\n")
	if !found {
		return nil
	}
	body, _, _ := strings.Cut(rest, "\n\n")
	return strings.Split(strings.TrimRight(body, "\n"), "\n")
}

var (
	// optionLine matches the first line of an option in a help text.
	optionLine = regexp.MustCompile(`^   ((?:-\w, )?--([a-z-]+)(?: [A-Z]+)?)\s{2,}(.*)$`)
	// nextTitle matches the title of the next section of a help text.
	nextTitle = regexp.MustCompile(`(?m)^[A-Z][A-Z ]+:$`)
)

// parseOptions returns the options below a title. prefix is the prefix of their anchors.
func parseOptions(text, title, prefix string) []commandOption {
	var options []commandOption
	for _, line := range section(text, title) {
		if found := optionLine.FindStringSubmatch(line); found != nil {
			anchor := prefix + "--" + found[2]
			options = append(options, commandOption{anchor, found[2], found[1], found[3]})
		} else if last := len(options) - 1; last < 0 || strings.HasPrefix(line, "   -") {
			panic("cannot read this line of a help text: " + line)
		} else {
			options[last].Text += " " + strings.TrimSpace(line)
		}
	}
	return options
}

// description converts the description in a help text to Markdown: paragraphs, and
// indented blocks verbatim.
func description(text string) string {
	_, rest, found := strings.Cut(text, "\nDESCRIPTION:\n")
	if !found {
		return ""
	}
	if end := nextTitle.FindStringIndex(rest); end != nil {
		rest = rest[:end[0]]
	}
	var paragraphs []string
	for paragraph := range strings.SplitSeq(strings.TrimRight(rest, "\n"), "\n\n") {
		text := unindented(paragraph)
		if strings.HasPrefix(paragraph, "      ") {
			text = "```text\n" + strings.ReplaceAll(strings.TrimPrefix(paragraph, "      "), "\n      ", "\n") + "\n```"
		}
		paragraphs = append(paragraphs, text)
	}
	return strings.Join(paragraphs, "\n\n")
}

func unindented(text string) string {
	return strings.TrimSpace(strings.ReplaceAll("\n"+text, "\n   ", "\n"))
}

// purpose returns the summary line of a help text as a sentence.
func purpose(text string) string {
	_, what, _ := strings.Cut(section(text, "NAME:")[0], " - ")
	return strings.ToUpper(what[:1]) + what[1:]
}
