package entra

import "github.com/google/uuid"

// roleID returns the id of the app role of a value: the same in every run, so
// that assignments keep their role when it comes back.
func roleID(principal, value string) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte(principal+" "+value)).String()
}
