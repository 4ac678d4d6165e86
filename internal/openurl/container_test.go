package openurl

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestContainerCommands checks that each system has a command, with the address as
// one argument.
func TestContainerCommands(t *testing.T) {
	const name, address = "ops & audit #1", "https://signin.aws.amazon.com/federation?Action=login&Destination=a%20b"
	for _, goos := range []string{"linux", "darwin", "windows"} {
		contained, profiled := InContainer(name, address, goos), InChromeProfile("Profile 1", address, goos)
		if len(contained) == 0 || len(profiled) == 0 {
			t.Errorf("%s: got no commands", goos)
		}
		for _, command := range contained {
			query, ok := strings.CutPrefix(command[1], "ext+container:")
			values, err := url.ParseQuery(query)
			if len(command) != 2 || !ok || err != nil || values.Get("name") != name || values.Get("url") != address {
				t.Errorf("%s: got %q, %v", goos, command, err)
			}
		}
		for _, command := range profiled {
			if !slices.Equal(command[1:], []string{"--profile-directory=Profile 1", address}) {
				t.Errorf("%s: got %q", goos, command)
			}
		}
	}
}
