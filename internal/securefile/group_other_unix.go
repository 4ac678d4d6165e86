//go:build unix && !linux

package securefile

import (
	"strconv"
	"syscall"
)

// ofWindows knows no drive of Windows: only WSL mounts them so.
func ofWindows(string) bool { return false }

// alone knows no group of one user: on macOS all are in staff.
func alone(string, *syscall.Stat_t) bool { return false }

func groupName(gid int) string { return strconv.Itoa(gid) }
