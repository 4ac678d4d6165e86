package completion

import (
	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/saml"
)

// MaxAbout is the maximum width of a description, in columns.
const MaxAbout = 120

// Profiles returns the profiles in the AWS config file, described by their roles.
func Profiles(config []byte) []Candidate {
	var list []Candidate
	for _, section := range awsconfig.Sections(config) {
		if name, ok := section.Profile(); ok {
			list = append(list, Candidate{Value: name, About: section.Get("azure_default_role_arn")})
		}
	}
	return list
}

// Roles returns roles as values of --role, described by the names of their accounts.
func Roles(arns []string, accounts map[string]string) []Candidate {
	var list []Candidate
	for _, text := range arns {
		if role, ok := saml.ParseRoleARN(text); ok {
			alias := accounts[role.Account]
			list = append(list, Candidate{
				Value: role.Account + "/" + role.Name, About: alias, Alias: alias + "/" + role.Name,
			})
		}
	}
	return list
}
