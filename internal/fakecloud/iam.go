package fakecloud

import "errors"

// importableRoles is what the provisioning service sees of an account.
func (c *Cloud) importableRoles(accessKey, secretKey string) ([]ImportedRole, error) {
	return nil, errors.New("no such access key")
}
