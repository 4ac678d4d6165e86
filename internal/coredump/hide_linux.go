package coredump

import "golang.org/x/sys/unix"

// noCore is a limit under which the kernel writes no core file. Unlike 0 it also
// keeps it from piping the memory to a program such as systemd-coredump.
// Source: core(5); fs/coredump.c, "RLIMIT_CORE set to 1"
const noCore = 1

// hide keeps other processes of the same user from reading the memory and
// environment of this one, and the kernel from dumping it whatever the limit is.
// A program that this process starts is not affected.
// Source: PR_SET_DUMPABLE(2const)
func hide() {
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) // the limit is there besides
}
