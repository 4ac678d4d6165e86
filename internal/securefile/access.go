package securefile

import "strconv"

// Rights in an entry of a Windows access list.
// Source: learn.microsoft.com/windows/win32/fileio/file-access-rights-constants
const (
	mayAdd     = 0x2 | 0x4 | 0x40000000                          // files, folders, either
	mayReplace = 0x40 | 0x10000 | 0x40000 | 0x80000 | 0x10000000 // delete in it, delete it, change its list, its owner; all of it
)

// everybody are the groups that any user of a machine or a domain is in, as
// the bytes of an SID after its length. Groups of administrators are others,
// who may do as anybody.
// Source: learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers
var everybody = map[string]string{
	"1-0": "Everyone", "5-2": "NETWORK", "5-4": "INTERACTIVE", "5-7": "ANONYMOUS LOGON", "5-11": "Authenticated Users",
	"5-113": "Local account", "5-32-545": "Users", "5-32-546": "Guests",
}

// everybodyOf are the like of a domain, by the last number.
var everybodyOf = map[string]string{"513": "Domain Users", "514": "Domain Guests"}

// writers returns which of these groups has one of the rights by a security
// descriptor in its self-relative form, "" for none. What cannot be read as
// one says nothing.
// Source: learn.microsoft.com/openspecs/windows_protocols/ms-dtyp/7d4dac05-9cef-4563-a058-f108abecce1d
func writers(descriptor []byte, rights uint32) string {
	const present, inheritOnly, allowed, allowedIf = 0x4, 0x8, 0, 9
	if len(descriptor) < 20 {
		return ""
	}
	at := int(number(descriptor[16:20]))
	if number(descriptor[2:4])&present == 0 || at == 0 {
		return "Everyone" // without a list all is allowed
	}
	if at < 0 || at+8 > len(descriptor) {
		return ""
	}
	count, rest := number(descriptor[at+4:at+6]), descriptor[at+8:]
	for range count {
		if len(rest) < 8 {
			return ""
		}
		kind, flags, size := rest[0], rest[1], int(number(rest[2:4]))
		if size < 8 || size > len(rest) {
			return ""
		}
		counts := (kind == allowed || kind == allowedIf) && flags&inheritOnly == 0 && number(rest[4:8])&rights != 0
		if name := group(rest[8:size]); counts && name != "" {
			return name
		}
		rest = rest[size:]
	}
	return ""
}

// group names an SID that stands for everybody.
func group(sid []byte) string {
	if len(sid) < 8 || sid[0] != 1 || len(sid) < 8+4*int(sid[1]) {
		return ""
	}
	text, last := strconv.Itoa(int(sid[7])), ""
	for i := range int(sid[1]) {
		last = strconv.FormatUint(uint64(number(sid[8+4*i:12+4*i])), 10)
		text += "-" + last
	}
	if name := everybody[text]; name != "" {
		return name
	}
	if domain := "5-21-"; len(text) > len(domain) && text[:len(domain)] == domain {
		return everybodyOf[last]
	}
	return ""
}

// number reads a number whose last byte counts most.
func number(b []byte) uint32 {
	var n uint32
	for i := len(b) - 1; i >= 0; i-- {
		n = n<<8 | uint32(b[i])
	}
	return n
}
