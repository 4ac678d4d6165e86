package keychain

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/o365aws/o365aws/internal/keyringtest"
	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/testenv"
)

// openKernel returns a kernel store for a new home.
func openKernel(t *testing.T) kernel {
	t.Helper()
	s, err := Open("kernel", Options{Home: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := inKeyring(func(int) (struct{}, error) { return struct{}{}, nil }); err != nil {
		t.Skip("the kernel keyring is not available here")
	}
	t.Cleanup(func() {
		if _, err := s.Clear(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s.(kernel)
}

func TestKernel(t *testing.T) {
	k, other := openKernel(t), openKernel(t)
	if err := other.Set(t.Context(), "a", secret.New("of another home")); err != nil {
		t.Fatal(err)
	}
	contract(t, func() Store { return k })
	if got, err := other.Get(t.Context(), "a"); err != nil || got.Reveal() != "of another home" {
		t.Errorf("another home: got %d characters, %v, want its secret", got.Len(), err)
	}
}

// TestKernelExpiry checks that each use resets the expiration, and that an expired secret
// is not found.
func TestKernelExpiry(t *testing.T) {
	k := openKernel(t)
	if err := k.Set(t.Context(), "a", secret.New("x")); err != nil {
		t.Fatal(err)
	}
	if got := timeout(t, k, "a"); got != "2d" && got != "3d" { // rounded down
		t.Errorf("got %s left, want three days", got)
	}
	short := k
	short.unused = time.Second
	if _, err := short.Get(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if got := timeout(t, k, "a"); !strings.HasSuffix(got, "s") && got != "expd" {
		t.Errorf("after Get: got %s left, want a second", got)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		_, err := k.lookUp(t, "a")
		if errors.Is(err, ErrNotFound) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %v, want ErrNotFound", err)
		}
	}
}

// lookUp finds a secret without resetting its expiration.
func (k kernel) lookUp(t *testing.T, name string) (int, error) {
	t.Helper()
	return inKeyring(func(ring int) (int, error) { return k.search(ring, name) })
}

// timeout returns the remaining time of a secret as shown in /proc/keys. Its description,
// which every program of the user can read, must not name the secret.
func timeout(t *testing.T, k kernel, name string) string {
	t.Helper()
	data, err := os.ReadFile("/proc/keys")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); strings.Contains(line, k.description(name)) && len(fields) > 3 {
			return fields[3]
		}
	}
	t.Fatalf("no key %s in /proc/keys", k.description(name))
	return ""
}

func TestKernelErrors(t *testing.T) {
	for name, c := range map[string]struct {
		err              error
		notFound, absent bool
	}{
		"missing":                    {unix.ENOKEY, true, false},
		"expired":                    {unix.EKEYEXPIRED, true, false},
		"refused by a container":     {unix.EPERM, false, true},
		"kernel without keyrings":    {unix.ENOSYS, false, true},
		"quota":                      {unix.EDQUOT, false, false},
		"secret larger than allowed": {unix.EINVAL, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			err := kernelError(c.err)
			var unavailable *UnavailableError
			if got := errors.Is(err, ErrNotFound); got != c.notFound {
				t.Errorf("got not found %v, want %v", got, c.notFound)
			}
			if errors.As(err, &unavailable) == c.notFound || unavailable != nil && unavailable.Absent != c.absent {
				t.Errorf("got %#v, want absent %v", unavailable, c.absent)
			}
		})
	}
}

// TestAutomatic checks which store "auto" selects: the keychain if there is a Secret
// Service, or if the bus does not respond.
func TestAutomatic(t *testing.T) {
	testenv.Needs(t, "gnome-keyring")
	openKernel(t)
	empty, err := keyringtest.StartBus(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer empty.Stop()
	for name, c := range map[string]struct{ address, want string }{
		"Secret Service":         {bus.Address, "keychain"},
		"bus without a keychain": {empty.Address, "kernel"},
		"no bus":                 {"unix:path=" + t.TempDir() + "/none", "kernel"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", c.address)
			var stores Stores
			if got := stores.Kind("auto"); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if s, err := stores.Open("auto", Options{}); err != nil || (c.want == "kernel") != isKernel(s) {
				t.Errorf("got %T, %v, want the %s", s, err, c.want)
			}
		})
	}
}

func isKernel(s Store) bool {
	_, ok := s.(kernel)
	return ok
}

// forbidKeyring blocks the keyring system calls for this process, like the default
// seccomp profile of Docker.
// Source: docs.docker.com/engine/security/seccomp, moby/profiles/seccomp/default.json
func forbidKeyring() error {
	deny := func(call uint32) []unix.SockFilter {
		return []unix.SockFilter{
			{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: call},
			{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)},
		}
	}
	filter := []unix.SockFilter{{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS}} // load the system call number
	for _, call := range []uint32{unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_KEYCTL} {
		filter = append(filter, deny(call)...)
	}
	filter = append(filter, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW})
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	_, _, code := unix.Syscall(
		unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC,
		uintptr(unsafe.Pointer(&program)),
	)
	if code != 0 {
		return code
	}
	return nil
}

// TestKernelForbidden checks that "auto" does not select the kernel keyring in a
// container that blocks it.
func TestKernelForbidden(t *testing.T) {
	const childVar = "O365AWS_TEST_FORBID"
	if os.Getenv(childVar) == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKernelForbidden$", "-test.short", "-test.v")
		cmd.Env = append(os.Environ(), childVar+"=1", "DBUS_SESSION_BUS_ADDRESS=", "XDG_RUNTIME_DIR="+t.TempDir())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v:\n%s", err, out)
		}
		return
	}
	if err := forbidKeyring(); err != nil {
		t.Fatal(err)
	}
	if got := automatic(); got != "keychain" {
		t.Errorf("got %s, want keychain", got)
	}
	var unavailable *UnavailableError
	err := newKernel(Options{}).Set(t.Context(), "a", secret.New("x"))
	if !errors.As(err, &unavailable) || !unavailable.Absent {
		t.Errorf("got %v, want a store that is absent", err)
	}
}
