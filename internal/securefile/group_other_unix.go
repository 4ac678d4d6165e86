//go:build unix && !linux

package securefile

import (
	"strconv"
	"syscall"
)

// ofWindows returns false: only WSL mounts Windows drives.
func ofWindows(string) bool { return false }

// unmapped returns false: only Linux has user namespaces.
func unmapped(int) bool { return false }

// alone returns false: on macOS, all users are in the group staff.
func alone(string, *syscall.Stat_t) bool { return false }

func groupName(gid int) string { return strconv.Itoa(gid) }
