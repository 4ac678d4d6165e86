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

// warmNeedsNothing checks that a call whose credentials are fresh waits for no
// lock, asks no keychain and no network, and does not read the config file.
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
		s.t.Errorf("%d locks: of the identity and of each role there should be one", len(locks))
	}
	for _, name := range locks {
		unlock, err := securefile.Lock(s.t.Context(), name)
		check(err)
		defer unlock()
	}

	// Of the same size and time, as a look from outside has it.
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

	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	defer func() { _ = nobody.Close() }()
	host, port, err := net.SplitHostPort(nobody.Addr().String())
	check(err)
	cmd := exec.Command(s.program, "credential-process", "--profile", "p0")
	cmd.Env = append(
		s.env, "DBUS_SESSION_BUS_ADDRESS=tcp:host="+host+",port="+port, "HTTPS_PROXY=http://"+nobody.Addr().String(),
		"PATH=", "O365AWS_BROWSER_PATH=/no/browser",
	)
	out, err := cmd.Output()
	if err != nil || !processOutput.Match(out) {
		s.t.Errorf("a warm call: %v, %d bytes", err, len(out))
	}
	ours, err := net.Dial("tcp", nobody.Addr().String())
	check(err)
	first, err := nobody.Accept()
	check(err)
	if first.RemoteAddr().String() != ours.LocalAddr().String() {
		s.t.Error("a warm call asked the keychain or the network")
	}
	_, _ = ours.Close(), first.Close()
}
