package awsconfig

import "fmt"

// Shadow is a setting of a profile that prevents AWS tools from using the credentials of
// o365aws.
type Shadow struct {
	Key    string
	File   string
	Line   int
	Python bool // in the AWS CLI and boto3
	Go     bool // in the AWS SDK for Go, for example in Terraform
}

// String returns the setting with its place and the tools.
func (s Shadow) String() string {
	tools := "the AWS CLI, boto3 and the AWS SDK for Go use it"
	switch {
	case !s.Go:
		tools = "the AWS CLI and boto3 use it (the AWS SDK for Go does not)"
	case !s.Python:
		tools = "the AWS SDK for Go uses it (the AWS CLI and boto3 do not)"
	}
	return fmt.Sprintf("%s:%d: %s: %s instead of the credentials of o365aws", s.File, s.Line, s.Key, tools)
}

// Shadows returns the settings of a profile that AWS tools prefer to its
// credential_process or, without one, to the keys that a login writes to the credentials
// file.
func Shadows(paths Paths, config, credentials []byte, profile string) []Shadow {
	inConfig, _ := FindProfile(Sections(config), profile)
	var inCredentials Section
	for _, s := range Sections(credentials) {
		if s.Name == profile {
			inCredentials = s
		}
	}
	process := inConfig.Get("credential_process") != ""
	var found []Shadow
	add := func(key string, python, golang bool) {
		shadow := Shadow{Key: key, File: paths.Config, Line: inConfig.LineOf(key), Python: python, Go: golang}
		if inCredentials.Get(key) != "" { // it overrides the config file
			shadow.File, shadow.Line = paths.Credentials, inCredentials.LineOf(key)
		} else if inConfig.Get(key) == "" {
			return
		}
		found = append(found, shadow)
	}
	add("role_arn", true, true)
	add("sso_account_id", true, false)
	if process {
		add("sso_session", false, true)
		add("sso_start_url", false, true)
		add("aws_access_key_id", inCredentials.Get("aws_access_key_id") != "", true)
		if inCredentials.Get("credential_process") != "" {
			add("credential_process", true, true)
		}
	}
	return found
}
