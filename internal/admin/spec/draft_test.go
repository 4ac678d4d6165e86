package spec

import (
	"encoding/json"
	"reflect"
	"testing"
)

// The draft of init is the default spec, and what the schema says is what the
// decoder takes.
func TestDraftAndSchema(t *testing.T) {
	draft, err := Parse("o365aws.yaml", Draft("example.onmicrosoft.com", "123456789012"))
	if err != nil {
		t.Fatal(err)
	}
	draft.positions, draft.file = nil, ""
	example := Example()
	example.positions, example.file = nil, ""
	if got, want := CompactJSON(draft), CompactJSON(example); got != want {
		t.Errorf("the draft is\n%s\nnot\n%s", got, want)
	}
	var schema struct {
		Properties map[string]struct {
			Type        any
			Description string
		}
		AdditionalProperties *bool
	}
	if err := json.Unmarshal([]byte(Schema()), &schema); err != nil {
		t.Fatal(err)
	}
	for _, f := range fieldsOf(reflect.TypeFor[Spec]()) {
		if schema.Properties[f.name].Description == "" {
			t.Errorf("%s has no description", f.name)
		}
	}
	if schema.AdditionalProperties == nil || *schema.AdditionalProperties {
		t.Error("the schema takes unknown keys")
	}
}
