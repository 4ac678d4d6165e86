package securefile

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// sid is an SID in bytes.
func sid(authority byte, numbers ...uint32) []byte {
	b := []byte{1, byte(len(numbers)), 0, 0, 0, 0, 0, authority}
	for _, n := range numbers {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	return b
}

// entry is one of an access list.
func entry(kind, flags byte, rights uint32, who []byte) []byte {
	b := binary.LittleEndian.AppendUint16([]byte{kind, flags}, uint16(8+len(who)))
	return append(binary.LittleEndian.AppendUint32(b, rights), who...)
}

// describe is a security descriptor with a list of entries.
func describe(entries ...[]byte) []byte {
	b := make([]byte, 20, 200)
	b[0], b[2], b[3], b[16] = 1, 0x4, 0x80, 20
	b = append(b, 2, 0, 0, 0, byte(len(entries)), 0, 0, 0)
	for _, e := range entries {
		b = append(b, e...)
	}
	return b
}

var (
	everyone      = sid(1, 0)
	authenticated = sid(5, 11)
	system        = sid(5, 18)
	admins        = sid(5, 32, 544)
	users         = sid(5, 32, 545)
	ada           = sid(5, 21, 1, 2, 3, 1001)
	domainAdmins  = sid(5, 21, 1, 2, 3, 512)
	domainUsers   = sid(5, 21, 1, 2, 3, 513)
)

const (
	full    = 0x1f01ff
	modify  = 0x1301bf
	reading = 0x1200a9
	addDir  = 0x100004
)

func TestWriters(t *testing.T) {
	for name, c := range map[string]struct {
		descriptor []byte
		own, above string // who may write, for either manner
	}{
		"below a home folder":     {describe(entry(0, 0x13, full, system), entry(0, 0x13, full, admins), entry(0, 0x13, full, ada)), "", ""},
		"a file server's":         {describe(entry(0, 3, full, domainAdmins), entry(0, 3, modify, ada)), "", ""},
		"others may read":         {describe(entry(0, 3, full, ada), entry(0, 3, reading, everyone)), "", ""},
		"made on drive C":         {describe(entry(0, 0x10, full, admins), entry(0, 0x10, reading, users), entry(0, 0x10, modify, authenticated)), "Authenticated Users", "Authenticated Users"},
		"drive C itself":          {describe(entry(0, 3, full, admins), entry(0, 3, reading, users), entry(0, 2, addDir, authenticated), entry(0, 0xb, modify, authenticated)), "Authenticated Users", ""},
		"all of a domain":         {describe(entry(0, 3, modify, domainUsers)), "Domain Users", "Domain Users"},
		"under a condition":       {describe(entry(9, 3, full, everyone)), "Everyone", "Everyone"},
		"for what is below alone": {describe(entry(0, 0xb, full, everyone)), "", ""},
		"denied":                  {describe(entry(1, 3, full, everyone)), "", ""},
		"no list":                 {make([]byte, 20), "Everyone", "Everyone"},
		"nothing":                 {nil, "", ""},
		"the second's the user's": {describe(entry(0, 0, addDir, users), entry(0, 0, full, ada)), "Users", ""},
	} {
		if got := writers(c.descriptor, mayReplace|mayAdd); got != c.own {
			t.Errorf("%s: %q, want %q", name, got, c.own)
		}
		if got := writers(c.descriptor, mayReplace); got != c.above {
			t.Errorf("%s, as the folder above: %q, want %q", name, got, c.above)
		}
	}
}

// What is cut off or broken is read to its end at most.
func FuzzWriters(f *testing.F) {
	whole := describe(entry(0, 3, full, ada), entry(0, 3, modify, domainUsers))
	for i := range len(whole) + 1 {
		f.Add(whole[:i])
	}
	short, long := bytes.Clone(whole), bytes.Clone(whole)
	short[30], long[37] = 4, 200 // an entry smaller than its head, an SID larger than its entry
	f.Add(short)
	f.Add(long)
	f.Fuzz(func(t *testing.T, descriptor []byte) {
		if who := writers(descriptor, mayReplace); who != "" && len(descriptor) < 20 {
			t.Errorf("%q out of nothing", who)
		}
	})
}
