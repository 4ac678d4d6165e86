package securefile

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
)

// deleteChild is FILE_DELETE_CHILD.
const deleteChild = 0x40

// Rights with which a group can replace the content of a folder, and with which it can
// add files to a folder or change a file.
const (
	mayReplace = deleteChild | windows.DELETE | windows.WRITE_DAC | windows.WRITE_OWNER |
		windows.GENERIC_ALL
	mayWrite = windows.FILE_WRITE_DATA | windows.FILE_APPEND_DATA | windows.GENERIC_WRITE
)

// everyone maps the groups that contain all users of a machine to their names. It omits
// groups of administrators, who can do everything anyway.
// Source: learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers
var everyone = map[string]string{
	"S-1-1-0": "Everyone", "S-1-5-2": "NETWORK", "S-1-5-4": "INTERACTIVE", "S-1-5-7": "ANONYMOUS LOGON",
	"S-1-5-11": "Authenticated Users", "S-1-5-113": "Local account", "S-1-5-32-545": "Users", "S-1-5-32-546": "Guests",
}

// checkPath checks the access lists of a folder and its parent folders. It ignores other
// groups, which are the responsibility of administrators: a file server has its own
// groups there, and owns the folders of users.
func checkPath(dir string, as use) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	rights := windows.ACCESS_MASK(mayReplace)
	if as == private {
		rights |= mayWrite
	}
	for {
		if who := writers(dir, rights); who != "" {
			return writableBy("folder "+dir, who)
		}
		if dir == parent(dir) {
			return nil
		}
		dir, rights = parent(dir), mayReplace
	}
}

func writableBy(what, who string) error {
	return &UnsafeError{
		Problem: what + " can be written by " + who,
		Fix:     "remove that permission in its properties, under Security",
	}
}

// writers returns the group of all users that has one of the rights. It returns "" if
// there is none or the file system has no access lists.
func writers(path string, rights windows.ACCESS_MASK) string {
	sd, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return ""
	}
	return granted(sd, rights)
}

// granted returns the group of all users that a security descriptor grants one of the
// rights, or "".
func granted(sd *windows.SECURITY_DESCRIPTOR, rights windows.ACCESS_MASK) string {
	const allowedUnderCondition = 9 // ACCESS_ALLOWED_CALLBACK_ACE_TYPE, which has the same layout
	list, _, err := sd.DACL()
	if err != nil || list == nil {
		return everyone["S-1-1-0"] // without a list, everything is allowed
	}
	for i := range uint32(list.AceCount) {
		var ace *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(list, i, &ace); err != nil {
			return ""
		}
		kind := ace.Header.AceType
		if kind != windows.ACCESS_ALLOWED_ACE_TYPE && kind != allowedUnderCondition ||
			ace.Header.AceFlags&windows.INHERIT_ONLY_ACE != 0 || ace.Mask&rights == 0 {
			continue
		}
		// The SID starts in the field SidStart and continues after the structure.
		if name := groupOf((*windows.SID)(unsafe.Pointer(&ace.SidStart)).String()); name != "" {
			return name
		}
	}
	return ""
}

// Canonical returns an absolute path without links and in its own case, so that a file
// has one name. It returns a path that does not exist unchanged.
func Canonical(path string) string {
	full, err := filepath.Abs(path)
	if err == nil {
		full, err = filepath.EvalSymlinks(full)
	}
	if err != nil {
		return path
	}
	return full
}

// groupOf returns the name of an SID that represents all users of a machine or domain, or
// "" for any other.
func groupOf(sid string) string {
	domain := strings.HasPrefix(sid, "S-1-5-21-")
	switch {
	case domain && strings.HasSuffix(sid, "-513"):
		return "Domain Users"
	case domain && strings.HasSuffix(sid, "-514"):
		return "Domain Guests"
	}
	return everyone[sid]
}

// Others returns no permissions: Windows has access lists instead.
func Others(os.FileInfo, string) os.FileMode { return 0 }

// CalledBy returns false: Windows has no sudo that preserves the user's folders.
func CalledBy(int) bool { return false }

// File checks that no other user can replace a file or its folder.
func File(path string) error { return checkPath(parent(path), destination) }

func read(path string, as use) (data []byte, err error) {
	if strings.EqualFold(path, os.DevNull) {
		return nil, nil
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, notRegular(path)
	case info.Size() > MaxSize:
		return nil, tooLarge(path)
	}
	if err := checkPath(parent(path), as); err != nil {
		return nil, err
	}
	if who := writers(path, mayReplace|mayWrite); who != "" {
		return nil, writableBy(path, who)
	}
	err = retry(func() error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }() // nothing was written
		data, err = io.ReadAll(io.LimitReader(f, MaxSize))
		return err
	})
	return data, err
}
