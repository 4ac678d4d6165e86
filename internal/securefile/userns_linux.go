package securefile

import (
	"os"
	"strconv"
	"strings"
)

// unmapped reports whether a user ID represents all users that a sandbox does not map,
// including root of the host. In a user namespace, such as that of bubblewrap and
// rootless containers, the root folder belongs to this ID.
// Source: user_namespaces(7), "Unmapped user and group IDs"
func unmapped(uid int) bool {
	const all = "4294967295"
	overflow, err := os.ReadFile("/proc/sys/kernel/overflowuid")
	if err != nil || strings.TrimSpace(string(overflow)) != strconv.Itoa(uid) {
		return false
	}
	mapped, err := os.ReadFile("/proc/self/uid_map")
	fields := strings.Fields(string(mapped))
	return err == nil && len(fields) >= 3 && fields[2] != all
}
