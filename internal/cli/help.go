package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/prompt"
	"github.com/o365aws/o365aws/internal/termtext"
)

// documents is the URL of the documentation.
const documents = "https://github.com/o365aws/o365aws#readme"

// rootExample is the example in the help of the program itself.
const rootExample = "   o365aws configure\n   o365aws exec -- aws s3 ls"

func (h helpWriter) mainHelp(app *cli.App) {
	p := h.helpPage()
	p.section("NAME", "   "+app.HelpName+" - "+app.Usage)
	p.section("USAGE", "   "+app.HelpName+" COMMAND [OPTION...]\n   "+app.HelpName+" --version")
	p.section("COMMANDS", p.rows(commandRows(app.Commands)))
	p.section("GLOBAL OPTIONS", p.rows(flagRows(app.Flags)))
	p.section("EXAMPLE", rootExample)
	codes := []row{{"0", "ok"}}
	for _, kind := range fault.Table {
		codes = append(codes, row{fmt.Sprint(int(kind.Kind)), kind.Meaning})
	}
	p.section("EXIT STATUS", p.rows(codes))
	p.section("MORE", "   "+documents)
	p.print()
}

func (h helpWriter) commandHelp(c *cli.Command) {
	p := h.helpPage()
	description, example := cutExample(c.Description)
	usage := strings.TrimSpace("[OPTION...] " + c.ArgsUsage)
	if len(c.Subcommands) > 0 {
		usage = "COMMAND [OPTION...]"
	}
	p.section("NAME", "   "+c.HelpName+" - "+c.Usage)
	p.section("USAGE", "   "+c.HelpName+" "+usage)
	p.section("DESCRIPTION", p.prose(description))
	p.section("COMMANDS", p.rows(commandRows(c.Subcommands)))
	p.section("OPTIONS", p.rows(flagRows(slices.DeleteFunc(slices.Clone(c.Flags), isCommon))))
	var common []string
	for _, flag := range commonFlags() {
		common = append(common, "--"+flag.Names()[0])
	}
	p.section("COMMON OPTIONS", p.prose(strings.Join(common, ", ")+": see o365aws --help"))
	p.section("EXAMPLE", example)
	codes := []string{"0 ok"}
	for _, kind := range fault.Table {
		codes = append(codes, fmt.Sprintf("%d %s", int(kind.Kind), kind.Short))
	}
	p.section("EXIT STATUS", p.prose(strings.Join(codes, ", ")))
	p.print()
}

// helpPage builds a help text.
type helpPage struct {
	palette
	to    io.Writer
	width int
	parts []string
}

// helpWidth is the maximum width of help, because long lines are hard to read.
const helpWidth = 100

func (h helpWriter) helpPage() *helpPage {
	width := prompt.Width(h.Stdout)
	if width == 0 || width > helpWidth {
		width = helpWidth
	}
	return &helpPage{palette: h.painted(h.Stdout), to: h.Stdout, width: width}
}

// section adds a section with a title, unless it is empty.
func (p *helpPage) section(title, body string) {
	if body != "" {
		p.parts = append(p.parts, p.paint(bold, title+":")+"\n"+strings.TrimRight(body, "\n")+"\n")
	}
}

func (p *helpPage) print() { _, _ = io.WriteString(p.to, strings.Join(p.parts, "\n")) }

// row is a word and its description.
type row struct{ word, about string }

// widestWord is the maximum width of the first column. A longer word gets its own line.
const widestWord = 26

// rows formats words in a column, with their descriptions in the next.
func (p *helpPage) rows(rows []row) string {
	column := 0
	for _, r := range rows {
		if n := len(r.word); n <= widestWord {
			column = max(column, n)
		}
	}
	indent := len("   ") + column + gap
	var b strings.Builder
	for _, r := range rows {
		lead := fmt.Sprintf("   %-*s%*s", column, r.word, gap, "")
		if len(r.word) > column {
			lead = "   " + r.word + "\n" + strings.Repeat(" ", indent)
		}
		b.WriteString(lead + wrap(r.about, p.width, indent) + "\n")
	}
	return b.String()
}

