package spec

import "testing"

func TestIsUnit(t *testing.T) {
	for text, want := range map[string]bool{
		"r-abcd": true, "r-abc": false, "r-ABCD": false, "ou-abcd-12345678": true, "ou-abcd-1234567": false,
		"ou-abcd": false, "abcd": false, "": false, "r-abcd-12345678": false, "ou-abcd-12345678-1": false,
	} {
		t.Run(text, func(t *testing.T) {
			if got := isUnit(text); got != want {
				t.Errorf("isUnit(%q) = %v, want %v", text, got, want)
			}
		})
	}
}
