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

// The words of the scripts that are about signing in.

// longest bounds every wait of a script; a loaded machine is slow.
const longest = 90 * time.Second

// endsWith runs a program and requires its exit code: ends CODE PROGRAM ARGS...
func endsWith(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: ends CODE PROGRAM ARGS...")
	}
	code := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// checkTexted compares which phone got the text message: texted DIGITS.
func checkTexted(ts *testscript.TestScript, _ bool, args []string) {
	if got := sceneOf(ts).cloud.Texted(); len(args) != 1 || got != args[0] {
		ts.Fatalf("the text went to the phone that ends with %q", got)
	}
}

// awaitFile waits for a file that holds a text: arrives FILE TEXT.
func awaitFile(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: arrives FILE TEXT")
	}
	for deadline := time.Now().Add(longest); ; time.Sleep(20 * time.Millisecond) {
		data, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil && bytes.HasSuffix(data, []byte("\n")) {
			if !bytes.Contains(data, []byte(args[1])) {
				ts.Fatalf("%s holds %s", args[0], data)
			}
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s never came", args[0])
		}
	}
}

// replyURL is the address of a listener at a port that is free, and stays so:
// it is below those that systems give to who asks for any.
func replyURL() (string, error) {
	for range 100 {
		port := 20_000 + rand.IntN(12_000)
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			return fmt.Sprintf("http://localhost:%d/saml", port), l.Close()
		}
	}
	return "", errors.New("no port is free")
}

// hangingProxy listens and never answers: hangs. It is what HTTPS_PROXY names
// from then on.
func hangingProxy(ts *testscript.TestScript, _ bool, _ []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = l.Close() })
	go func() {
		var held []net.Conn // one that is lost would be closed
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

// resettingProxy leads to the proxy before it, and resets each connection in
// the middle of the answer: resets. It is what HTTPS_PROXY names from then on.
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

// midway is inside the first answer: past the proxy's own and the handshake
// of TLS, which takes about 1,500 bytes here.
const midway = 2500

func resetMidway(near *net.TCPConn, behind string) {
	far, err := net.Dial("tcp", behind)
	if err != nil {
		_ = near.Close()
		return
	}
	go func() { _, _ = io.Copy(far, near) }()
	_, _ = io.CopyN(near, far, midway)
	_ = near.SetLinger(0) // so that Close resets
	_ = near.Close()
	_ = far.Close()
}

// takePort lets another program listen where a URL points: taken URL.
func takePort(ts *testscript.TestScript, _ bool, args []string) {
	u, err := url.Parse(args[0])
	ts.Check(err)
	l, err := net.Listen("tcp", "127.0.0.1:"+u.Port())
	ts.Check(err)
	ts.Defer(func() { _ = l.Close() })
}

// checkTyped requires that the password went to these hosts alone, as far as
// the double saw: typed HOST...
func checkTyped(ts *testscript.TestScript, _ bool, args []string) {
	if saw := sceneOf(ts).cloud.Saw(fakecloud.Password); !slices.Equal(saw, args) {
		ts.Fatalf("the password went to %q", saw)
	}
}

// checkStays requires that the last sign-in said yes to "Stay signed in?":
// stays. With ! it requires the contrary.
func checkStays(ts *testscript.TestScript, neg bool, _ []string) {
	if stays := sceneOf(ts).cloud.StaysSignedIn(); stays == neg {
		ts.Fatalf("the sign-in is to stay: %v", stays)
	}
}

// strayed lists the secrets that hosts saw which should not.
func (s *scene) strayed(cloud *fakecloud.Cloud) []string {
	var problems []string
	if n := cloud.Posted(); n > 0 {
		problems = append(problems, fmt.Sprintf("%d assertions reached AWS's sign-in site", n))
	}
	microsoft := []string{"login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"}
	for secret, allowed := range map[string][]string{
		fakecloud.Password:   slices.Concat(microsoft, s.hosts),
		fakecloud.AccessPass: microsoft,
		fakecloud.TOTPSecret: nil,

		fakecloud.RenewedTOTPSecret: nil,
		"PHNhbWxwOlJlc3BvbnNl":      nil, // a response goes to STS alone
	} {
		for _, host := range cloud.Saw(secret) {
			if !slices.Contains(allowed, host) &&
				(secret != "PHNhbWxwOlJlc3BvbnNl" || !strings.HasPrefix(host, "sts.")) {
				problems = append(problems, fmt.Sprintf("%s saw a secret (%.4s…)", host, secret))
			}
		}
	}
	return problems
}

// Every way in which the double can behave is in a script, or in a test that
// says so here.
func TestEveryScenarioHasAScript(t *testing.T) {
	elsewhere := []string{"device-browser"} // TestTakeOver
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
		if !bytes.Contains(text, []byte("cloud "+scenario.Name+"\n")) && !slices.Contains(elsewhere, scenario.Name) {
			t.Errorf("no script is about %q: %s", scenario.Name, scenario.Title)
		}
	}
}
