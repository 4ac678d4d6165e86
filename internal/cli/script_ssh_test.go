package cli_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// startSSHD starts an SSH server for this user on this machine, with the default
// configuration of sshd and the given lines. It writes ssh.conf, in which the host is
// called "box". Sessions reach the emulator with the same settings as the script.
func startSSHD(ts *testscript.TestScript, _ bool, lines []string) {
	s := stateOf(ts)
	folder := filepath.Join(s.work, "sshd")
	ts.Check(os.MkdirAll(folder, 0o700))
	if os.Geteuid() == 0 {
		ts.Check(os.MkdirAll("/run/sshd", 0o755))
	}
	for _, name := range []string{"host", "user"} {
		_ = os.Remove(filepath.Join(folder, name))
		ts.Check(exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(folder, name)).Run())
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	port := listener.Addr().(*net.TCPAddr).Port
	ts.Check(listener.Close())
	set := "SetEnv"
	for _, name := range []string{"PATH", "HTTPS_PROXY", "AWS_CA_BUNDLE", "AWS_EC2_METADATA_DISABLED"} {
		set += fmt.Sprintf(" \"%s=%s\"", name, ts.Getenv(name))
	}
	config := fmt.Sprintf(
		"Port %d\nListenAddress 127.0.0.1\nHostKey %s\nAuthorizedKeysFile %s\nStrictModes no\nPidFile none\nUsePAM no\n%s\n%s\n",
		port, filepath.Join(folder, "host"), filepath.Join(folder, "user.pub"), set, strings.Join(lines, "\n"),
	)
	ts.Check(os.WriteFile(filepath.Join(folder, "sshd_config"), []byte(config), 0o600))
	client := fmt.Sprintf(
		"Host box\nHostName 127.0.0.1\nPort %d\nIdentityFile %s\nUserKnownHostsFile %s\nStrictHostKeyChecking accept-new\nLogLevel ERROR\n",
		port, filepath.Join(folder, "user"), filepath.Join(folder, "known_hosts"),
	)
	_ = os.Remove(filepath.Join(folder, "known_hosts"))
	ts.Check(os.WriteFile(ts.MkAbs("ssh.conf"), []byte(client), 0o600))
	sshd, err := exec.LookPath("sshd")
	if err != nil {
		sshd = "/usr/sbin/sshd"
	}
	cmd := exec.Command(sshd, "-D", "-e", "-f", filepath.Join(folder, "sshd_config"))
	log, err := os.Create(filepath.Join(folder, "log"))
	ts.Check(err)
	cmd.Stderr = log
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = log.Close()
	})
	for deadline := time.Now().Add(longest); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = conn.Close()
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("sshd does not listen: %v", err)
		}
	}
}