// prose wraps paragraphs to the width. Indented lines are unchanged.
func (p *helpPage) prose(text string) string {
	const indent = "   "
	var out, paragraph []string
	flush := func() {
		if len(paragraph) > 0 {
			out = append(out, indent+wrap(strings.Join(paragraph, " "), p.width, len(indent)))
		}
		paragraph = nil
	}
	for _, line := range strings.Split(text, "\n") {
		if line != "" && line[0] != ' ' {
			paragraph = append(paragraph, line)
			continue
		}
		flush()
		if line != "" {
			line = indent + line
		}
		out = append(out, line)
	}
	flush()
	return strings.TrimRight(strings.Join(out, "\n"), "\n")
}

func commandRows(commands []*cli.Command) []row {
	var rows []row
	for _, c := range commands {
		if !c.Hidden {
			rows = append(rows, row{c.Name, c.Usage})
		}
	}
	return rows
}

func flagRows(flags []cli.Flag) []row {
	var rows []row
	for _, f := range flags {
		if d, ok := visible(f); ok {
			rows = append(rows, row{flagWord(f, d), flagUsage(d)})
		}
	}
	return rows
}

// flagUsage returns the description of a flag with its default.
func flagUsage(d cli.DocGenerationFlag) string {
	if text := defaultOf(d); text != "" {
		return d.GetUsage() + " (default: " + text + ")"
	}
	return d.GetUsage()
}

// flagWord returns a flag as shown in help: -p, --profile NAME.
func flagWord(f cli.Flag, d cli.DocGenerationFlag) string {
	names := f.Names()
	word := "--" + names[0]
	for _, short := range names[1:] {
		word = dashed(short) + ", " + word
	}
	if d.TakesValue() {
		word += " " + placeholder(f)
	}
	return word
}

// placeholders maps flags to the placeholders of their values.
var placeholders = map[string]string{
	"profile": "NAME", "region": "REGION", "output": "FORMAT", "color": "WHEN", "role": "ROLE", "browser": "KIND",
	"mfa": "METHOD", "save-diagnostics": "FOLDER", "dir": "FOLDER",
	"shell": "SHELL", "service": "SERVICE", "firefox-container": "NAME", "chrome-profile": "FOLDER",
	"email": "ADDRESS", "tenant": "TENANT", "url": "LINK",
	"app-id-uri": "URI", "cloud": "CLOUD", "login-host": "HOST", "name-template": "TEMPLATE", "from": "SOURCE",
	"style": "STYLE", "file": "FILE",
	"account": "NUMBER", "sign-in": "WAY", "client-id": "GUID", "only": "SIDE", "parallel": "N", "user": "NAME",
	"group": "GROUP", "confirm": "NAME",
}

// placeholder returns the placeholder of a flag's value.
func placeholder(f cli.Flag) string {
	if _, ok := f.(*cli.DurationFlag); ok {
		return "TIME"
	}
	return cmp.Or(placeholders[f.Names()[0]], "VALUE")
}

// defaultOf returns the default of a flag in command line syntax.
func defaultOf(d cli.DocGenerationFlag) string {
	text := d.GetDefaultText()
	if !d.TakesValue() || text == "[]" {
		return ""
	}
	if lasting, err := time.ParseDuration(text); err == nil && lasting >= time.Minute && lasting%time.Minute == 0 {
		return termtext.Duration(lasting)
	}
	return strings.Trim(text, `"`)
}

// cutExample splits a description into text and example, its last paragraph.
func cutExample(description string) (text, example string) {
	const word = "Example: "
	i := strings.LastIndex("\n\n"+description, "\n\n"+word)
	if i < 0 {
		return description, ""
	}
	lines := strings.Split(description[i+len(word):], "\n")
	for j := range lines {
		lines[j] = "   " + strings.TrimSpace(lines[j])
	}
	return strings.TrimRight(description[:i], "\n"), strings.Join(lines, "\n")
}
