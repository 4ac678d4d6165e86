package spec

import (
	"strings"
	"testing"
)

// A device has no size, and no end.
func TestDevicesAreBounded(t *testing.T) {
	_, err := Load("/dev/zero")
	if err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Error(err)
	}
}
