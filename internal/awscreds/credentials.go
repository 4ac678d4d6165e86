// Package awscreds defines the type of temporary AWS credentials that all packages use.
package awscreds

import (
	"time"

	"github.com/o365aws/o365aws/internal/secret"
)

// Credentials holds the temporary keys of a role session.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey secret.Text
	SessionToken    secret.Text
	Expires         time.Time // UTC; zero if unknown
	AssumedRoleARN  string    // arn:PARTITION:sts::ACCOUNT:assumed-role/NAME/SESSION; "" if unknown
}
