package awsconfig

import (
	"time"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/secret"
)

// ReadCredentials returns the temporary credentials of a profile in the credentials
// file, or the zero Credentials if there are none.
func ReadCredentials(paths Paths, profile string) (awscreds.Credentials, error) {
	file, err := read(paths.Credentials)
	if err != nil {
		return awscreds.Credentials{}, err
	}
	section, err := file.GetSection(profile)
	if err != nil || section.Key("aws_session_token").String() == "" {
		return awscreds.Credentials{}, nil
	}
	creds := awscreds.Credentials{
		AccessKeyID:     section.Key("aws_access_key_id").String(),
		SecretAccessKey: secret.New(section.Key("aws_secret_access_key").String()),
		SessionToken:    secret.New(section.Key("aws_session_token").String()),
	}
	if t, err := time.Parse(time.RFC3339, section.Key("aws_expiration").String()); err == nil {
		creds.Expires = t
	}
	return creds, nil
}
