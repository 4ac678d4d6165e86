package spec

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/o365aws/o365aws/internal/termtext"
)

// decoder fills a struct from YAML by the struct's tags. Unlike the library's
// decoder it reports the column of a problem, suggests the nearest key, and
// records the position of every value for the checks that follow.
type decoder struct {
	positions positions
	problems  []problem
	aliases   int // around the value that is read
	repeated  int // values that aliases stood for
}

// maxRepeated bounds the values that aliases stand for: lists of aliases of
// lists would grow a small file without end.
const maxRepeated = 100_000

func (d *decoder) into(node *yaml.Node, spec *Spec) {
	d.value(node, reflect.ValueOf(spec).Elem(), "")
}

func (d *decoder) complain(node *yaml.Node, path, hint, format string, args ...any) {
	d.problems = append(d.problems, problem{position{node.Line, node.Column}, path, fmt.Sprintf(format, args...), hint})
}

func (d *decoder) value(node *yaml.Node, to reflect.Value, path string) {
	if node.Kind == yaml.AliasNode {
		d.aliases++
		defer func() { d.aliases-- }()
		node = node.Alias
	}
	if d.aliases > 0 {
		if d.repeated++; d.repeated >= maxRepeated {
			if d.repeated == maxRepeated {
				d.complain(
					node, path, "write out what is meant", "the file's aliases stand for more than %d values",
					maxRepeated,
				)
			}
			return
		}
	}
	d.positions[path] = position{node.Line, node.Column}
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return // "roles:" without a value equals no key
	}
	if custom, ok := to.Addr().Interface().(yaml.Unmarshaler); ok {
		if err := custom.UnmarshalYAML(node); err != nil {
			d.complain(node, path, "", "%v", err)
		}
		return
	}
	switch to.Kind() {
	case reflect.Pointer:
		to.Set(reflect.New(to.Type().Elem()))
		d.value(node, to.Elem(), path)
	case reflect.Struct:
		d.mapping(node, to, path)
	case reflect.Slice:
		d.sequence(node, to, path)
	case reflect.Map:
		d.dictionary(node, to, path)
	default:
		d.scalar(node, to, path)
	}
}

func (d *decoder) mapping(node *yaml.Node, to reflect.Value, path string) {
	if node.Kind != yaml.MappingNode {
		d.complain(node, path, "", "should be a mapping (key: value), not %s", kindName(node))
		return
	}
	fields := fieldsOf(to.Type())
	names := make([]string, 0, len(fields))
	for _, f := range fields {
		names = append(names, f.name)
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		field, ok := fields.find(key.Value)
		switch {
		case !ok:
			hint := "valid keys: " + strings.Join(names, ", ")
			if near := termtext.Nearest(key.Value, names); near != "" {
				hint = "did you mean " + near + "?"
			}
			d.complain(key, path, hint, "unknown key %q", key.Value)
		case seen[key.Value]:
			d.complain(key, path, "", "key %q is listed twice", key.Value)
		default:
			d.value(node.Content[i+1], to.Field(field.index), join(path, key.Value))
		}
		seen[key.Value] = true
	}
}

func (d *decoder) sequence(node *yaml.Node, to reflect.Value, path string) {
	if node.Kind != yaml.SequenceNode {
		d.complain(node, path, "begin each line with a dash", "should be a list, not %s", kindName(node))
		return
	}
	list := reflect.MakeSlice(to.Type(), len(node.Content), len(node.Content))
	for i, item := range node.Content {
		d.value(item, list.Index(i), path+"["+strconv.Itoa(i)+"]")
	}
	to.Set(list)
}

func (d *decoder) dictionary(node *yaml.Node, to reflect.Value, path string) {
	if node.Kind != yaml.MappingNode {
		d.complain(node, path, "", "should be a mapping (key: value), not %s", kindName(node))
		return
	}
	m := reflect.MakeMap(to.Type())
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if m.MapIndex(reflect.ValueOf(key.Value)).IsValid() {
			d.complain(key, path, "", "key %q is listed twice", key.Value)
			continue
		}
		item := reflect.New(to.Type().Elem()).Elem()
		d.value(node.Content[i+1], item, join(path, key.Value))
		m.SetMapIndex(reflect.ValueOf(key.Value), item)
	}
	to.Set(m)
}

func (d *decoder) scalar(node *yaml.Node, to reflect.Value, path string) {
	if node.Kind != yaml.ScalarNode {
		d.complain(node, path, "", "should be a single value, not %s", kindName(node))
		return
	}
	switch to.Kind() {
	case reflect.String:
		// The text as written: 012345678901 is an account, not a number.
		to.SetString(node.Value)
	case reflect.Bool:
		b, err := strconv.ParseBool(node.Value)
		if err != nil {
			d.complain(node, path, "", "should be true or false, not %q", node.Value)
		}
		to.SetBool(b)
	case reflect.Int:
		n, err := strconv.Atoi(node.Value)
		if err != nil {
			d.complain(node, path, "", "should be a number, not %q", node.Value)
		}
		to.SetInt(int64(n))
	default:
		panic("spec has a field of kind " + to.Kind().String())
	}
}

func kindName(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	return strconv.Quote(node.Value)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// field is a field of a struct that a spec may set.
type field struct {
	name  string
	index int
	tag   reflect.StructTag
}

type fields []field

func (f fields) find(name string) (field, bool) {
	for _, one := range f {
		if one.name == name {
			return one, true
		}
	}
	return field{}, false
}

// fieldsOf lists the fields that have a yaml tag.
func fieldsOf(t reflect.Type) fields {
	var all fields
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("yaml"); name != "" {
			all = append(all, field{name, i, t.Field(i).Tag})
		}
	}
	return all
}
