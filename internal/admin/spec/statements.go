package spec

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Statements returns the statements of a policy document in words, sorted, and
// whether text is a policy document.
func Statements(text string) ([]string, bool) {
	var document struct{ Statement any }
	if json.Unmarshal([]byte(text), &document) != nil || document.Statement == nil {
		return nil, false
	}
	var all []string
	for _, s := range listOf(document.Statement) {
		statement, ok := s.(map[string]any)
		if !ok {
			return nil, false
		}
		all = append(all, describe(statement))
	}
	slices.Sort(all)
	return all, true
}

// describe returns a statement in words: "Allow s3:Get* on arn:aws:s3:::logs/*".
func describe(statement map[string]any) string {
	text := fmt.Sprint(statement["Effect"])
	for _, part := range []struct{ key, word string }{
		{"Action", " "},
		{"NotAction", " all actions except "},
		{"Resource", " on "},
		{"NotResource", " on all resources except "},
		{"Principal", " by "},
		{"NotPrincipal", " by all except "},
	} {
		if value, ok := statement[part.key]; ok {
			text += part.word + values(value)
		}
	}
	operators, _ := statement["Condition"].(map[string]any)
	word := " if "
	for _, operator := range slices.Sorted(maps.Keys(operators)) {
		keys, _ := operators[operator].(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			text += word + key + " " + operator + " " + values(keys[key])
			word = " and "
		}
	}
	return text
}

// values returns a value, the values of a list or those of principals.
func values(v any) string {
	var all []string
	if principals, ok := v.(map[string]any); ok {
		for _, kind := range slices.Sorted(maps.Keys(principals)) {
			all = append(all, values(principals[kind]))
		}
		return strings.Join(all, ", ")
	}
	for _, one := range listOf(v) {
		all = append(all, fmt.Sprint(one))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func listOf(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	return []any{v}
}
