package securefile

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// alone reports whether the owner of a file or folder is the only member of its group.
// Most Linux systems have such a group for each user, with a umask that permits it to
// write. An access list with other users affects the permissions of the group.
// Source: manpages.debian.org/sshd, "user private groups"; acl(5)
func alone(dir string, stat *syscall.Stat_t) bool {
	if _, err := syscall.Getxattr(dir, "system.posix_acl_access", nil); err == nil {
		return false
	}
	users, _ := os.ReadFile("/etc/passwd") // an empty list has no users
	groups, _ := os.ReadFile("/etc/group")
	return privateGroup(string(users), string(groups), int(stat.Uid), int(stat.Gid))
}

// privateGroup reports whether a group has no other member, according to the lists of
// users and groups of this machine. A user who is not in the list comes from a directory
// service, or is only a number passed to a container; a private group then has the same
// number.
// Source: passwd(5), group(5); docs.docker.com/reference/cli/docker/container/run, --user;
// freeipa.org, user private groups
func privateGroup(users, groups string, uid, gid int) bool {
	name, known := "", false
	for _, user := range entries(users, 4) {
		known = known || user[2] == strconv.Itoa(uid)
		switch {
		case user[2] == strconv.Itoa(uid) && user[3] == strconv.Itoa(gid):
			name = user[0]
		case user[3] == strconv.Itoa(gid):
			return false // also the group of another user
		}
	}
	for _, group := range entries(groups, 4) {
		if group[2] == strconv.Itoa(gid) {
			return group[0] == name && (group[3] == "" || group[3] == name)
		}
	}
	return !known && uid == gid
}

// entries returns the lines of such a list with at least the given number of fields.
func entries(list string, fields int) [][]string {
	var all [][]string
	for line := range strings.Lines(list) {
		if parts := strings.Split(strings.TrimSuffix(line, "\n"), ":"); len(parts) >= fields {
			all = append(all, parts)
		}
	}
	return all
}

// groupName returns the name of a group, or its number if it has none.
func groupName(gid int) string {
	groups, _ := os.ReadFile("/etc/group") // an empty list has no names
	for _, group := range entries(string(groups), 4) {
		if group[2] == strconv.Itoa(gid) {
			return group[0]
		}
	}
	return strconv.Itoa(gid)
}
