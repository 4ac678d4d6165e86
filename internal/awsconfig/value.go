package awsconfig

import (
	"encoding/json"
	"strings"

	"gopkg.in/ini.v1"
)

// IsOwnKey reports whether a setting is one of o365aws or aws-azure-login. AWS tools ignore
// these, so their values may have quotes and escapes.
func IsOwnKey(key string) bool {
	return strings.HasPrefix(key, "azure_") || strings.HasPrefix(key, "o365aws_")
}

// aliases maps the keys of forks of aws-azure-login to its own.
var aliases = map[string]string{
	"azure_app_id":         "azure_app_id_uri",
	"azure_duration_hours": "azure_default_duration_hours",
}

// aliasesOf returns the aliases of a key.
func aliasesOf(key string) []string {
	var names []string
	for alias, canonical := range aliases {
		if canonical == key {
			names = append(names, alias)
		}
	}
	return names
}

// Canonical returns the key of a setting that may be an alias.
func Canonical(key string) string {
	if canonical, ok := aliases[key]; ok {
		return canonical
	}
	return key
}

// decode returns a value as aws-azure-login reads it with the npm package ini: it removes
// a pair of quotes, the escapes \\, \; and \#, and a trailing comment. Unlike that
// package, it accepts # and ; within a word, because Microsoft's tutorial uses
// application identifiers such as https://signin.aws.amazon.com/saml#2.
// Source: github.com/npm/ini, lib/ini.js, unsafe
func decode(value string) string {
	if n := len(value); n > 1 && value[0] == value[n-1] && (value[0] == '"' || value[0] == '\'') {
		var text string
		if value[0] == '"' && json.Unmarshal([]byte(value), &text) == nil {
			return text
		}
		return value[1 : n-1]
	}
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '\\' && i+1 < len(value) && strings.IndexByte(`\;#`, value[i+1]) >= 0:
			i++
			b.WriteByte(value[i])
		case (c == '#' || c == ';') && (i == 0 || value[i-1] == ' ' || value[i-1] == '\t'):
			return strings.TrimSpace(b.String())
		default:
			b.WriteByte(c)
		}
	}
	return strings.TrimSpace(b.String())
}

// encode returns the text of a value in the file, as aws-azure-login writes it.
func encode(kv KV) string {
	if !IsOwnKey(kv.Key) {
		return kv.Value
	}
	return strings.NewReplacer("#", `\#`, ";", `\;`).Replace(kv.Value)
}

// valueIn returns the value of a setting or of its alias in a section.
func valueIn(section *ini.Section, key string) string {
	for _, name := range append([]string{key}, aliasesOf(key)...) {
		if !section.HasKey(name) {
			continue // Key would create it
		}
		value := strings.TrimSpace(section.Key(name).Value())
		if IsOwnKey(name) {
			value = decode(value)
		}
		if value != "" {
			return value
		}
	}
	return ""
}
