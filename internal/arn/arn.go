// Package arn reads the names that AWS gives to roles. It imports next to
// nothing: package words needs it before the program has started.
package arn

import "strings"

// Role is what the ARN of a role says.
type Role struct{ Partition, Account, Name string }

// The bounds of a role's path and name.
// Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	maxPath = 512
	maxName = 64
)

// ParseRole reads arn:PARTITION:iam::ACCOUNT:role/PATH/NAME, false when a text
// is anything else. Role.Name is without the path.
func ParseRole(text string) (Role, bool) {
	parts := strings.SplitN(text, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "iam" || parts[3] != "" {
		return Role{}, false
	}
	partition, account := parts[1], parts[4]
	whole, ok := strings.CutPrefix(parts[5], "role/")
	slash := strings.LastIndexByte(whole, '/') + 1
	path, name := whole[:slash], whole[slash:]
	switch {
	case !ok, partition != "aws" && partition != "aws-us-gov" && partition != "aws-cn":
		return Role{}, false
	case len(account) != 12 || !consists(account, isDigit):
		return Role{}, false
	case len(path) > maxPath || path == "/" || !consists(path, isVisible):
		return Role{}, false
	case name == "" || len(name) > maxName || !consists(name, isOfName):
		return Role{}, false
	}
	return Role{partition, account, name}, true
}

func consists(text string, of func(byte) bool) bool {
	for i := range len(text) {
		if !of(text[i]) {
			return false
		}
	}
	return true
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

func isVisible(b byte) bool { return '!' <= b && b <= '~' }

func isOfName(b byte) bool {
	return isDigit(b) || 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z' || strings.IndexByte("_+=,.@-", b) >= 0
}
