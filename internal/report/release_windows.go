package report

import (
	"fmt"

	"golang.org/x/sys/windows"
)

// release returns the version and build of Windows.
func release() string {
	v := windows.RtlGetVersion()
	return fmt.Sprintf("windows %d.%d.%d", v.MajorVersion, v.MinorVersion, v.BuildNumber)
}
