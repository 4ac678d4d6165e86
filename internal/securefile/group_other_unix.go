//go:build unix && !linux

package securefile

import (
	"strconv"
	"syscall"
)

// ofWindows returns false: only WSL mounts drives of Windows with made-up permissions.
func ofWindows(string) bool { return false }

// unmapped returns false: only Linux has user namespaces.
func unmapped(int) bool { return false }

// alone returns false: on macOS the group staff holds all users.
func alone(string, *syscall.Stat_t) bool { return false }

func groupName(gid int) string { return strconv.Itoa(gid) }
