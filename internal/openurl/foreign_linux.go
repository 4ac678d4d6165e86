package openurl

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/o365aws/o365aws/internal/securefile"
)

// tables lists the files that contain connections. An IPv6 socket may use IPv4.
var tables = []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"}

// foreign reports whether the other end of a connection belongs to another user or is
// closed. The owner of a reset connection is unknown.
func foreign(near, far *net.TCPAddr) bool {
	if client, ok := find(far, near); ok {
		uid := client.uid
		return client.closed || uid != 0 && uid != os.Geteuid() && !securefile.CalledBy(uid)
	}
	// Under WSL the browser's socket is in Windows, so only this end is listed. It is
	// looked up again, because the client can reset the connection at any time.
	own, ok := find(near, far)
	return ok && !own.open || !ok && readable()
}

// readable reports whether this system exposes its connections.
func readable() bool {
	_, err := os.ReadFile(tables[0])
	return err == nil
}

// socket is an end of a connection.
type socket struct {
	uid    int
	open   bool
	closed bool // closed by its program: the kernel lists root as its user
}

// find returns the socket that is connected from one address to another.
func find(from, to *net.TCPAddr) (socket, bool) {
	for _, name := range tables {
		table, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		if s, ok := inTable(table, from, to); ok {
			return s, true
		}
	}
	return socket{}, false
}

// inTable returns the socket from one table. Source: proc_pid_net(5), /proc/pid/net/tcp
func inTable(table []byte, from, to *net.TCPAddr) (socket, bool) {
	const local, remote, state, user, inode = 1, 2, 3, 7, 9 // fields of a line
	const established = "01"
	wantLocal, wantRemote := written(from), written(to)
	for lines := bufio.NewScanner(bytes.NewReader(table)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) <= inode || !slices.Contains(wantLocal, fields[local]) ||
			!slices.Contains(wantRemote, fields[remote]) {
			continue
		}
		uid, err := strconv.Atoi(fields[user])
		return socket{uid, fields[state] == established, fields[inode] == "0"}, err == nil
	}
	return socket{}, false
}

// written returns the possible spellings of an address in the tables: each four bytes
// form a number in host byte order, which is little-endian on all released platforms.
func written(a *net.TCPAddr) []string {
	forms := [][]byte{a.IP.To16()}
	if short := a.IP.To4(); short != nil {
		forms = append(forms, short)
	}
	var texts []string
	for _, form := range forms {
		turned := slices.Clone(form)
		for i := 0; i+4 <= len(turned); i += 4 {
			slices.Reverse(turned[i : i+4])
		}
		texts = append(texts, fmt.Sprintf("%s:%04X", strings.ToUpper(hex.EncodeToString(turned)), a.Port))
	}
	return texts
}
