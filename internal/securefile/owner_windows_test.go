package securefile

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/windows"
)

// allow gives groups rights to a folder, and nobody else any, but the user.
func allow(t *testing.T, dir, list string) {
	t.Helper()
	me, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		t.Fatal(err)
	}
	sd, err := windows.SecurityDescriptorFromString("D:P(A;OICI;FA;;;" + me.User.Sid.String() + ")" + list)
	if err != nil {
		t.Fatal(err)
	}
	acl, _, err := sd.DACL()
	if err != nil {
		t.Fatal(err)
	}
	err = windows.SetNamedSecurityInfo(
		dir, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION,
		nil, nil, acl, nil,
	)
	if err != nil {
		t.Fatal(err)
	}
}

// A folder to which everybody may write is refused by its access list.
func TestAccessLists(t *testing.T) {
	above, home := t.TempDir(), ""
	home = filepath.Join(above, "o365aws")
	if err := windows.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ dir, list, want string }{
		{home, "", ""},
		{home, "(A;;FR;;;WD)", ""},
		{home, "(A;;FA;;;WD)", "Everyone"},
		{above, "(A;;FA;;;WD)", "Everyone"},
		{above, "", ""},
	} {
		allow(t, c.dir, c.list)
		err := Home(home)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v, want %q", c.dir, c.list, err, c.want)
		}
		allow(t, c.dir, "")
	}
	allow(t, above, "(A;;FA;;;WD)")
	if err := File(filepath.Join(above, "credentials")); err == nil {
		t.Error("a file where everybody may replace it is written")
	}
}
