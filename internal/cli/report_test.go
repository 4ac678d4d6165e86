package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/o365aws/o365aws/internal/fault"
)

// JSON says hostile text as it is, and in characters that steer no terminal.
func TestJSONSteersNoTerminal(t *testing.T) {
	const hostile = "a\u009b31m\x1b[2J\u202e\u200b\u0085\U000e0041 Zoë 山田"
	var out, problems bytes.Buffer
	s := &session{json: true, Env: Env{Stdout: &out, Stderr: &problems}}
	if err := s.data(map[string]string{"name": hostile}); err != nil {
		t.Fatal(err)
	}
	if code := s.report(context.Background(), fault.New(fault.Auth, hostile)); code != int(fault.Auth) {
		t.Errorf("code %d", code)
	}
	var named struct{ Name string }
	if err := json.Unmarshal(out.Bytes(), &named); err != nil || named.Name != hostile {
		t.Errorf("%s: %v", out.String(), err)
	}
	var failed struct{ Error struct{ Message string } }
	if err := json.Unmarshal(problems.Bytes(), &failed); err != nil || failed.Error.Message != hostile {
		t.Errorf("%s: %v", problems.String(), err)
	}
	for _, r := range out.String() + problems.String() {
		if r != '\n' && !termtext.Plain(r) {
			t.Errorf("%U comes through", r)
		}
	}
}
