package configure

import (
	"testing"

	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
)

// A pasted address yields only its GUIDs, or a short error.
func FuzzParseAccessURL(f *testing.F) {
	for _, seed := range []string{
		"https://myapps.microsoft.com/signin/AWS/11111111-2222-3333-4444-555555555555?tenantId=66666666-2222-3333-4444-555555555555",
		"https://launcher.myapps.microsoft.com/api/signin/11111111-2222-3333-4444-555555555555?tenantId=contoso.com",
		"https://account.activedirectory.windowsazure.com/applications/signin/x/?applicationId=11111111-2222-3333-4444-555555555555",
		"https://myapps.microsoft.com@evil.example/", "http://myapps.microsoft.com/", "https://evil.example/\u202e", "https://[::1", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		found, err := ParseAccessURL(address)
		if err != nil {
			if found != (AccessURL{}) || fault.KindOf(err) != fault.Config || len(err.Error()) > 400 {
				t.Errorf("%q gives %+v, %q", address, found, err)
			}
			return
		}
		if !entra.IsGUID(found.AppID) || found.TenantID != "" && !entra.IsGUID(found.TenantID) {
			t.Errorf("%q gives %+v", address, found)
		}
	})
}
