//go:build !linux

package keychain

// itemLimit is the size limit of an item: Windows allows 2560 bytes, macOS what
// fits, encoded, into a command of 4096 bytes.
const itemLimit = 2000

func reachable() error { return nil }
