package termtext

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
)

// Decode returns a text file as UTF-8 without a byte order mark, and the name of its
// encoding. Editors of Windows write UTF-16, and UTF-8 with a byte order mark.
func Decode(data []byte) (text []byte, encoding string) {
	var order binary.ByteOrder
	zeroAt := func(i int) bool { return len(data) >= 4 && data[i] == 0 && data[i+2] == 0 }
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return data[3:], "UTF-8 with a byte order mark"
	case bytes.HasPrefix(data, []byte("\xff\xfe")) || zeroAt(1) && data[0] != 0:
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte("\xfe\xff")) || zeroAt(0) && data[1] != 0:
		order = binary.BigEndian
	default:
		return data, "UTF-8"
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return bytes.TrimPrefix([]byte(string(utf16.Decode(units))), []byte("\ufeff")), "UTF-16"
}
