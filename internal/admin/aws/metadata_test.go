package aws

import (
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/awsfake"
)

// The metadata of another tenant is refused: every sign-in would fail.
func TestMetadataOfAnotherTenant(t *testing.T) {
	l := newLab(t, admintest.OneAccount)
	l.Use("tenant: 00000000-1111-2222-3333-444444444444\nprovider: {metadata: metadata.xml}\n" + admintest.OneAccount)
	report := l.Plan()
	r, _ := report.Find(engine.ProviderStep(awsfake.Account))
	if r.Err == nil || !strings.Contains(r.Err.Error(), "not of the tenant 00000000-1111") {
		t.Errorf("err = %v", r.Err)
	}
}
