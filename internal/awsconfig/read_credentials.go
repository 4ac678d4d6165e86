package awsconfig

import (
	"time"

	"github.com/o365aws/o365aws/internal/secret"
)

// Held is what the credentials file holds for a profile.
type Held struct {
	KeyID            string
	SecretKey, Token secret.Text
	Expires          time.Time // zero when nobody noted it
}

// ReadCredentials reads the temporary credentials of a profile; the zero Held
// when there are none.
func ReadCredentials(paths Paths, profile string) (Held, error) {
	file, err := read(paths.Credentials)
	if err != nil {
		return Held{}, err
	}
	section, err := file.GetSection(profile)
	if err != nil || section.Key("aws_session_token").String() == "" {
		return Held{}, nil
	}
	held := Held{
		KeyID:     section.Key("aws_access_key_id").String(),
		SecretKey: secret.New(section.Key("aws_secret_access_key").String()),
		Token:     secret.New(section.Key("aws_session_token").String()),
	}
	if t, err := time.Parse(time.RFC3339, section.Key("aws_expiration").String()); err == nil {
		held.Expires = t
	}
	return held, nil
}
