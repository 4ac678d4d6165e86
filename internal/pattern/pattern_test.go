package pattern

import (
	"strings"
	"testing"
)

// Nothing is compiled before it is used, and a malformed expression says so.
func TestCompiledAtFirstUse(t *testing.T) {
	bad := New("(")
	if b := New(`^a(b+)$`); !b.MatchString("abb") || b.MatchString("abc") || New(`a(b+)`).FindStringSubmatch("xabb")[1] != "bb" {
		t.Error("no match")
	}
	if New("b").ReplaceAllString("abb", "c") != "acc" || len(New("b").FindAllStringIndex("abb", -1)) != 2 {
		t.Error("not found")
	}
	if New("b+").FindString("abbc") != "bb" || New("b").ReplaceAllStringFunc("abb", strings.ToUpper) != "aBB" {
		t.Error("not found")
	}
	defer func() {
		if recover() == nil {
			t.Error("a malformed expression was used")
		}
	}()
	bad.MatchString("x")
}
