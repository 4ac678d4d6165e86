package subprocess

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	for command, want := range map[string][]string{
		"pass show work/microsoft":               {"pass", "show", "work/microsoft"},
		`op read "op://My Vault/Microsoft/p w"`:  {"op", "read", "op://My Vault/Microsoft/p w"},
		`  a   'b "c"' d"e f"g ''  `:             {"a", `b "c"`, "de fg", ""},
		`C:\Tools\bw.exe get password $HOME ;id`: {`C:\Tools\bw.exe`, "get", "password", "$HOME", ";id"},
		`"open`:                                  nil,
		" ":                                      nil,
	} {
		t.Run(command, func(t *testing.T) {
			if got, err := Split(command); !slices.Equal(got, want) || (err != nil) != (want == nil) {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
		})
	}
}

func TestOutput(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("POSIX shells are not part of Windows")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx           context.Context
		command       string
		want, failure string
	}{
		"line":          {t.Context(), `printf '%s\n' 'pä$$ w"rd '`, `pä$$ w"rd `, ""},
		"no line end":   {t.Context(), `printf secret`, "secret", ""},
		"Windows":       {t.Context(), `printf 'secret\r\n'`, "secret", ""},
		"no shell":      {t.Context(), `echo $HOME;id`, "$HOME;id", ""},
		"environment":   {t.Context(), `sh -c 'echo "$A$O365AWS_PASSWORD"'`, "a", ""},
		"two lines":     {t.Context(), `printf 'secret\nb\n'`, "", "printf printed more than one line"},
		"long":          {t.Context(), `sh -c 'yes secret | head -c 9000 | tr -d "\n"'`, "", "more than one line"},
		"nothing":       {t.Context(), `true`, "", "true printed nothing"},
		"failure":       {t.Context(), `sh -c 'echo secret; echo locked >&2; exit 3'`, "", "sh: exit status 3: locked"},
		"no program":    {t.Context(), `no-such-program-here`, "", "cannot start the command"},
		"ended context": {ended, `sleep 60`, "", "context canceled"},
	} {
		t.Run(name, func(t *testing.T) {
			environ := []string{"PATH=/usr/bin:/bin", "A=a", "O365AWS_PASSWORD=private"}
			got, err := Output(c.ctx, c.command, environ)
			if got.Reveal() != c.want || (err == nil) != (c.failure == "") {
				t.Errorf("got %q, %v, want %q", got.Reveal(), err, c.want)
			}
			if err != nil && (!strings.Contains(err.Error(), c.failure) || strings.Contains(err.Error(), "secret")) {
				t.Errorf("got error %v, want %s", err, c.failure)
			}
		})
	}
}
