// Package build knows which release of the program this is. It imports next to
// nothing, so that the version can be told before the rest of the program has
// started.
package build

import "runtime"

// version is set by the release build.
var version = ""

// Release returns the version of a release, "" for any other build.
func Release() string { return version }

// Line is what o365aws version prints.
func Line(version string) string {
	return "o365aws " + version + " " + runtime.GOOS + "/" + runtime.GOARCH + " " + runtime.Version() + "\n"
}
