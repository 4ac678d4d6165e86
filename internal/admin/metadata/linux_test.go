package metadata

import (
	"strings"
	"testing"
)

// A device has no size, and no end.
func TestMetadataOfADeviceIsBounded(t *testing.T) {
	_, err := fileSource("/dev/zero").Metadata(t.Context())
	if err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Error(err)
	}
}
