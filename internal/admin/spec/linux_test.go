package spec

import (
	"strings"
	"testing"
)

// A device has no end.
func TestDevicesAreRefused(t *testing.T) {
	_, err := Load("/dev/zero")
	if err == nil || !strings.Contains(err.Error(), "is not an ordinary file") {
		t.Error(err)
	}
}
