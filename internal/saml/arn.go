package saml

import "strings"

// RoleARN is what the ARN of a role says.
type RoleARN struct{ Partition, Account, Name string }

// The bounds of a role's path and name.
// Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	maxPath = 512
	maxName = 64
)

// ParseRoleARN reads arn:PARTITION:iam::ACCOUNT:role/PATH/NAME, false when a text
// is anything else. RoleARN.Name is without the path.
func ParseRoleARN(text string) (RoleARN, bool) {
	parts := strings.SplitN(text, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "iam" || parts[3] != "" {
		return RoleARN{}, false
	}
	partition, account := parts[1], parts[4]
	whole, ok := strings.CutPrefix(parts[5], "role/")
	slash := strings.LastIndexByte(whole, '/') + 1
	path, name := whole[:slash], whole[slash:]
	switch {
	case !ok, partition != "aws" && partition != "aws-us-gov" && partition != "aws-cn":
		return RoleARN{}, false
	case len(account) != 12 || !consists(account, isDigit):
		return RoleARN{}, false
	case len(path) > maxPath || path == "/" || !consists(path, isVisible):
		return RoleARN{}, false
	case name == "" || len(name) > maxName || !consists(name, isOfName):
		return RoleARN{}, false
	}
	return RoleARN{partition, account, name}, true
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
