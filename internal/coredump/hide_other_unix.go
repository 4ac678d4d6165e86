//go:build unix && !linux

package coredump

// noCore is a limit under which the kernel writes no core file.
const noCore = 0

// hide does nothing: only Linux can hide a process.
func hide() {}
