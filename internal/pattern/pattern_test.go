package pattern

import "testing"

// Nothing is compiled before it is used, and a malformed expression says so.
func TestCompiledAtFirstUse(t *testing.T) {
	bad := New("(")
	defer func() {
		if recover() == nil {
			t.Error("a malformed expression was used")
		}
	}()
	if !New(`^a(b+)$`).MatchString("abb") || New(`a(b+)`).FindStringSubmatch("xabb")[1] != "bb" {
		t.Error("no match")
	}
	if New("b").ReplaceAllString("abb", "c") != "acc" || len(New("b").FindAllStringIndex("abb", -1)) != 2 {
		t.Error("not found")
	}
	bad.MatchString("x")
}
