package browser

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// commandOf returns the command line of the browser, as reported by a program that is
// started instead.
func commandOf(t *testing.T, o Options) []string {
	t.Helper()
	said := filepath.Join(t.TempDir(), "said")
	o.Path = filepath.Join(t.TempDir(), "browser")
	script := "#!/bin/sh\nprintf '%s\\n' \"$@\" >'" + said + "'\nexit 1\n"
	if err := os.WriteFile(o.Path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	o.StateDir, o.Environ = t.TempDir(), os.Environ()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if b, err := Launch(t.Context(), o); err == nil {
		t.Fatal("a program that is no browser started", b.Close())
	}
	data, err := os.ReadFile(said)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}

// The sandbox is enabled, no other user can control the browser, and no flag weakens its
// security unless the user sets one.
func TestCommandLineIsSecure(t *testing.T) {
	args := commandOf(t, Options{})
	for _, bad := range []string{"--no-sandbox", "--remote-debugging-port", "--ignore-certificate-errors", "--disable-web-security", "--allow-running-insecure-content", "--remote-allow-origins"} {
		if slices.ContainsFunc(args, func(arg string) bool { return arg == bad || strings.HasPrefix(arg, bad+"=") }) {
			t.Errorf("%s is there without being asked for: %q", bad, args)
		}
	}
	if !slices.Contains(args, "--remote-debugging-pipe") {
		t.Errorf("no pipe: %q", args)
	}
	var log strings.Builder
	args = commandOf(t, Options{Args: []string{"--no-sandbox"}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if !slices.Contains(args, "--no-sandbox") || !strings.Contains(log.String(), "sandbox") {
		t.Errorf("asked for, with a warning %q: %q", log.String(), args)
	}
}

// A running browser does not listen, and only the user can read its profile.
func TestOtherUsersCannotControlTheBrowser(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	b := start(t, nil)
	if info, err := os.Stat(b.profile.dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("profile: %v, %v", info.Mode(), err)
	}
	if _, err := os.Stat(filepath.Join(b.profile.dir, "DevToolsActivePort")); err == nil {
		t.Error("a port for debugging is open")
	}
	listening := listeners(t)
	looked := 0
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, stat := range stats {
		data, err := os.ReadFile(stat)
		if err != nil {
			continue // it has exited
		}
		fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:])) // state, ppid, pgrp
		if len(fields) < 3 || fields[2] != strconv.Itoa(b.PID()) {
			continue
		}
		looked++
		descriptors, _ := filepath.Glob(filepath.Join(filepath.Dir(stat), "fd", "*"))
		for _, fd := range descriptors {
			if to, err := os.Readlink(fd); err == nil && listening[to] {
				t.Errorf("%s is a listening socket", fd)
			}
		}
	}
	if looked == 0 {
		t.Error("no process of the browser found")
	}
}

// listeners returns the listening TCP sockets, as named in /proc/PID/fd.
func listeners(t *testing.T) map[string]bool {
	t.Helper()
	sockets := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		data, err := os.ReadFile(table)
		if err != nil {
			continue // a machine without IPv6
		}
		for line := range strings.Lines(string(data)) {
			// proc_net_tcp: the fourth column is the state, and the tenth is the inode.
			if f := strings.Fields(line); len(f) > 9 && f[3] == "0A" {
				sockets["socket:["+f[9]+"]"] = true
			}
		}
	}
	return sockets
}
