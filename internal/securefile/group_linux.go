package securefile

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// alone reports whether the user who owns a folder is the only one in its
// group. Most Linux systems give each user such a group, and a umask that lets
// it write. A list of further users would show in the group's bits.
// Source: manpages.debian.org/sshd, "user private groups"; acl(5)
func alone(dir string, stat *syscall.Stat_t) bool {
	if _, err := syscall.Getxattr(dir, "system.posix_acl_access", nil); err == nil {
		return false
	}
	users, _ := os.ReadFile("/etc/passwd") // an empty list knows nobody
	groups, _ := os.ReadFile("/etc/group")
	return private(string(users), string(groups), int(stat.Uid), int(stat.Gid))
}

// private looks in the lists of users and groups of this machine. Whoever is
// in neither, because a directory of the company knows them, or because a
// container was given a mere number, has a group of the same number where
// groups are private.
// Source: passwd(5), group(5); docs.docker.com/reference/cli/docker/container/run, --user;
// freeipa.org, user private groups
func private(users, groups string, uid, gid int) bool {
	name, known := "", false
	for _, user := range entries(users, 4) {
		known = known || user[2] == strconv.Itoa(uid)
		switch {
		case user[2] == strconv.Itoa(uid) && user[3] == strconv.Itoa(gid):
			name = user[0]
		case user[3] == strconv.Itoa(gid):
			return false // somebody else's group, too
		}
	}
	for _, group := range entries(groups, 4) {
		if group[2] == strconv.Itoa(gid) {
			return group[0] == name && (group[3] == "" || group[3] == name)
		}
	}
	return !known && uid == gid
}

// entries are the lines of such a list that have so many fields, at least.
func entries(list string, fields int) [][]string {
	var all [][]string
	for line := range strings.Lines(list) {
		if parts := strings.Split(strings.TrimSuffix(line, "\n"), ":"); len(parts) >= fields {
			all = append(all, parts)
		}
	}
	return all
}

// groupName is what a group is called, its number if nothing else is known.
func groupName(gid int) string {
	groups, _ := os.ReadFile("/etc/group") // an empty list knows no name
	for _, group := range entries(string(groups), 4) {
		if group[2] == strconv.Itoa(gid) {
			return group[0]
		}
	}
	return strconv.Itoa(gid)
}
