package cli_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/o365aws/o365aws/internal/fakecloud"
)

// longest is the time limit of every wait in a script. It is generous for loaded
// machines.
const longest = 90 * time.Second

func checkExitCode(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exitcode CODE PROGRAM ARGS...")
	}
	code := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code: got %d, want %s", code, args[0])
	}
}

func checkSMS(ts *testscript.TestScript, _ bool, args []string) {
	if got := stateOf(ts).cloud.LastTextPhone(); len(args) != 1 || got != args[0] {
		ts.Fatalf("text message sent to the phone ending with %q, want %q", got, args)
	}
}

// waitForFile waits until a file ends with a line break.
func waitForFile(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: wait-for-file FILE TEXT")
	}
	for deadline := time.Now().Add(longest); ; time.Sleep(20 * time.Millisecond) {
		data, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil && bytes.HasSuffix(data, []byte("\n")) {
			if !bytes.Contains(data, []byte(args[1])) {
				ts.Fatalf("%s contains %q, want %q", args[0], data, args[1])
			}
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("timed out waiting for %s", args[0])
		}
	}
}

// replyURL returns a reply URL with a free port below the ephemeral range, so that no
// other program is assigned it in the meantime.
func replyURL() (string, error) {
	for range 100 {
		port := 20_000 + rand.IntN(12_000)
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			return fmt.Sprintf("http://localhost:%d/saml", port), l.Close()
		}
	}
	return "", errors.New("no port is free")
}

// hangingProxy sets HTTPS_PROXY to a proxy that accepts connections and never responds.
func hangingProxy(ts *testscript.TestScript, _ bool, _ []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = l.Close() })
	go func() {
		var held []net.Conn // keeps references, so that connections are not closed by the garbage collector
		for {
			conn, err := l.Accept()
			if err != nil {
				for _, c := range held {
					_ = c.Close()
				}
				return
			}
			held = append(held, conn)
		}
	}()
	ts.Setenv("HTTPS_PROXY", "http://"+l.Addr().String())
}

// resettingProxy sets HTTPS_PROXY to a proxy that forwards to the current one and resets
// each connection in the middle of a response.
func resettingProxy(ts *testscript.TestScript, _ bool, _ []string) {
	behind := strings.TrimPrefix(ts.Getenv("HTTPS_PROXY"), "http://")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go resetMidway(near.(*net.TCPConn), behind)
		}
	}()
	ts.Setenv("HTTPS_PROXY", "http://"+l.Addr().String())
}

// midway is a byte count within the first response: after the proxy's own response and
// the TLS handshake, about 1,500 bytes here.
const midway = 2500

func resetMidway(near *net.TCPConn, behind string) {
	far, err := net.Dial("tcp", behind)
	if err != nil {
		_ = near.Close()
		return
	}
	go func() { _, _ = io.Copy(far, near) }()
	_, _ = io.CopyN(near, far, midway)
	_ = near.SetLinger(0) // makes Close reset the connection
	_ = near.Close()
	_ = far.Close()
}

func occupyPort(ts *testscript.TestScript, _ bool, args []string) {
	u, err := url.Parse(args[0])
	ts.Check(err)
	l, err := net.Listen("tcp", "127.0.0.1:"+u.Port())
	ts.Check(err)
	ts.Defer(func() { _ = l.Close() })
}

func checkPasswordHosts(ts *testscript.TestScript, _ bool, args []string) {
	if saw := stateOf(ts).cloud.Saw(fakecloud.Password); !slices.Equal(saw, args) {
		ts.Fatalf("hosts that received the password: got %q, want %q", saw, args)
	}
}

func checkStaySignedIn(ts *testscript.TestScript, neg bool, _ []string) {
	if stays := stateOf(ts).cloud.PersistentSession(); stays == neg {
		ts.Fatalf("stay signed in: got %v, want %v", stays, !neg)
	}
}

// strayed lists secrets sent to a host that must not receive them.
func (s *scriptState) strayed(cloud *fakecloud.Cloud) []string {
	var problems []string
	if n := cloud.LeakedAssertions(); n > 0 {
		problems = append(problems, fmt.Sprintf("%d assertions reached AWS's sign-in site", n))
	}
	for _, host := range cloud.Saw("HeadlessChrome") {
		problems = append(problems, host+" was told that the browser is headless")
	}
	microsoft := []string{"login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"}
	for secret, allowed := range map[string][]string{
		fakecloud.Password:   slices.Concat(microsoft, s.hosts),
		fakecloud.AccessPass: microsoft,
		deviceCredential:     {"login.microsoftonline.com"},
		fakecloud.TOTPSecret: nil,

		fakecloud.RenewedTOTPSecret: nil,
		"PHNhbWxwOlJlc3BvbnNl":      nil, // responses are sent only to STS
	} {
		for _, host := range cloud.Saw(secret) {
			if !slices.Contains(allowed, host) &&
				(secret != "PHNhbWxwOlJlc3BvbnNl" || !strings.HasPrefix(host, "sts.")) {
				problems = append(problems, fmt.Sprintf("%s saw a secret (%.4s…)", host, secret))
			}
		}
	}
	return append(problems, cloud.DeviceProblems()...)
}

// Every scenario of the emulator is used in a script, or in the tests named here.
func TestEveryScenarioHasAScript(t *testing.T) {
	elsewhere := []string{
		"device-browser", // TestContinueInWindow
	}
	var text []byte
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, data...)
	}
	for _, scenario := range fakecloud.Scenarios() {
		if !bytes.Contains(text, []byte("fakecloud "+scenario.Name+"\n")) &&
			!slices.Contains(elsewhere, scenario.Name) {
			t.Errorf("no script uses the scenario %q: %s", scenario.Name, scenario.Title)
		}
	}
}
