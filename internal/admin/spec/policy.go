package spec

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Policy is an IAM policy document.
type Policy struct{ Document any }

// UnmarshalYAML implements yaml.Unmarshaler: a mapping, or JSON as text.
func (p *Policy) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		if err := json.Unmarshal([]byte(node.Value), &p.Document); err != nil {
			return errors.New("is not a policy document: neither a mapping nor JSON")
		}
	} else if err := node.Decode(&p.Document); err != nil {
		return fmt.Errorf("is not a policy document: %w", err)
	}
	document, ok := p.Document.(map[string]any)
	if !ok || document["Statement"] == nil {
		return errors.New("is not a policy document: it has no Statement")
	}
	if version, ok := document["Version"]; !ok {
		document["Version"] = PolicyVersion
	} else {
		document["Version"] = fmt.Sprint(version) // YAML reads 2012-10-17 as a date
		if strings.HasPrefix(document["Version"].(string), PolicyVersion) {
			document["Version"] = PolicyVersion
		}
	}
	return nil
}

const PolicyVersion = "2012-10-17"

// Replace returns the policy with a placeholder replaced in all its values.
func (p Policy) Replace(placeholder, value string) Policy {
	return Policy{Walk(p.Document, func(text string) any { return strings.ReplaceAll(text, placeholder, value) })}
}

// Walk returns a document with each text replaced by what edit returns.
func Walk(v any, edit func(string) any) any {
	switch v := v.(type) {
	case string:
		return edit(v)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = Walk(v[i], edit)
		}
		return list
	case map[string]any:
		m := make(map[string]any, len(v))
		for key, value := range v {
			m[key] = Walk(value, edit)
		}
		return m
	}
	return v
}

// The placeholders in inline policies; {account} also in ARNs of policies.
const (
	AccountPlaceholder   = "{account}"
	PartitionPlaceholder = "{partition}"
)

// JSON writes the document, the keys in order.
func (p Policy) JSON() string { return CompactJSON(p.Document) }

func CompactJSON(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // < and > are operators and placeholders of IAM's
	if err := e.Encode(v); err != nil {
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// SamePolicy reports whether two policy documents mean the same: the order of
// keys and values, white space, and a list of one value do not matter.
func SamePolicy(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return a == b
	}
	return reflect.DeepEqual(meaning(x), meaning(y))
}

// meaning returns equal values for documents that mean the same.
func meaning(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := make(map[string]any, len(v))
		for key, value := range v {
			value = meaning(value)
			if _, isList := value.([]any); !isList && !isObject(value) || key == "Statement" && isObject(value) {
				value = []any{value}
			}
			if key == "Action" || key == "NotAction" {
				value = meaning(lower(value))
			}
			m[key] = value
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = meaning(v[i])
		}
		sort.Slice(list, func(i, j int) bool { return CompactJSON(list[i]) < CompactJSON(list[j]) })
		return slices.CompactFunc(list, reflect.DeepEqual)
	case bool:
		return fmt.Sprint(v) // "true" and true are the same to IAM
	case float64:
		return fmt.Sprint(v)
	}
	return v
}

func isObject(v any) bool {
	_, ok := v.(map[string]any)
	return ok
}

// lower returns actions in lower case: IAM does not distinguish case.
func lower(v any) any {
	list, _ := v.([]any)
	out := make([]any, len(list))
	for i := range list {
		if text, ok := list[i].(string); ok {
			out[i] = strings.ToLower(text)
		} else {
			out[i] = list[i]
		}
	}
	return out
}

// IndentedJSON returns v as indented JSON.
func IndentedJSON(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return ""
	}
	return b.String()
}
