package openurl

// systemOpeners is the way of macOS. Over SSH the window would open on a
// screen that nobody sees.
func systemOpeners(address string, getenv func(string) string) [][]string {
	if getenv("SSH_CONNECTION") != "" {
		return nil
	}
	return [][]string{{"open", address}}
}
