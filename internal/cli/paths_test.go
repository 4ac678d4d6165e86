package cli

import (
	"errors"
	"os"
	"os/user"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/awsconfig"
)

// Without HOME, the home folder comes from the user database.
func TestUserHome(t *testing.T) {
	account, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"HOME", "USERPROFILE", "home"} {
		t.Setenv(name, "")
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := userHome(); err != nil || got != account.HomeDir {
		t.Errorf("got %q, %v, want %q", got, err, account.HomeDir)
	}
}

// A home folder is not needed if variables set all paths.
func TestPlacesWithoutHome(t *testing.T) {
	variables := map[string]string{
		"AWS_CONFIG_FILE": "/c", "AWS_SHARED_CREDENTIALS_FILE": "/k", "O365AWS_HOME": "/h",
	}
	s := &invocation{output: output{Env: Env{
		Getenv:   func(name string) string { return variables[name] },
		UserHome: func() (string, error) { return "", errors.New("$HOME is not defined") },
	}}}
	want := awsconfig.Paths{Config: "/c", Credentials: "/k", Home: "/h"}
	if got, err := s.places(); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	delete(variables, "O365AWS_HOME")
	if got, err := s.places(); err == nil || !strings.Contains(err.Error(), "no home folder") {
		t.Errorf("got %+v, %v, want an error", got, err)
	}
}
