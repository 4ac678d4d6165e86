package secret

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// TestTextIsNeverPrinted also prints secrets nested in other values.
func TestTextIsNeverPrinted(t *testing.T) {
	const canary = "canary-5f1c"
	s := New(canary)
	nested := struct{ Password Text }{s}

	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "secret", s, "nested", nested)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "secret", s, "nested", nested)
	asJSON, err := json.Marshal(nested)
	if err != nil {
		t.Fatal(err)
	}
	asText, err := s.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{s.String(), s.GoString(), string(asText), s.LogValue().String(), fmt.Sprint(s)} {
		if form != "[redacted]" {
			t.Errorf("got %q, want [redacted]", form)
		}
	}
	forms := []string{log.String(), string(asJSON), fmt.Sprint(s, nested, &nested)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		forms = append(forms, fmt.Sprintf(verb, s), fmt.Sprintf(verb, nested), fmt.Sprintf(verb, []Text{s}))
	}
	for _, form := range forms {
		if strings.Contains(form, canary) || strings.Contains(form, fmt.Sprintf("%x", canary)) {
			t.Errorf("secret printed: %s", form)
		}
	}
	if s.Reveal() != canary || s.Len() != len(canary) || s.IsZero() || !(Text{}).IsZero() {
		t.Error("Reveal, Len or IsZero is wrong")
	}
}
