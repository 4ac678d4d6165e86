package securefile

import "testing"

// Permissions are not real only in WSL, and only on Windows drives. WSL's own file system
// shows real ones, and so does a Plan 9 file system in a virtual machine.
func TestWindowsDrive(t *testing.T) {
	const plan9, wsl1, ext4, overlay = 0x01021997, 0x53464846, 0xef53, 0x794c7630
	const wslKernel2, wslKernel1, debian = "5.15.167.4-microsoft-standard-WSL2\n", "4.4.0-26100-Microsoft\n", "6.12.9-amd64\n"
	for name, c := range map[string]struct {
		kind    int64
		release string
		want    bool
	}{
		"a drive in WSL 2":            {plan9, wslKernel2, true},
		"a drive in WSL 1":            {wsl1, wslKernel1, true},
		"the home folder in WSL 2":    {ext4, wslKernel2, false},
		"a container in WSL 2":        {overlay, wslKernel2, false},
		"Plan 9 in a virtual machine": {plan9, debian, false},
		"an ordinary machine":         {ext4, debian, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := madeUp(c.kind, c.release); got != c.want {
				t.Errorf("%s: %v", name, got)
			}
		})
	}
	if ofWindows(t.TempDir()) {
		t.Error("the folder of this test counts as a Windows drive")
	}
}
