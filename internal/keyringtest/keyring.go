// Package keyringtest runs a real Secret Service (gnome-keyring) on a private
// session bus, for tests. The user's own bus and keyring are not touched.
package keyringtest

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Bus is a running bus with its keyring.
type Bus struct {
	Address string // for DBUS_SESSION_BUS_ADDRESS
	dir     string
	bus     *exec.Cmd
	keyring *exec.Cmd
}

var needed = []string{"dbus-daemon", "gnome-keyring-daemon"}

// Missing names a missing program and how to install it, or returns "".
func Missing() string {
	for _, program := range needed {
		if _, err := exec.LookPath(program); err != nil {
			return program + " is missing: run scripts/ensure-keyring.sh (or make test, which does)"
		}
	}
	return ""
}

// startLimit is the time that the bus and the keyring have to start.
const startLimit = 30 * time.Second

// Start runs a bus and an empty keyring with files in a folder that Stop removes. A
// locked keyring cannot be used without a prompt, which is never answered.
func Start(locked bool) (*Bus, error) {
	b, err := StartBus(nil)
	if err != nil {
		return nil, err
	}
	if err := b.startKeyring(locked); err != nil {
		b.Stop()
		return nil, err
	}
	return b, nil
}

// StartBus runs a bus without a keyring. Its only services are those that prepare,
// if not nil, writes to dbus-1/services in dir.
func StartBus(prepare func(dir, address string) error) (*Bus, error) {
	if missing := Missing(); missing != "" {
		return nil, errors.New(missing)
	}
	dir, err := os.MkdirTemp("", "kr") // short: the path of a socket is at most 108 bytes
	if err != nil {
		return nil, err
	}
	b := &Bus{Address: "unix:path=" + filepath.Join(dir, "bus"), dir: dir}
	if prepare != nil {
		err = prepare(dir, b.Address)
	}
	if err == nil {
		err = b.startBus()
	}
	if err != nil {
		b.Stop()
		return nil, err
	}
	return b, nil
}

// configuration configures a session bus without the services of the machine.
const configuration = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>%s</listen><servicedir>%s</servicedir>
<policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>`

func (b *Bus) startBus() error {
	file := filepath.Join(b.dir, "bus.conf")
	text := fmt.Sprintf(configuration, b.Address, filepath.Join(b.dir, "dbus-1", "services"))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	b.bus = exec.Command(
		"dbus-daemon", "--config-file="+file, "--nofork", "--nosyslog", "--nopidfile", "--print-address=1",
	)
	dieWithParent(b.bus)
	if err := firstLine(b.bus, ""); err != nil {
		return fmt.Errorf("dbus-daemon: %w", err)
	}
	return nil
}

func (b *Bus) startKeyring(locked bool) error {
	args := []string{"--components=secrets", "--foreground", "--control-directory=" + filepath.Join(b.dir, "control")}
	if !locked {
		args = append(args, "--unlock") // with the password on standard input
	}
	b.keyring = exec.Command("gnome-keyring-daemon", args...)
	b.keyring.Env = append(
		os.Environ(), "DBUS_SESSION_BUS_ADDRESS="+b.Address, "HOME="+b.dir, "XDG_DATA_HOME="+b.dir,
		"XDG_RUNTIME_DIR="+b.dir,
	)
	dieWithParent(b.keyring)
	if err := firstLine(b.keyring, "password"); err != nil {
		return fmt.Errorf("gnome-keyring-daemon: %w", err)
	}
	return b.serves()
}

// serves waits until the service owns its name on the bus.
func (b *Bus) serves() error {
	deadline := time.Now().Add(startLimit)
	for {
		cmd := exec.Command(
			"dbus-send", "--bus="+b.Address, "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus",
			"org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets",
		)
		out, err := cmd.Output()
		if err == nil && strings.Contains(string(out), "boolean true") {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("gnome-keyring-daemon did not register on the bus: %s %w", out, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Hang suspends the keyring, which no longer answers.
func (b *Bus) Hang() error { return suspend(b.keyring.Process) }

// Stop ends both and removes their files. It may be called on a nil Bus.
func (b *Bus) Stop() {
	if b == nil {
		return
	}
	for _, cmd := range []*exec.Cmd{b.keyring, b.bus} {
		if cmd != nil && cmd.Process != nil {
			_ = cmd.Process.Kill() // it may have exited
			_ = cmd.Wait()
		}
	}
	_ = os.RemoveAll(b.dir)
}

// firstLine starts a program with input and waits for the first line that it prints.
func firstLine(cmd *exec.Cmd, input string) error {
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	lines := make(chan error, 1)
	go func() {
		_, err := bufio.NewReader(out).ReadString('\n')
		lines <- err
	}()
	select {
	case err := <-lines:
		return err
	case <-time.After(startLimit):
		return errors.New("no output")
	}
}
