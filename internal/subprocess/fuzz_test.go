package subprocess

import (
	"slices"
	"strings"
	"testing"
)

// Quoted arguments are split back into themselves, and splitting any text returns
// arguments or an error.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{
		"op read 'op://x/y z'", `pass "a b" c`, `"`, "", " \t ", `a"b'c"d`, `C:\Program` + "\x00", "é\xff",
	} {
		f.Add(seed, "two words")
	}
	f.Fuzz(func(t *testing.T, command, argument string) {
		args, err := Split(command)
		if (err == nil) != (len(args) > 0) {
			t.Errorf("Split(%q) = %q, %v", command, args, err)
		}
		argument = strings.ToValidUTF8(argument, "?")
		quote := `"`
		if strings.Contains(argument, quote) {
			quote = "'"
		}
		if strings.Contains(argument, quote) {
			return // neither kind of quotes can contain it
		}
		want := []string{"first", argument, "last"}
		got, err := Split("first " + quote + argument + quote + "\tlast")
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	})
}
