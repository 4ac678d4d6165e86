package awsconfig

import (
	"context"
	"fmt"
	"time"

	"gopkg.in/ini.v1"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// WriteCredentials puts temporary credentials into the profile's section of
// the credentials file. expires is written as RFC 3339 in UTC.
func WriteCredentials(ctx context.Context, paths Paths, profile, keyID string, secretKey, token secret.Text, expires time.Time) error {
	set := []KV{
		{"aws_access_key_id", keyID},
		{"aws_secret_access_key", secretKey.Reveal()},
		{"aws_session_token", token.Reveal()},
		{"aws_expiration", expires.UTC().Format("2006-01-02T15:04:05.000Z")},
	}
	err := UpdateFile(ctx, paths.Credentials, paths.Locks(), func(data []byte) ([]byte, error) {
		changed, err := EditSection(data, profile, set, []string{"aws_security_token"})
		if err != nil {
			return nil, err
		}
		return changed, readsBack(changed, profile, set)
	})
	if err != nil && ctx.Err() == nil {
		return fault.Wrap(fault.Config, err, "credentials not written, the file is as it was")
	}
	return err
}

// readsBack makes sure that what was written is what will be read.
func readsBack(data []byte, profile string, set []KV) error {
	file, err := ini.LoadSources(readOptions, data)
	if err != nil {
		return fmt.Errorf("after the change: %w", err)
	}
	section, err := file.GetSection(profile)
	if err != nil {
		return fmt.Errorf("after the change: %w", err)
	}
	for _, kv := range set {
		if section.Key(kv.Key).String() != kv.Value {
			return fmt.Errorf("after the change %s would read differently", kv.Key)
		}
	}
	return nil
}

// Expiration returns when the credentials of a profile run out; the zero time
// when there are none or nobody noted it.
func Expiration(paths Paths, profile string) (time.Time, error) {
	file, err := read(paths.Credentials)
	if err != nil {
		return time.Time{}, err
	}
	section, err := file.GetSection(profile)
	if err != nil || section.Key("aws_session_token").String() == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, section.Key("aws_expiration").String())
	if err != nil {
		return time.Time{}, nil
	}
	return t, nil
}
