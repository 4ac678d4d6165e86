package repotest

import (
	"slices"
	"strings"
	"testing"
)

// early lists the packages that the fast path may import, other than packages of this
// project and internal ones of Go. Go initializes packages in the order of their import
// paths once their imports are initialized; path/filepath, encoding/json,
// golang.org/x/sys and the like would be initialized after the AWS SDK.
var early = strings.Fields(`
	bytes cmp context errors fmt hash hash/fnv io io/fs iter math math/bits os path reflect runtime slices strconv
	strings sync sync/atomic syscall time unicode unicode/utf8 unsafe`)

// The fast path imports only packages that are initialized early, except on Windows,
// where access lists are read with golang.org/x/sys.
func TestFastPathIsInitializedEarly(t *testing.T) {
	for _, system := range []string{"linux", "darwin"} {
		t.Run(system, func(t *testing.T) {
			seen := 0
			for _, p := range list(t, system, "-deps", "./internal/fastpath") {
				seen++
				own, found := strings.CutPrefix(p.ImportPath, module)
				switch {
				case found && (strings.HasPrefix(own, "internal/fastpath") ||
					slices.Contains([]string{"internal/awspaths", "internal/securefile"}, own)):
				case strings.HasPrefix(p.ImportPath, "internal/") || slices.Contains(early, p.ImportPath):
				default:
					t.Errorf("got %s among the imports of the fast path, which is initialized too late", p.ImportPath)
				}
			}
			if seen < 20 {
				t.Errorf("got %d packages from go list, want more", seen)
			}
		})
	}
}
