package cache

import "os"

// Stamp tells whether a file changed since it was looked at, without reading
// it: two looks at the same content by the same stamp, most likely.
type Stamp struct {
	Size  int64 `json:"size"`
	MTime int64 `json:"mtime_ns"`
}

// StampOf looks at a file; one that is not there has the zero stamp.
func StampOf(path string) Stamp {
	info, err := os.Stat(path)
	if err != nil {
		return Stamp{}
	}
	return Stamp{Size: info.Size(), MTime: info.ModTime().UnixNano()}
}
