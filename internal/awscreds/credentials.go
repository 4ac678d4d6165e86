// Package awscreds holds the type of temporary AWS credentials that the whole
// program passes around.
package awscreds

import (
	"time"

	"github.com/o365aws/o365aws/internal/secret"
)

// Credentials are the temporary keys of one role session.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey secret.Text
	SessionToken    secret.Text
	Expires         time.Time // UTC; zero when unknown
	AssumedRoleARN  string    // arn:PARTITION:sts::ACCOUNT:assumed-role/NAME/SESSION; "" when unknown
}
