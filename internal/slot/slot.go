// Package slot is the form of a cache entry on disk: where it lies and how it
// reads. It imports so little that the answer to a program's call can be read
// before the rest of the program has started (package warm).
//
// An entry is a file cache/credentials-KEY under O365AWS_HOME, of mode 0600,
// replaced as a whole. KEY is the FNV-1a sum, 128 bits in hex, of the config
// file's path, the profile's name and the role asked for, with a zero byte
// between them. Its lines:
//
//	o365aws-credentials 1          the format; another one is a miss
//	OBTAINED EXPIRES SIZE MTIME    nanoseconds since 1970, and of the config file when it was read
//	CONFIG                         path of the config file
//	PROFILE                        name of the profile
//	ASKED                          the role as a command line asked for it; empty is the profile's own
//	DOCUMENT                       the JSON that credential-process prints, byte for byte
//	DETAILS                        JSON: role, provider, session name, and what they were got for
//
// A file that belongs to another profile is a miss, as is one that cannot be
// read.
package slot

import (
	"bytes"
	"hash/fnv"
	"os"
	"strconv"
	"strings"
)

// Head is what an entry says of itself.
type Head struct {
	Obtained, Expires      int64 // nanoseconds since 1970
	Stamp                  Stamp
	Config, Profile, Asked string
}

// Stamp tells whether a file changed since it was looked at, without reading
// it: two looks at the same content by the same stamp, most likely.
type Stamp struct{ Size, MTime int64 }

// StampOf looks at a file; one that is not there has the zero stamp.
func StampOf(path string) Stamp {
	info, err := os.Stat(path)
	if err != nil {
		return Stamp{}
	}
	return Stamp{Size: info.Size(), MTime: info.ModTime().UnixNano()}
}

const format = "o365aws-credentials 1"

// Folder is the cache of an O365AWS_HOME.
func Folder(home string) string { return home + string(os.PathSeparator) + "cache" }

// Path returns the file of an entry in a folder.
func Path(folder, config, profile, asked string) string {
	return folder + string(os.PathSeparator) + "credentials-" + Key(config, profile, asked)
}

// Key names what belongs together in a file name.
func Key(parts ...string) string {
	sum := fnv.New128a()
	for i, part := range parts {
		if i > 0 {
			_, _ = sum.Write([]byte{0}) // a hash does not fail
		}
		_, _ = sum.Write([]byte(part))
	}
	const digits = "0123456789abcdef"
	var text []byte
	for _, b := range sum.Sum(nil) {
		text = append(text, digits[b>>4], digits[b&15])
	}
	return string(text)
}

// Format writes an entry; false when a name cannot stand in a line.
func Format(h Head, document, details []byte) ([]byte, bool) {
	numbers := make([]string, 0, 4)
	for _, n := range []int64{h.Obtained, h.Expires, h.Stamp.Size, h.Stamp.MTime} {
		numbers = append(numbers, strconv.FormatInt(n, 10))
	}
	lines := []string{format, strings.Join(numbers, " "), h.Config, h.Profile, h.Asked, string(bytes.TrimSuffix(document, []byte("\n"))), string(details)}
	for _, line := range lines {
		if strings.ContainsAny(line, "\r\n") {
			return nil, false
		}
	}
	return []byte(strings.Join(lines, "\n") + "\n"), true
}

// Parse reads an entry. The document ends with a newline.
func Parse(data []byte) (h Head, document, details []byte, ok bool) {
	lines := bytes.SplitAfter(data, []byte("\n"))
	if len(lines) != 8 || len(lines[7]) != 0 || string(lines[0]) != format+"\n" {
		return Head{}, nil, nil, false
	}
	numbers := strings.Split(line(lines[1]), " ")
	if len(numbers) != 4 {
		return Head{}, nil, nil, false
	}
	for i, to := range []*int64{&h.Obtained, &h.Expires, &h.Stamp.Size, &h.Stamp.MTime} {
		n, err := strconv.ParseInt(numbers[i], 10, 64)
		if err != nil {
			return Head{}, nil, nil, false
		}
		*to = n
	}
	h.Config, h.Profile, h.Asked = line(lines[2]), line(lines[3]), line(lines[4])
	document, details = lines[5], lines[6]
	whole := len(document) > 3 && document[0] == '{' && document[len(document)-2] == '}'
	return h, document, details, whole
}

func line(raw []byte) string { return string(bytes.TrimSuffix(raw, []byte("\n"))) }
