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

// foreign looks for the other end's socket in the kernel's tables. A socket of
// IPv6 may speak IPv4.
func foreign(near, far *net.TCPAddr) bool {
	for _, name := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		table, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		if uid, ok := owner(table, far, near); ok {
			return uid == gone || uid != 0 && uid != os.Geteuid() && !securefile.CalledBy(uid)
		}
	}
	return false
}

// gone is the user of a socket that was closed: the kernel calls it root's,
// and nobody gets an answer there any more.
const gone = -1

// owner returns the user of the socket that is connected from one address to
// another. Source: proc_pid_net(5), /proc/pid/net/tcp
func owner(table []byte, from, to *net.TCPAddr) (uid int, ok bool) {
	const local, remote, user, inode = 1, 2, 7, 9 // fields of a line
	wantLocal, wantRemote := written(from), written(to)
	for lines := bufio.NewScanner(bytes.NewReader(table)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) <= inode || !slices.Contains(wantLocal, fields[local]) ||
			!slices.Contains(wantRemote, fields[remote]) {
			continue
		}
		if fields[inode] == "0" {
			return gone, true
		}
		uid, err := strconv.Atoi(fields[user])
		return uid, err == nil
	}
	return 0, false
}

// written is how the tables write an address: each four bytes as a number of
// this machine, which is little-endian wherever this program is released.
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
