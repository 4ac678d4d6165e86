//go:build unix

package termtext

import "testing"

func TestShellWord(t *testing.T) {
	for word, want := range map[string]string{
		"work": "work", "111122223333-azure.admin": "111122223333-azure.admin", "": "''", "my prof": "'my prof'",
		"it's": `'it'\''s'`, "a$b": "'a$b'",
	} {
		t.Run(word, func(t *testing.T) {
			if got := ShellWord(word); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}
