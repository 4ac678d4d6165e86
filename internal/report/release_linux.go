package report

import (
	"os"
)

var (
	releaseID      = lazy(`(?m)^ID="?([a-z]{2,20})"?$`)
	releaseVersion = lazy(`(?m)^VERSION_ID="?([0-9.]{1,8})"?$`)
)

// release returns the name of the distribution according to os-release(5).
func release() string {
	data, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return ""
	}
	id, version := releaseID().FindSubmatch(data), releaseVersion().FindSubmatch(data)
	switch {
	case id == nil:
		return ""
	case version == nil:
		return string(id[1])
	}
	return string(id[1]) + " " + string(version[1])
}
