package spec

import (
	"reflect"
	"strings"
)

// SchemaURL is the address of the schema for editors.
const SchemaURL = "https://raw.githubusercontent.com/o365aws/o365aws/main/docs/o365aws.schema.json"

// Schema returns the JSON schema of the spec file, generated from its types.
func Schema() string {
	root := schemaOf(reflect.TypeFor[Spec](), "")
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = SchemaURL
	root["title"] = "o365aws.yaml"
	root["description"] = "What o365aws admin sets up: a Microsoft Entra tenant and AWS accounts."
	return IndentedJSON(root)
}

func schemaOf(t reflect.Type, tag reflect.StructTag) map[string]any {
	s := map[string]any{}
	switch {
	case t == reflect.TypeFor[Duration]():
		s["type"], s["pattern"] = []any{"string", "integer"}, `^([0-9]+h)?([0-9]+m)?([0-9]+s)?$`
	case t == reflect.TypeFor[Conditions]():
		s["type"] = "object"
	case t == reflect.TypeFor[Policy]():
		s["type"] = []any{"object", "string"}
	case t.Kind() == reflect.Pointer:
		return schemaOf(t.Elem(), tag)
	case t.Kind() == reflect.Struct:
		properties := map[string]any{}
		for _, f := range fieldsOf(t) {
			properties[f.name] = schemaOf(t.Field(f.index).Type, f.tag)
		}
		s["type"], s["properties"], s["additionalProperties"] = "object", properties, false
	case t.Kind() == reflect.Slice:
		s["type"], s["items"] = "array", schemaOf(t.Elem(), "")
	case t.Kind() == reflect.Map:
		s["type"], s["additionalProperties"] = "object", schemaOf(t.Elem(), "")
	case t.Kind() == reflect.Bool:
		s["type"] = "boolean"
	case t.Kind() == reflect.Int:
		s["type"] = "integer"
	default:
		s["type"] = "string"
		if pattern := tag.Get("pattern"); pattern != "" {
			s["pattern"] = pattern
		}
		if enum := tag.Get("enum"); enum != "" {
			delete(s, "pattern")
			s["enum"] = strings.Split(enum, ",")
		}
	}
	if doc := tag.Get("doc"); doc != "" {
		s["description"] = doc
	}
	return s
}
