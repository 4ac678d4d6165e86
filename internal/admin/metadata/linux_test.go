package metadata

import (
	"strings"
	"testing"
)

// A device has no end.
func TestMetadataOfADeviceIsRefused(t *testing.T) {
	_, err := fileSource("/dev/zero").Metadata(t.Context())
	if err == nil || !strings.Contains(err.Error(), "is not an ordinary file") {
		t.Error(err)
	}
}
