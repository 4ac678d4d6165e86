package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/fault"
)

// manCommand prints man pages. ToMan of urfave/cli v2 puts all commands on one page, and
// links a Markdown parser that adds half a millisecond to every start; the build tag
// urfave_cli_no_docs excludes it.
func (s *invocation) manCommand() *cli.Command {
	return &cli.Command{
		Name: "man", Usage: "print the man page, or write the man page of each command",
		Description: "The pages are generated from the commands.\n\n" +
			"Example: o365aws man --dir /usr/local/share/man/man1",
		Flags:  []cli.Flag{&cli.StringFlag{Name: "dir", Usage: "write all pages to this folder"}},
		Action: s.man,
	}
}

func (s *invocation) man(c *cli.Context) error {
	pages, dir := manPages(c.App, s.commands()), c.String("dir")
	if dir == "" {
		_, err := io.WriteString(s.Stdout, pages[c.App.Name])
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { // man pages are readable by everyone
		return fault.Wrap(fault.Config, err, "cannot create the folder")
	}
	for name, text := range pages {
		if err := os.WriteFile(filepath.Join(dir, name+".1"), []byte(text), 0o644); err != nil {
			return fault.Wrap(fault.Config, err, "cannot write the page")
		}
	}
	return nil
}

// manPages returns all pages by name: one for the program and one for each command.
// commands must not have the common flags yet; each page lists them last.
func manPages(app *cli.App, commands []*cli.Command) map[string]string {
	pages := map[string]string{app.Name: mainPage(app)}
	var add func(above string, commands []*cli.Command)
	add = func(above string, commands []*cli.Command) {
		for _, c := range commands {
			if name := above + "-" + c.Name; !c.Hidden {
				pages[name] = commandPage(app, name, c)
				add(name, c.Subcommands)
			}
		}
	}
	add(app.Name, commands)
	return pages
}

// page builds a man page with the macros of man(7).
type page struct{ strings.Builder }

// newPage starts a page. It has no date, so that builds are reproducible.
func newPage(name, about string) *page {
	p := &page{}
	v, _ := buildVersion()
	fmt.Fprintf(p, ".TH %s 1 \"\" \"o365aws %s\" \"User Commands\"\n", quoteRoff(strings.ToUpper(name)), roff(v))
	p.section("Name")
	p.line(name + " \\- " + roff(about))
	return p
}

func (p *page) section(name string) { p.line(".SH " + strings.ToUpper(name)) }

func (p *page) line(text string) { p.WriteString(text + "\n") }

// text writes paragraphs. Indented lines are unchanged.
func (p *page) text(text string) {
	literal, begun := false, ".nf\n.RS" // the first paragraph needs no separator
	for _, line := range strings.Split(text, "\n") {
		indented := strings.HasPrefix(line, "   ")
		switch {
		case indented && !literal:
			p.line(begun)
		case !indented && literal:
			p.line(".RE\n.fi")
		}
		literal, begun = indented, ".PP\n.nf\n.RS"
		switch {
		case line != "":
			p.line(roff(strings.TrimSpace(line)))
		case !literal:
			p.line(".PP")
		}
	}
	if literal {
		p.line(".RE\n.fi")
	}
}

func (p *page) options(flags []cli.Flag) {
	p.section("Options")
	for _, f := range flags {
		d, ok := visible(f)
		if !ok {
			continue
		}
		var names []string
		for _, name := range f.Names() {
			names = append(names, "\\fB"+roff(dashed(name))+"\\fR")
		}
		argument := ""
		if d.TakesValue() {
			argument = " \\fI" + roff(placeholder(f)) + "\\fR"
		}
		p.line(".TP\n" + strings.Join(names, ", ") + argument)
		p.line(roff(flagUsage(d)))
	}
}

func (p *page) commands(above string, commands []*cli.Command) {
	p.section("Commands")
	for _, c := range commands {
		p.line(".TP\n\\fB" + roff(above+" "+c.Name) + "\\fR")
		p.line(roff(c.Usage))
	}
}

func (p *page) exitStatus() {
	p.section("Exit status")
	p.line(".TP\n\\fB0\\fR\nok")
	for _, row := range fault.Table {
		p.line(fmt.Sprintf(".TP\n\\fB%d\\fR\n%s", int(row.Kind), roff(row.Meaning)))
	}
}

func mainPage(app *cli.App) string {
	p := newPage(app.Name, app.Usage)
	p.section("Synopsis")
	p.line("\\fB" + app.Name + "\\fR \\fIcommand\\fR [\\fIoption\\fR ...]")
	p.commands(app.Name, app.VisibleCommands())
	p.options(app.Flags)
	p.section("Examples")
	p.text(rootExample)
	p.exitStatus()
	p.section("See also")
	var names []string
	for _, c := range app.VisibleCommands() {
		names = append(names, "\\fB"+roff(app.Name+"-"+c.Name)+"\\fR(1)")
	}
	p.line(strings.Join(names, ",\n"))
	return p.String()
}

func commandPage(app *cli.App, name string, c *cli.Command) string {
	p := newPage(name, c.Usage)
	spaced := strings.Replace(strings.ReplaceAll(name, "-"+c.Name, " "+c.Name), app.Name+"-", app.Name+" ", 1)
	p.section("Synopsis")
	line := "\\fB" + roff(spaced) + "\\fR [\\fIoption\\fR ...]"
	if c.ArgsUsage != "" {
		line += " " + roff(c.ArgsUsage)
	}
	p.line(line)
	description, example := cutExample(c.Description)
	if description != "" {
		p.section("Description")
		p.text(description)
	}
	if len(c.Subcommands) > 0 {
		p.commands(spaced, c.Subcommands)
	}
	p.options(append(c.Flags, commonFlags()...))
	if example != "" {
		p.section("Examples")
		p.text(example)
	}
	p.exitStatus()
	p.section("See also")
	p.line("\\fB" + app.Name + "\\fR(1)")
	return p.String()
}

// roff escapes the characters that are special in roff.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	return text
}

func quoteRoff(text string) string { return `"` + strings.ReplaceAll(text, `"`, `\(dq`) + `"` }
