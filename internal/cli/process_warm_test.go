//go:build linux

package cli_test

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/o365aws/o365aws/internal/securefile"
)

// warmNeedsNothing checks that a call with cached credentials does not wait for a lock,
// use the keychain or the network, or read the config file.
func (s *signedIn) warmNeedsNothing() {
	s.t.Helper()
	check := func(err error) {
		s.t.Helper()
		if err != nil {
			s.t.Fatal(err)
		}
	}
	locks, err := filepath.Glob(filepath.Join(s.state.home, ".aws", "o365aws", "locks", "*"))
	check(err)
	if len(locks) < 2 {
		s.t.Errorf("got %d locks, want one for the identity and one for each role", len(locks))
	}
	for _, name := range locks {
		unlock, err := securefile.Lock(s.t.Context(), name)
		check(err)
		defer unlock()
	}

	// An unreadable config file with unchanged size and time is not noticed.
	config := filepath.Join(s.state.home, ".aws", "config")
	info, err := os.Stat(config)
	check(err)
	content, err := os.ReadFile(config)
	check(err)
	replace := func(content []byte) {
		check(os.WriteFile(config, content, 0o600))
		check(os.Chtimes(config, info.ModTime(), info.ModTime()))
	}
	replace(bytes.Repeat([]byte("["), len(content)))
	defer replace(content)

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	defer func() { _ = listener.Close() }()
	host, port, err := net.SplitHostPort(listener.Addr().String())
	check(err)
	cmd := exec.Command(s.program, "credential-process", "--profile", "p0")
	cmd.Env = append(
		s.env, "DBUS_SESSION_BUS_ADDRESS=tcp:host="+host+",port="+port, "HTTPS_PROXY=http://"+listener.Addr().String(),
		"PATH=", "O365AWS_BROWSER_PATH=/no/browser",
	)
	out, err := cmd.Output()
	if err != nil || !processOutput.Match(out) {
		s.t.Errorf("warm call: got %v, %d bytes", err, len(out))
	}
	ours, err := net.Dial("tcp", listener.Addr().String())
	check(err)
	first, err := listener.Accept()
	check(err)
	if first.RemoteAddr().String() != ours.LocalAddr().String() {
		s.t.Error("a call with cached credentials contacted the keychain or the network")
	}
	_, _ = ours.Close(), first.Close()
}
