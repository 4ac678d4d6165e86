package entra

import "testing"

// The id of an app role is stable: assignments refer to it.
func TestRoleID(t *testing.T) {
	if got, want := roleID("p", "v"), "b9f4900a-7572-536c-9d94-be61c99c4997"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
