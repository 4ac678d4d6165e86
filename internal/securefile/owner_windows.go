package securefile

import (
	"os"
	"syscall"
	"unsafe"
)

// getFileSecurity is called without golang.org/x/sys, which would be
// initialised too late for package warm.
var getFileSecurity = syscall.NewLazyDLL("advapi32.dll").NewProc("GetFileSecurityW")

// check takes a folder unless its access list lets everybody write. Who else
// is in a list is for administrators to say: those of a file server have
// groups of their own there, and own the folders of people.
func check(dir string, as manner) error {
	if _, err := os.Stat(dir); err != nil {
		return err
	}
	rights := uint32(mayReplace)
	if as == own {
		rights |= mayAdd
	}
	if who := writers(descriptor(dir), rights); who != "" {
		return &OthersError{
			Why:  "folder " + dir + " can be written by " + who,
			Mend: "take that right away in its properties, under Security",
		}
	}
	return nil
}

// Others are no permissions at all: Windows has access lists instead.
func Others(os.FileInfo, string) os.FileMode { return 0 }

// File refuses a file in a folder where others can replace it.
func File(path string) error { return check(parent(path), beside) }

// descriptor reads a folder's access list; nil where a file system tells
// none.
func descriptor(dir string) []byte {
	const list = 0x4 // DACL_SECURITY_INFORMATION
	name, err := syscall.UTF16PtrFromString(dir)
	if err != nil || getFileSecurity.Find() != nil {
		return nil
	}
	data := make([]byte, 1<<10)
	for {
		var need uint32
		ok, _, _ := getFileSecurity.Call(
			uintptr(unsafe.Pointer(name)), list, uintptr(unsafe.Pointer(&data[0])), uintptr(len(data)),
			uintptr(unsafe.Pointer(&need)),
		)
		if ok != 0 {
			return data
		}
		if int(need) <= len(data) || need > 1<<20 {
			return nil
		}
		data = make([]byte, need)
	}
}
