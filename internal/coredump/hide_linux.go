package coredump

import "golang.org/x/sys/unix"

// noCore is a limit under which the kernel writes no core file and, unlike with 0,
// does not pipe the memory to a program such as systemd-coredump.
// Source: core(5); fs/coredump.c, "RLIMIT_CORE set to 1"
const noCore = 1

// hide prevents other processes of the same user from reading the memory and environment
// of this process, and the kernel from dumping it regardless of the limit. Programs that
// this process starts are not affected.
// Source: PR_SET_DUMPABLE(2const)
func hide() {
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) // if it fails, the limit still applies
}
