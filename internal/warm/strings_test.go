package warm

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"testing"
)

// What the light reader reads is what the JSON reader reads; it may only leave
// more to the slow way.
func FuzzStrings(f *testing.F) {
	for _, text := range []string{
		`{}`, ` { } `, `{"a":"b"}`, "{\n  \"a\" : \"b\",\n\t\"c\":\"\"\n}\n", `{"a":"b","a":"c"}`, `{"a":["b","c"],"d":[]}`, `{"a":[]}x`, `{"a":null}`,
		`{"a":"\u0062"}`, `{"a":"é"}`, `{"a":"b",}`, `{"a":["b",]}`, `{,}`, `{"a":[,]}`, `["a"]`, `{"a":"b"`, `{"a" "b"}`, `{a:"b"}`, "{\"a\":\"\x00\"}", ``, `"`, `{"`,
		`{"a":1}`, `{"a":["b" "c"]}`, `{"a":{}}`, "{\"a\":\"b\"}\x00", "\xef\xbb\xbf{}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var names map[string]string
		if got, ok := readNames([]byte(text)); ok {
			if err := json.Unmarshal([]byte(text), &names); err != nil || !maps.Equal(got, names) {
				t.Errorf("%q: names %v, as JSON %v, %v", text, got, names, err)
			}
		}
		var lists map[string][]string
		if got, ok := readLists([]byte(text)); ok {
			err := json.Unmarshal([]byte(text), &lists)
			for key, list := range lists {
				if len(list) == 0 {
					lists[key] = nil // JSON tells [] from null
				}
			}
			if err != nil || !reflect.DeepEqual(got, lists) {
				t.Errorf("%q: lists %v, as JSON %v, %v", text, got, lists, err)
			}
		}
	})
}

// What we write is what it reads.
func TestStringsThatWeWrite(t *testing.T) {
	written, err := json.MarshalIndent(map[string][]string{"dev": {"arn:aws:iam::111122223333:role/x", "arn:aws:iam::111122223333:role/a/y+=,.@-_"}, "none": {}}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if lists, ok := readLists(append(written, '\n')); !ok || len(lists["dev"]) != 2 || !strings.HasSuffix(lists["dev"][1], "@-_") {
		t.Errorf("%v, %v", lists, ok)
	}
	if names, ok := readNames([]byte("{\n  \"111122223333\": \"prod\"\n}\n")); !ok || names["111122223333"] != "prod" {
		t.Errorf("%v, %v", names, ok)
	}
}
