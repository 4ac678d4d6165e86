package termtext

import "testing"

func TestDecode(t *testing.T) {
	const text = "[é]\r\na = 1\r\n"
	utf16 := func(mark string, big bool) string {
		out := mark
		for _, r := range text {
			if low, high := string([]byte{byte(r)}), string([]byte{byte(r >> 8)}); big {
				out += high + low
			} else {
				out += low + high
			}
		}
		return out
	}
	for name, c := range map[string]struct{ data, encoding string }{
		"UTF-8":                      {text, "UTF-8"},
		"byte order mark":            {"\xef\xbb\xbf" + text, "UTF-8 with a byte order mark"},
		"UTF-16, little endian":      {utf16("\xff\xfe", false), "UTF-16"},
		"UTF-16, big endian":         {utf16("\xfe\xff", true), "UTF-16"},
		"UTF-16 without a mark":      {utf16("", false), "UTF-16"},
		"big endian without a mark":  {utf16("", true), "UTF-16"},
		"UTF-16 with half a unit":    {utf16("\xff\xfe", false) + "x", "UTF-16"},
		"UTF-8 with invalid letters": {"\xff" + text, "UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			want := text
			if name == "UTF-8 with invalid letters" {
				want = c.data
			}
			if got, encoding := Decode([]byte(c.data)); string(got) != want || encoding != c.encoding {
				t.Errorf("got %q, %s, want %q, %s", got, encoding, want, c.encoding)
			}
		})
	}
	for _, short := range []string{"", "\x00", "a\x00", "\x00\x00\x00\x00"} {
		if got, _ := Decode([]byte(short)); string(got) != short {
			t.Errorf("got %q, want %q", got, short)
		}
	}
}
