package saml

import "strings"

// RoleARN holds the parts of a role's ARN.
type RoleARN struct{ Partition, Account, Name string }

// Maximum lengths of a role's path and name, and of a provider's name.
// Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	maxPath         = 512
	maxName         = 64
	maxProviderName = 128
)

// ParseRoleARN parses arn:PARTITION:iam::ACCOUNT:role/PATH/NAME. It returns false for any
// other text. RoleARN.Name does not include the path.
func ParseRoleARN(text string) (RoleARN, bool) {
	arn, whole, ok := parseARN(text, "iam", "role/")
	slash := strings.LastIndexByte(whole, '/') + 1
	path, name := whole[:slash], whole[slash:]
	switch {
	case !ok, len(path) > maxPath || path == "/" || !consists(path, isVisible):
		return RoleARN{}, false
	case name == "" || len(name) > maxName || !consists(name, isOfName):
		return RoleARN{}, false
	}
	arn.Name = name
	return arn, true
}

// ParseSessionARN parses arn:PARTITION:sts::ACCOUNT:assumed-role/NAME/SESSION, the ARN of
// a role session, which has no path.
func ParseSessionARN(text string) (RoleARN, bool) {
	arn, whole, ok := parseARN(text, "sts", "assumed-role/")
	name, session, _ := strings.Cut(whole, "/")
	if !ok || name == "" || session == "" || !consists(name+session, isOfName) {
		return RoleARN{}, false
	}
	arn.Name = name
	return arn, true
}

// ParsePolicyARN parses arn:PARTITION:iam::ACCOUNT:policy/PATH/NAME, the ARN of a managed
// policy. The account of AWS managed policies is "aws".
func ParsePolicyARN(text string) (RoleARN, bool) {
	arn, whole, ok := parseARN(text, "iam", "policy/")
	name := whole[strings.LastIndexByte(whole, '/')+1:]
	if !ok || name == "" || !consists(whole, isVisible) || !consists(name, isOfName) {
		return RoleARN{}, false
	}
	arn.Name = name
	return arn, true
}

// parseProviderARN parses arn:PARTITION:iam::ACCOUNT:saml-provider/NAME.
func parseProviderARN(text string) (RoleARN, bool) {
	arn, name, ok := parseARN(text, "iam", "saml-provider/")
	if !ok || name == "" || len(name) > maxProviderName || !consists(name, isOfProvider) {
		return RoleARN{}, false
	}
	arn.Name = name
	return arn, true
}

// parseARN parses an ARN of a service without a region. rest is the part after kind.
func parseARN(text, service, kind string) (arn RoleARN, rest string, ok bool) {
	parts := strings.SplitN(text, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != service || parts[3] != "" {
		return RoleARN{}, "", false
	}
	_, known := PartitionByID(parts[1])
	rest, ok = strings.CutPrefix(parts[5], kind)
	if !known || !ok || !IsAccount(parts[4]) && (parts[4] != "aws" || kind != "policy/") {
		return RoleARN{}, "", false
	}
	return RoleARN{Partition: parts[1], Account: parts[4]}, rest, true
}

// IsAccount reports whether a text is an account number.
func IsAccount(text string) bool { return len(text) == 12 && consists(text, isDigit) }

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

func isOfProvider(b byte) bool { return isOfName(b) && strings.IndexByte("+=,@", b) < 0 }
