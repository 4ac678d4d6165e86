package acceptance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// environ returns the environment of a program: its files are in the folder of the
// kit, and its secrets in an encrypted file there instead of the keychain.
func (k *Kit) environ() []string {
	home, store := "o365aws", "file"
	var more []string
	switch k.check.kind {
	case separate:
		home, store, more = k.check.name, "none", []string{"O365AWS_REMEMBER=none", "O365AWS_DEVICE=none"}
	case admin: // uses the AWS profiles of the tester
		return slices.Concat(k.Environ, k.storage(home, store))
	}
	// Variables of aws-azure-login would override the profiles of the kit.
	inherited := slices.DeleteFunc(slices.Clone(k.Environ), func(v string) bool {
		return strings.HasPrefix(strings.ToUpper(v), "AZURE_")
	})
	return slices.Concat(inherited, k.storage(home, store), more, []string{
		"AWS_CONFIG_FILE=" + filepath.Join(k.Dir, "config"),
		"AWS_SHARED_CREDENTIALS_FILE=" + filepath.Join(k.Dir, "credentials"), "AWS_PROFILE=" + profile,
		"AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY=", "AWS_SESSION_TOKEN=",
	})
}

func (k *Kit) storage(home, store string) []string {
	return []string{
		"O365AWS_HOME=" + filepath.Join(k.Dir, home), "O365AWS_STORE=" + store,
		"O365AWS_STORE_PASSPHRASE=" + k.passphrase,
	}
}

// command prepares o365aws, which prompts on the terminal.
func (k *Kit) command(ctx context.Context, args ...string) *exec.Cmd {
	return k.program(ctx, k.Program, args...)
}

// program prepares a program. Ctrl-C reaches it from the terminal, so it gets time for a
// clean exit.
func (k *Kit) program(ctx context.Context, path string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env, cmd.Stdin, cmd.Stderr = k.environ(), os.Stdin, k.Out
	cmd.Cancel, cmd.WaitDelay = func() error { return nil }, 20*time.Second
	return cmd
}

// output runs a program and returns its output.
func (k *Kit) output(cmd *exec.Cmd) ([]byte, error) {
	var out bytes.Buffer
	cmd.Stdout = &out
	err := ends(cmd, 0)
	return out.Bytes(), err
}

// show runs a program whose output the tester sees.
func (k *Kit) show(cmd *exec.Cmd, codes ...int) error {
	cmd.Stdout = k.Out
	return ends(cmd, codes...)
}

// ends runs a program and checks its exit code.
func ends(cmd *exec.Cmd, codes ...int) error {
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	if got := cmd.ProcessState.ExitCode(); !slices.Contains(codes, got) {
		return finding(fmt.Sprintf("exit code %d, want %d", got, codes[0]))
	}
	return nil
}

// clearCache deletes cached credentials, but not the session.
func (k *Kit) clearCache() error { return os.RemoveAll(filepath.Join(k.Dir, "o365aws", "cache")) }
