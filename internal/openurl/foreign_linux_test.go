package openurl

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// A connection of our own is found in the kernel's tables, by both families.
func TestOwnConnections(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		l, err := net.Listen("tcp", address)
		if err != nil && address == "[::1]:0" {
			t.Logf("not looked at: %v", err) // a machine without IPv6
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		far, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = far.Close() }()
		near, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = near.Close() }()
		found := false
		for _, name := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
			table, err := os.ReadFile(name)
			if err != nil {
				continue
			}
			if uid, ok := owner(table, near.RemoteAddr().(*net.TCPAddr), near.LocalAddr().(*net.TCPAddr)); ok {
				found = true
				if uid != os.Geteuid() {
					t.Errorf("%s: %s belongs to %d", name, near.RemoteAddr(), uid)
				}
			}
		}
		if !found {
			t.Errorf("%s is in no table", near.RemoteAddr())
		}
		if foreign(near.LocalAddr().(*net.TCPAddr), near.RemoteAddr().(*net.TCPAddr)) {
			t.Errorf("%s is said to be another user's", near.RemoteAddr())
		}
	}
}

// Another user's is told, also when their socket of IPv6 speaks IPv4.
func TestOwner(t *testing.T) {
	const table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n" +
		"   0: 0100007F:20AD 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1\n" +
		"   2: 0100007F:D432 0100007F:20AD 06 00000000:00000000 03:000017A1 00000000     0        0 0 3 0000000000000000\n" +
		"   1: 0000000000000000FFFF00000100007F:D431 0000000000000000FFFF00000100007F:20AD 01 00000000:00000000 00:00000000 00000000  4242        0 2 1\n"
	from, to := &net.TCPAddr{
		IP: net.IPv4(127, 0, 0, 1), Port: 54321,
	}, &net.TCPAddr{
		IP: net.IPv4(127, 0, 0, 1), Port: 8365,
	}
	if uid, ok := owner([]byte(table), from, to); !ok || uid != 4242 {
		t.Errorf("%d %v", uid, ok)
	}
	closed := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 54322}
	if uid, ok := owner([]byte(table), closed, to); !ok || uid != gone {
		t.Errorf("a socket that was closed belongs to %d, %v", uid, ok)
	}
	if uid, ok := owner([]byte(table), to, from); ok {
		t.Errorf("the other direction belongs to %d", uid)
	}
}

// Whoever has hung up cannot be led any more, and uses nothing up.
func TestWhoHungUp(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	far, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	near, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = near.Close() }()
	if err := far.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := near.Read(make([]byte, 1)); err != io.EOF { // it has come here
		t.Fatal(err)
	}
	if !foreign(near.LocalAddr().(*net.TCPAddr), near.RemoteAddr().(*net.TCPAddr)) {
		t.Error("a socket that was closed is said to be ours")
	}
}

// A request of another user is told from our own.
func TestStranger(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can be another user")
	}
	t.Setenv("SUDO_UID", "4343")
	asked := make(chan bool, 3)
	server := httptest.NewServer(
		http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- foreignUser(r) }),
	)
	defer server.Close()
	for uid, want := range map[uint32]bool{4242: true, 0: false, 4343: false} {
		address := strings.Replace(strings.TrimPrefix(server.URL, "http://"), ":", "/", 1)
		cmd := exec.Command(
			"bash", "-c", `exec 3<>/dev/tcp/`+address+` && printf 'GET / HTTP/1.0\r\n\r\n' >&3 && cat <&3`,
		)
		cmd.Dir, cmd.SysProcAttr = "/", &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if got := <-asked; got != want {
			t.Errorf("user %d is a stranger: %v", uid, got)
		}
	}
}
