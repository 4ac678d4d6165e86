package report

import "golang.org/x/sys/unix"

// release returns the version of macOS.
func release() string {
	version, err := unix.Sysctl("kern.osproductversion")
	if err != nil {
		return ""
	}
	return "macos " + version
}
