package saml_test

import (
	"fmt"

	"github.com/o365aws/o365aws/internal/saml"
)

// An assertion lists each role as a pair of ARNs, in either order.
func ExampleParseRole() {
	role, err := saml.ParseRole(
		"arn:aws:iam::111122223333:saml-provider/AzureAD,arn:aws:iam::111122223333:role/teams/azure.reader",
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(role.Account(), role.Name())
	fmt.Println(role.Provider)

	_, err = saml.ParseRole("arn:aws:iam::111122223333:role/a,arn:aws:iam::444455556666:saml-provider/AzureAD")
	fmt.Println(err)
	// Output:
	// 111122223333 azure.reader
	// arn:aws:iam::111122223333:saml-provider/AzureAD
	// role and provider belong to different accounts
}
