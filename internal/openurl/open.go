package openurl

import (
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/coredump"
)

// ErrNoBrowser reports that no browser can be opened here, such as over SSH or in a
// container.
var ErrNoBrowser = errors.New("cannot open a browser here")

// CanOpen reports whether Launch would find an installed command of Openers.
func CanOpen(getenv func(string) string) bool {
	return slices.ContainsFunc(Openers("", getenv), func(command []string) bool {
		_, err := exec.LookPath(command[0])
		return err == nil
	})
}

// Launch starts the first command that is installed, with the given environment, and does
// not wait for it. The channel receives its error if the command fails.
func Launch(commands [][]string, environ []string, log *slog.Logger) (<-chan error, error) {
	var failures []error
	for _, command := range commands {
		path, err := exec.LookPath(command[0])
		if err != nil {
			continue
		}
		cmd := exec.Command(path, command[1:]...) // the user's choice of browser
		cmd.Env = environ
		detach(cmd)
		if err := coredump.Start(cmd); err != nil {
			failures = append(failures, err)
			continue
		}
		failed := make(chan error, 1)
		go func() {
			if err := cmd.Wait(); err != nil {
				log.Debug("the browser command failed", "command", command[0], "error", err)
				failed <- fmt.Errorf("%s: %w", command[0], err)
			}
		}()
		return failed, nil
	}
	return nil, errors.Join(append(failures, ErrNoBrowser)...)
}

// Openers returns the commands to try: those of BROWSER, then those of the operating
// system.
func Openers(address string, getenv func(string) string) [][]string {
	var list [][]string
	for _, entry := range strings.FieldsFunc(getenv("BROWSER"), func(c rune) bool { return c == listSeparator }) {
		words := strings.Fields(entry)
		if len(words) == 0 {
			continue
		}
		placed := false
		for i, word := range words {
			if i > 0 && strings.Contains(word, "%s") {
				words[i], placed = strings.ReplaceAll(word, "%s", address), true
			}
		}
		if !placed {
			words = append(words, address)
		}
		list = append(list, words)
	}
	return append(list, systemOpeners(address, getenv)...)
}
