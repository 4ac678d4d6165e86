package openurl

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/testenv"
)

// TestOwnConnections finds connections of both address families in the tables.
func TestOwnConnections(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		l, err := net.Listen("tcp", address)
		if err != nil && address == "[::1]:0" {
			t.Logf("skipped: %v", err) // a machine without IPv6
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
		client, found := find(near.RemoteAddr().(*net.TCPAddr), near.LocalAddr().(*net.TCPAddr))
		if !found || client.uid != os.Geteuid() || client.closed || !client.open {
			t.Errorf("%s: got %+v, %v, want an open socket of user %d", near.RemoteAddr(), client, found, os.Geteuid())
		}
		if foreign(near.LocalAddr().(*net.TCPAddr), near.RemoteAddr().(*net.TCPAddr)) {
			t.Errorf("%s: got another user, want own", near.RemoteAddr())
		}
	}
}

// TestOwner finds the user of a socket, also of an IPv6 socket that uses IPv4.
func TestOwner(t *testing.T) {
	const table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n" +
		"   0: 0100007F:20AD 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1\n" +
		"   2: 0100007F:D432 0100007F:20AD 06 00000000:00000000 03:000017A1 00000000     0        0 0 3\n" +
		"   1: 0000000000000000FFFF00000100007F:D431 0000000000000000FFFF00000100007F:20AD 01 " +
		"00000000:00000000 00:00000000 00000000  4242        0 2 1\n"
	from := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 54321}
	to := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8365}
	if got, ok := inTable([]byte(table), from, to); !ok || got != (socket{uid: 4242, open: true}) {
		t.Errorf("got %+v, %v, want an open socket of user 4242", got, ok)
	}
	closed := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 54322}
	if got, ok := inTable([]byte(table), closed, to); !ok || !got.closed {
		t.Errorf("closed socket: got %+v, %v", got, ok)
	}
	if got, ok := inTable([]byte(table), to, from); ok {
		t.Errorf("the other direction: got %+v, want none", got)
	}
}

// TestDisconnectedClient checks that a client that has closed or reset its connection
// counts as another user.
func TestDisconnectedClient(t *testing.T) {
	for _, c := range []struct {
		name   string
		linger int // seconds; 0 resets the connection
		want   error
	}{{"closed", -1, io.EOF}, {"reset", 0, syscall.ECONNRESET}} {
		t.Run(c.name, func(t *testing.T) {
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
			if err := errors.Join(far.(*net.TCPConn).SetLinger(c.linger), far.Close()); err != nil {
				t.Fatal(err)
			}
			if _, err := near.Read(make([]byte, 1)); !errors.Is(err, c.want) { // the end has arrived
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if !foreign(near.LocalAddr().(*net.TCPAddr), near.RemoteAddr().(*net.TCPAddr)) {
				t.Error("got own user, want another one")
			}
		})
	}
}

// TestResetDoesNotUseUpAddress checks that another user who knows the address and resets each
// connection immediately does not use it up.
func TestResetDoesNotUseUpAddress(t *testing.T) {
	const addressVar = "O365AWS_TEST_RESET"
	if address := os.Getenv(addressVar); address != "" {
		resetOften(address)
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can be another user")
	}
	lead, err := NewRedirect(secret.New("https://console.example"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if lead.Follow(w, r) != Redirected {
			http.Error(w, "", http.StatusForbidden)
		}
	}))
	defer server.Close()
	folder, err := os.MkdirTemp("/tmp", "reset")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	data, err := os.ReadFile(os.Args[0])
	program := filepath.Join(folder, "test")
	if err := errors.Join(err, os.Chmod(folder, 0o755), os.WriteFile(program, data, 0o755)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-test.run=^TestResetDoesNotUseUpAddress$")
	cmd.Dir, cmd.Env = "/", []string{addressVar + "=" + server.URL + lead.Path()}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 4242, Gid: 4242}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Get(server.URL + lead.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusSeeOther {
		t.Errorf("got status %d, want %d for the user's own browser", response.StatusCode, http.StatusSeeOther)
	}
}

// resetOften requests an address repeatedly and resets each connection immediately.
func resetOften(address string) {
	u, err := url.Parse(address)
	for range 500 {
		var conn net.Conn
		if err == nil {
			conn, err = net.Dial("tcp", u.Host)
		}
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		_, _ = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", u.Path, u.Host)
		_, _ = conn.(*net.TCPConn).SetLinger(0), conn.Close()
	}
	os.Exit(0)
}

// TestOtherUser sends requests as different users.
func TestOtherUser(t *testing.T) {
	testenv.Needs(t, "bash")
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
			t.Errorf("user %d: got another user %v, want %v", uid, got, want)
		}
	}
}
