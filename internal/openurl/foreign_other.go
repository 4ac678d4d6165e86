//go:build !linux

package openurl

import "net"

// foreign returns false: this system does not show the user of a connection.
func foreign(_, _ *net.TCPAddr) bool { return false }
