package completion

import (
	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/saml"
)

// MaxAbout bounds what is told of a value, in columns.
const MaxAbout = 120

// Profiles are the profiles of the AWS config file, each with its role.
func Profiles(config []byte) []Candidate {
	var list []Candidate
	for _, section := range awsconfig.Sections(config) {
		if name, ok := section.Profile(); ok {
			list = append(list, Candidate{Value: name, About: section.Get("azure_default_role_arn")})
		}
	}
	return list
}

// Roles are roles as --role takes them, each with its account's name.
func Roles(arns []string, accounts map[string]string) []Candidate {
	var list []Candidate
	for _, text := range arns {
		if role, ok := saml.ParseRoleARN(text); ok {
			list = append(list, Candidate{Value: role.Account + "/" + role.Name, About: accounts[role.Account]})
		}
	}
	return list
}
