package fastpath

import (
	"encoding/json"
	"testing"
)

// An entry is valid JSON, and Parse reads it without a JSON decoder.
func TestEntryIsJSON(t *testing.T) {
	for _, config := range []string{"/home/ada/.aws/config", `C:\Users\Ada "A" Ü\.aws\config`, `\\server\x\"`, ""} {
		h := Head{
			Obtained: 1, Expires: 2, Stamp: Stamp{Size: 3, MTime: -4}, Config: config, Profile: "dev",
			Asked: `a\*"b`,
		}
		data, ok := Format(h, []byte(`{"Version":1}`+"\n"), []byte(`{"a":"b"}`))
		if !ok {
			t.Fatalf("%q was refused", config)
		}
		var got struct {
			Config, Profile, Asked string
			Document               struct{ Version int }
		}
		if err := json.Unmarshal(data, &got); err != nil || got.Config != config || got.Asked != h.Asked ||
			got.Document.Version != 1 {
			t.Errorf("%v: %s", err, data)
		}
		back, document, details, ok := Parse(data)
		if !ok || back != h || string(document) != `{"Version":1}`+"\n" || string(details) != `{"a":"b"}` {
			t.Errorf("%v, %+v, %s, %s", ok, back, document, details)
		}
	}
	for _, config := range []string{"a\nb", "a\x01b", "a\xffb"} {
		if _, ok := Format(Head{Config: config}, []byte("{}"), []byte("{}")); ok {
			t.Errorf("%q was accepted", config)
		}
	}
}
