package securefile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/windows"
)

// allow grants groups rights to a path, and all rights to this user.
func allow(t *testing.T, path, list string) {
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
		path, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION,
		nil, nil, acl, nil,
	)
	if err != nil {
		t.Fatal(err)
	}
}

// A folder or file is refused if its access list permits every user to write.
func TestAccessLists(t *testing.T) {
	above := t.TempDir()
	home := filepath.Join(above, "o365aws")
	file := filepath.Join(home, "f")
	if err := errors.Join(os.Mkdir(home, 0o700), os.WriteFile(file, []byte("x"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, list, want string }{
		{home, "", ""},
		{home, "(A;;FR;;;WD)", ""},
		{home, "(A;;FA;;;WD)", "Everyone"},
		{above, "(A;;FA;;;WD)", "Everyone"},
		{above, "", ""},
	} {
		t.Run(filepath.Base(c.path)+c.list, func(t *testing.T) {
			allow(t, c.path, c.list)
			defer allow(t, c.path, "")
			says(t, Home(home), c.want)
			_, err := ReadPrivate(file)
			says(t, err, c.want)
		})
	}
	allow(t, file, "(A;;FA;;;WD)")
	_, err := Read(file)
	says(t, err, "Everyone")
	allow(t, above, "(A;;FA;;;WD)")
	says(t, File(filepath.Join(above, "credentials")), "Everyone")
}

func says(t *testing.T, err error, want string) {
	t.Helper()
	if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

// Only groups that contain every user count, and only rights to modify.
func TestGranted(t *testing.T) {
	for _, c := range []struct{ name, list, private, ancestor string }{
		{"below a home folder", "D:(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)", "", ""},
		{"others may read", "D:(A;OICI;FR;;;WD)", "", ""},
		{"made on drive C", "D:(A;ID;FR;;;BU)(A;ID;0x1301bf;;;AU)", "Authenticated Users", "Authenticated Users"},
		{"drive C itself", "D:(A;OICI;FA;;;BA)(A;CI;0x100004;;;AU)(A;OICIIO;0x1301bf;;;AU)", "Authenticated Users", ""},
		{"a domain", "D:(A;OICI;FA;;;S-1-5-21-1-2-3-513)", "Domain Users", "Domain Users"},
		{"administrators of a domain", "D:(A;OICI;FA;;;S-1-5-21-1-2-3-512)", "", ""},
		{"only below", "D:(A;OICIIO;FA;;;WD)", "", ""},
		{"denied", "D:(D;OICI;FA;;;WD)", "", ""},
		{"no list", "O:SY", "Everyone", "Everyone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			sd, err := windows.SecurityDescriptorFromString(c.list)
			if err != nil {
				t.Fatal(err)
			}
			if got := granted(sd, mayReplace|mayWrite); got != c.private {
				t.Errorf("private: got %q, want %q", got, c.private)
			}
			if got := granted(sd, mayReplace); got != c.ancestor {
				t.Errorf("ancestor: got %q, want %q", got, c.ancestor)
			}
		})
	}
}
