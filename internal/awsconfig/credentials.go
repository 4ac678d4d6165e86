package awsconfig

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"gopkg.in/ini.v1"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/secret"
)

// WriteCredentials writes temporary credentials to the profile's section of the
// credentials file. The expiration is in RFC 3339, in UTC.
func WriteCredentials(ctx context.Context, paths Paths, profile string, creds awscreds.Credentials) error {
	return WriteAllCredentials(ctx, paths, map[string]awscreds.Credentials{profile: creds})
}

// WriteAllCredentials writes the credentials of many profiles in one change of the
// file.
func WriteAllCredentials(ctx context.Context, paths Paths, all map[string]awscreds.Credentials) error {
	err := UpdateFile(ctx, paths.Credentials, paths.Locks(), func(data []byte) ([]byte, error) {
		for _, profile := range slices.Sorted(maps.Keys(all)) {
			set := credentialLines(all[profile])
			changed, err := EditSection(data, profile, set, []string{"aws_security_token"})
			if err == nil {
				err = readsBack(changed, profile, set)
			}
			if err != nil {
				return nil, err
			}
			data = changed
		}
		return data, nil
	})
	if err != nil && ctx.Err() == nil {
		return notWritten(err)
	}
	return err
}

// CanWriteCredentials returns the reason why WriteCredentials cannot write the profile's
// section, so that a login can fail before the user signs in.
func CanWriteCredentials(paths Paths, profile string) error {
	data, err := ReadFile(paths.Credentials)
	if err != nil {
		return err
	}
	if _, err := resolve(paths.Credentials); err != nil {
		return notWritten(err)
	}
	placeholder := awscreds.Credentials{
		AccessKeyID: "-", SecretAccessKey: secret.New("-"), SessionToken: secret.New("-"),
	}
	if _, err := EditSection(data, profile, credentialLines(placeholder), nil); err != nil {
		return notWritten(fmt.Errorf("%s: %w", paths.Credentials, err))
	}
	return nil
}

func notWritten(err error) error {
	f := withAdvice(err, "credentials not written; the file is unchanged")
	if errors.As(err, new(*SyntaxError)) {
		return f.Hint("fix the line and try again; o365aws doctor lists all such lines")
	}
	return f.Hint("to use another file, set AWS_SHARED_CREDENTIALS_FILE")
}

// credentialKeys lists the keys that o365aws writes to a section.
var credentialKeys = []string{"aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_expiration"}

func credentialLines(c awscreds.Credentials) []KV {
	values := []string{
		c.AccessKeyID, c.SecretAccessKey.Reveal(), c.SessionToken.Reveal(),
		c.Expires.UTC().Format("2006-01-02T15:04:05.000Z"),
	}
	var set []KV
	for i, key := range credentialKeys {
		set = append(set, KV{Key: key, Value: values[i]})
	}
	return set
}

// RemoveCredentials deletes the temporary credentials of profiles from the credentials
// file and returns the profiles that had any. It preserves keys without a session token,
// which are long-lived keys of the user.
func RemoveCredentials(ctx context.Context, paths Paths, profiles []string) ([]string, error) {
	var removed []string
	for _, profile := range profiles {
		stored, err := ReadCredentials(paths, profile)
		if err != nil {
			return nil, err
		}
		if stored.AccessKeyID != "" {
			removed = append(removed, profile)
		}
	}
	if len(removed) == 0 {
		return nil, nil
	}
	err := UpdateFile(ctx, paths.Credentials, paths.Locks(), func(data []byte) ([]byte, error) {
		for _, profile := range removed {
			var err error
			if data, err = EditSection(data, profile, nil, credentialKeys); err != nil {
				return nil, err
			}
		}
		return data, nil
	})
	if err != nil && ctx.Err() == nil {
		err = withAdvice(err, "credentials not removed; the file is unchanged")
	}
	return removed, err
}

// readsBack returns an error if the written settings would be read differently.
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
