package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/o365aws/o365aws/internal/fault"
)

// maxSpec bounds a spec file, in bytes.
const maxSpec = 4 << 20

// Load reads a spec file, fills in what it leaves out, and checks it.
func Load(path string) (*Spec, error) {
	data, whole, err := ReadUpTo(path, maxSpec)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fault.Newf(fault.Config, "no spec file %s", path).
			Hint("create one with o365aws admin init; --file names another")
	case err != nil:
		return nil, fault.Wrap(fault.Config, err, "the spec file cannot be read")
	case !whole:
		return nil, fault.Newf(fault.Config, "the spec file %s is larger than %d bytes", path, maxSpec)
	}
	return Parse(path, data)
}

// ReadUpTo reads a file, whole if it has no more than most bytes. A pipe or a device is
// refused: opening it could block.
func ReadUpTo(path string, most int64) (data []byte, whole bool, err error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, false, fmt.Errorf("%s is not an ordinary file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, false, err
	}
	data, err = io.ReadAll(io.LimitReader(f, most+1))
	return data, int64(len(data)) <= most, errors.Join(err, f.Close())
}

// Parse reads a spec; file is its name for messages, and what relative paths
// in it are relative to.
func Parse(file string, data []byte) (*Spec, error) {
	var document yaml.Node
	reader := yaml.NewDecoder(bytes.NewReader(data))
	if err := reader.Decode(&document); err != nil && !errors.Is(err, io.EOF) {
		return nil, syntaxError(file, err)
	}
	if err := reader.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fault.Newf(fault.Config, "the spec file %s holds more than one YAML document", file).
			Hint("remove everything from the second --- on, or put it in a file of its own")
	}
	s := &Spec{file: file, positions: positions{}}
	if len(document.Content) == 0 {
		return nil, fault.Newf(fault.Config, "the spec file %s is empty", file).Hint("create one with o365aws " +
			"admin init")
	}
	d := decoder{positions: s.positions}
	d.into(document.Content[0], s)
	if len(d.problems) == 0 {
		s.defaults()
		d.problems = s.check()
	}
	if len(d.problems) > 0 {
		return nil, specError(file, d.problems)
	}
	return s, nil
}

// syntaxLine matches the line that the YAML library reports in a syntax error.
var syntaxLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

func syntaxError(file string, err error) error {
	found := syntaxLine.FindStringSubmatch(strings.ReplaceAll(err.Error(), "\n", " "))
	if found == nil {
		return fault.Wrap(fault.Config, err, file)
	}
	line, column := found[1], ":1"
	if line == "" {
		line, column = "1", ":1"
	}
	return fault.Newf(fault.Config, "%s:%s%s: %s", file, line, column, found[2]).
		Hint("the file is YAML: indent by spaces, and put text with : or # into quotes")
}

// position is a place in the file, counted from 1.
type position struct{ line, column int }

// positions are the places of the spec's values, by path: roles[0].name.
type positions map[string]position

// at finds the place of a path, or of the nearest thing around it.
func (p positions) at(path string) position {
	for {
		if where, ok := p[path]; ok {
			return where
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			return position{1, 1}
		}
		path = path[:cut]
	}
}

// problem is one thing that is wrong with a spec.
type problem struct {
	position
	path, text, hint string
}

// maxProblems bounds how many problems are reported at once.
const maxProblems = 8

func specError(file string, problems []problem) error {
	say := func(p problem) string {
		text := fmt.Sprintf("%s:%d:%d: ", file, p.line, p.column)
		if p.path != "" {
			text += p.path + ": "
		}
		return text + p.text
	}
	e := fault.New(fault.Config, say(problems[0]))
	if problems[0].hint != "" {
		e = e.Hint("%s", problems[0].hint)
	}
	for _, p := range problems[1:min(len(problems), maxProblems)] {
		text := say(p)
		if p.hint != "" {
			text += " (" + p.hint + ")"
		}
		e = e.Hint("also %s", text)
	}
	return e
}

// Path makes a path of the spec one from where we stand.
func (s *Spec) Path(path string) string {
	if filepath.IsAbs(path) || s.file == "" {
		return path
	}
	return filepath.Join(filepath.Dir(s.file), path)
}

// UnmarshalYAML implements yaml.Unmarshaler: 1h, 90m, or seconds.
func (d *Duration) UnmarshalYAML(node *yaml.Node) error {
	if seconds, err := strconv.Atoi(node.Value); err == nil {
		*d = Duration(time.Duration(seconds) * time.Second)
		return nil
	}
	parsed, err := time.ParseDuration(node.Value)
	if err != nil || node.Kind != yaml.ScalarNode {
		return fmt.Errorf("%q is not a duration; write it as 1h or 90m", node.Value)
	}
	*d = Duration(parsed)
	return nil
}
