package prompt

import (
	"strings"
	"testing"
)

// Each digit has its own glyph of five rows; other text has none.
func TestLargeNumbers(t *testing.T) {
	terminal := &Terminal{}
	drawn := map[string]string{}
	for _, number := range []string{"07", "10", "23", "32", "42", "58", "69", "96", "85", "77"} {
		picture := terminal.large(number)
		if rows := strings.Split(strings.TrimRight(picture, "\n"), "\n"); len(rows) != 5 ||
			!strings.Contains(picture, "##") {
			t.Errorf("%s is drawn as\n%s", number, picture)
		}
		if other, same := drawn[picture]; same {
			t.Errorf("%s and %s look alike", number, other)
		}
		drawn[picture] = number
	}
	if picture := terminal.large("4x"); picture != "" {
		t.Errorf("4x is drawn as\n%s", picture)
	}
}
