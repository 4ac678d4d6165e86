package entra

import (
	"crypto/sha1" // a name-based UUID is made with it (RFC 9562 section 5.5)
	"encoding/hex"
)

// roleNamespace is the namespace of the ids of app roles.
var roleNamespace = [16]byte{
	0x6b, 0xa7, 0xb8, 0x12, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8,
}

// roleID is the id of the app role of a value: the same in every run, so that
// assignments keep their role when it comes back (UUID version 5).
func roleID(principal, value string) string {
	h := sha1.New()
	h.Write(roleNamespace[:])
	h.Write([]byte(principal + " " + value))
	b := h.Sum(nil)[:16]
	b[6], b[8] = b[6]&0x0f|0x50, b[8]&0x3f|0x80
	s := hex.EncodeToString(b)
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}
