package fastpath

import (
	"bytes"
	"hash/fnv"
	"os"
	"strconv"
	"strings"
)

// Head holds the fields of a cache entry that determine whether it applies.
//
// A cache entry is a file cache/credentials-KEY.json under O365AWS_HOME, of mode 0600,
// which is always replaced as a whole. KEY is the 128-bit FNV-1a hash, in hex, of the
// config file's path, the profile's name and the requested role, separated by zero bytes.
// The file is one JSON object with one member per line, in this order, so that it can be
// parsed without a JSON decoder:
//
//	{"o365aws_credentials":1,   format version; any other is a miss
//	"obtained":N,               nanoseconds since 1970
//	"expires":N,                likewise
//	"config_size":N,            size of the config file when it was read
//	"config_mtime":N,           nanoseconds since 1970
//	"config":"…",               path of the config file
//	"profile":"…",
//	"asked":"…",                requested role; empty for the one in the profile
//	"document":{…},             output of credential-process, byte for byte
//	"details":{…}}              role, provider, session name, digest of settings
//
// A file that belongs to another profile or cannot be parsed is a miss.
type Head struct {
	Obtained, Expires      int64 // nanoseconds since 1970
	Stamp                  Stamp
	Config, Profile, Asked string
}

// Stamp identifies a version of a file by its size and modification time.
type Stamp struct{ Size, MTime int64 }

// StampOf returns the stamp of a file, or the zero Stamp if it does not exist.
func StampOf(path string) Stamp {
	info, err := os.Stat(path)
	if err != nil {
		return Stamp{}
	}
	return Stamp{Size: info.Size(), MTime: info.ModTime().UnixNano()}
}

// members lists the beginning of each line.
var members = [...]string{
	`{"o365aws_credentials":1,`, `"obtained":`, `"expires":`, `"config_size":`, `"config_mtime":`,
	`"config":`, `"profile":`, `"asked":`, `"document":`, `"details":`,
}

// Folder returns the cache folder of an O365AWS_HOME.
func Folder(home string) string { return home + string(os.PathSeparator) + "cache" }

// Path returns the path of an entry's file in a folder.
func Path(folder, config, profile, asked string) string {
	return folder + string(os.PathSeparator) + "credentials-" + Key(config, profile, asked) + ".json"
}

// Key returns a digest of parts for use in a file name.
func Key(parts ...string) string {
	sum := fnv.New128a()
	for i, part := range parts {
		if i > 0 {
			_, _ = sum.Write([]byte{0}) // hashes never return errors
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

// Format returns the content of an entry's file, or false if a name cannot be represented
// on one line. document and details are JSON objects on one line.
func Format(h Head, document, details []byte) ([]byte, bool) {
	document, details = bytes.TrimSuffix(document, []byte("\n")), bytes.TrimSuffix(details, []byte("\n"))
	values := []string{"", number(h.Obtained), number(h.Expires), number(h.Stamp.Size), number(h.Stamp.MTime)}
	for _, name := range []string{h.Config, h.Profile, h.Asked} {
		quoted, ok := quote(name)
		if !ok {
			return nil, false
		}
		values = append(values, quoted)
	}
	values = append(values, string(document), string(details))
	var out []byte
	for i, value := range values {
		if strings.ContainsAny(value, "\r\n") {
			return nil, false
		}
		out = append(out, members[i]...)
		out = append(out, value...)
		switch i {
		case 0:
		case len(values) - 1:
			out = append(out, '}')
		default:
			out = append(out, ',')
		}
		out = append(out, '\n')
	}
	return out, true
}

// Parse parses the content of an entry's file. The returned document ends with a newline.
func Parse(data []byte) (h Head, document, details []byte, ok bool) {
	lines := strings.Split(string(data), "\n")
	if len(lines) != len(members)+1 || lines[len(members)] != "" || lines[0] != members[0] {
		return Head{}, nil, nil, false
	}
	var values [len(members)]string
	for i := 1; i < len(members); i++ {
		end := ","
		if i == len(members)-1 {
			end = "}"
		}
		value, begins := strings.CutPrefix(lines[i], members[i])
		value, ends := strings.CutSuffix(value, end)
		if !begins || !ends {
			return Head{}, nil, nil, false
		}
		values[i] = value
	}
	for i, to := range []*int64{&h.Obtained, &h.Expires, &h.Stamp.Size, &h.Stamp.MTime} {
		n, err := strconv.ParseInt(values[1+i], 10, 64)
		if err != nil {
			return Head{}, nil, nil, false
		}
		*to = n
	}
	for i, to := range []*string{&h.Config, &h.Profile, &h.Asked} {
		if *to, ok = unquote(values[5+i]); !ok {
			return Head{}, nil, nil, false
		}
	}
	return h, []byte(values[8] + "\n"), []byte(values[9]), isObject(values[8]) && isObject(values[9])
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func isObject(text string) bool {
	return len(text) > 2 && strings.HasPrefix(text, "{") && strings.HasSuffix(text, "}")
}

// quote returns text as a JSON string, or false if that requires other escapes than \"
// and \\.
func quote(text string) (string, bool) {
	for _, r := range text {
		if r < ' ' || r == 0xfffd { // U+FFFD also replaces invalid UTF-8
			return "", false
		}
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`, true
}

// unquote returns the text of a string returned by quote. It accepts no other strings.
func unquote(quoted string) (string, bool) {
	if len(quoted) < 2 || quoted[0] != '"' || quoted[len(quoted)-1] != '"' {
		return "", false
	}
	text := strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(quoted[1 : len(quoted)-1])
	again, ok := quote(text)
	return text, ok && again == quoted
}
