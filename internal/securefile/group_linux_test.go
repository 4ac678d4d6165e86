package securefile

import (
	"os"
	"syscall"
	"testing"
)

// A group is private if it has its user's name and no other member.
func TestPrivateGroup(t *testing.T) {
	const users = "root:x:0:0:root:/root:/bin/bash\nada:x:1000:1000:Ada:/home/ada:/bin/bash\n" +
		"eve:x:1001:100::/home/eve:/bin/sh\nbob:x:1002:1002::/home/bob:/bin/sh\ncarl:x:1003:1002::/:/bin/sh\n" +
		"dan:x:1004:1004::/:/bin/sh\nfay:x:1005:1005::/:/bin/sh\n\nbroken:x\n"
	const groups = "root:x:0:\nada:x:1000:\nusers:x:100:\nbob:x:1002:\ndan:x:1004:ada\nstaff:x:1005:\n" +
		"wheel:x:10:ada\nbroken\n"
	for name, c := range map[string]struct {
		uid, gid int
		want     bool
	}{
		"own group":                       {1000, 1000, true},
		"root's":                          {0, 0, true},
		"group of all users":              {1001, 100, false},
		"of another user as well":         {1002, 1002, false},
		"another member":                  {1004, 1004, false},
		"another name":                    {1005, 1005, false},
		"secondary group":                 {1000, 10, false},
		"another user's group":            {1000, 1002, false},
		"user of a directory service":     {70000, 70000, true},
		"group of a directory service":    {70000, 70001, false},
		"group without a user":            {10, 10, false},
		"number without a user":           {1001, 1001, false},
		"directory service without lists": {1000, 70000, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := privateGroup(users, groups, c.uid, c.gid); got != c.want {
				t.Errorf("%s: %v", name, got)
			}
		})
	}
	if !privateGroup("ada:x:1000:1000:::\n", "ada:x:1000:ada", 1000, 1000) {
		t.Error("a group that lists its own user counts as shared")
	}
	if !privateGroup("", "", 1000, 1000) || privateGroup("", "", 1000, 100) {
		t.Error("a container without lists")
	}
}

// The permissions of a private group do not count, unless the folder has an access list.
func TestFolderOfPrivateGroup(t *testing.T) {
	dir := private700(t)
	change(t, os.Chmod(dir, 0o770))
	info, err := os.Stat(dir)
	change(t, err)
	users, err := os.ReadFile("/etc/passwd")
	change(t, err)
	groups, err := os.ReadFile("/etc/group")
	change(t, err)
	stat := info.Sys().(*syscall.Stat_t)
	want, rest := "", os.FileMode(0)
	if !privateGroup(string(users), string(groups), int(stat.Uid), int(stat.Gid)) {
		want, rest = "can be written by the group "+groupName(int(stat.Gid)), 0o070
	}
	says(t, "the group may write", checkPath(dir, private), want)
	if got := Others(info, dir); got != rest {
		t.Errorf("others have %o, want %o", got, rest)
	}
	// One entry for the user 12345, in the format of setfacl: version, then tag, rights,
	// ID.
	list := []byte{
		2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 2, 0, 7, 0, 0x39, 0x30, 0, 0, 4, 0, 7, 0, 255, 255, 255, 255,
		0x10, 0, 7, 0, 255, 255, 255, 255, 0x20, 0, 0, 0, 255, 255, 255, 255,
	}
	if err := syscall.Setxattr(dir, "system.posix_acl_access", list, 0); err != nil {
		t.Logf("this file system has no such lists: %v", err)
		return
	}
	says(t, "with a list of others", checkPath(dir, private), "can be written by the group")
}
