package awspaths

import "testing"

// The paths are those of the AWS CLI, including its environment variables.
func TestResolve(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		want Paths
	}{
		"nothing set": {nil, Paths{join("/h", ".aws", "config"), join("/h", ".aws", "credentials"), join("/h", ".aws", "o365aws")}},
		"other files": {
			map[string]string{"AWS_CONFIG_FILE": "/x/c", "AWS_SHARED_CREDENTIALS_FILE": "k", "O365AWS_HOME": "/x/~"},
			Paths{"/x/c", "k", "/x/~"},
		},
		"in the home folder": {
			map[string]string{"AWS_CONFIG_FILE": "~/c", "AWS_SHARED_CREDENTIALS_FILE": "~", "O365AWS_HOME": "~ada/x"},
			Paths{"/h/c", "/h", "~ada/x"},
		},
	} {
		if got := Resolve(func(name string) string { return c.env[name] }, "/h"); got != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := In("", "~/x"); got != "~/x" {
		t.Errorf("no home folder: %s", got)
	}
}
