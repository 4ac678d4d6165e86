package cli_test

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/o365aws/o365aws/internal/cli"
	"github.com/o365aws/o365aws/internal/fastpath"
)

// TestMain lets scripts run this test binary as o365aws.
func TestMain(m *testing.M) {
	// More tests than processors may run at once; see cpu_test.go. The flag -parallel
	// overrides this.
	if err := flag.Set("test.parallel", strconv.Itoa(cap(cpuSlots)+idleTests)); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"o365aws": func() {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
		writePID()
		env := cli.System()
		env.Now = offClock(os.Getenv("CLOCK_OFF"))
		closeLog := logStreams(&env)
		code := 0
		if !answered(env) {
			code = cli.Main(ctx, env, os.Args)
		}
		closeLog()
		stop()
		os.Exit(code)
	}, "user-browser": userBrowser})
}

// answered runs the fast path with the script's clock and reports whether it answered.
func answered(env cli.Env) bool {
	document, ok := fastpath.Answer(os.Args, env.Getenv, env.UserHome, env.Now())
	if ok {
		_, err := env.Stdout.Write(document)
		ok = err == nil
	}
	return ok
}

// offClock returns a clock that is off by a duration; "" means it is correct.
func offClock(by string) func() time.Time {
	off, err := time.ParseDuration(cmp.Or(by, "0"))
	if err != nil {
		panic(err) // the script is invalid
	}
	return func() time.Time { return time.Now().Add(off) }
}

// writePID writes the process ID to the file PIDFILE, for scripts that send signals.
func writePID() {
	if name := os.Getenv("PIDFILE"); name != "" {
		if err := os.WriteFile(name, []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
			panic(err) // the script's folder is writable
		}
	}
}

// logStreams copies the program's output to the file STREAMS, which is searched for
// secrets at the end of the script.
func logStreams(env *cli.Env) (closeLog func()) {
	name := os.Getenv("STREAMS")
	if name == "" {
		return func() {}
	}
	log, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err) // the script's folder is writable
	}
	env.Stderr = io.MultiWriter(env.Stderr, log)
	if len(os.Args) > 1 && os.Args[1] != "exec" { // exec passes its streams to the command
		env.Stdout = io.MultiWriter(env.Stdout, log)
	}
	return func() { _ = log.Close() }
}

// TestScripts runs complete command lines, with a real browser, against the emulator.
// testdata/script/README.md lists the script commands.
func TestScripts(t *testing.T) {
	t.Parallel()
	params := scriptParams()
	params.Dir = filepath.Join("testdata", "script")
	testscript.Run(t, params)
}

func scriptParams() testscript.Params {
	return testscript.Params{
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setUpScript,
		Cmds:                scriptFunctions(),
		Condition:           condition,
	}
}

// condition adds conditions to those of testscript: root; kernel-keyring, if this
// machine permits the kernel keyring; terraform, if it is installed with the AWS provider
// in /opt/tf-plugins, which tests do not download; mounts, if the user may mount a file
// system in a separate namespace.
func condition(word string) (bool, error) {
	if word == "root" {
		return os.Geteuid() == 0, nil
	}
	if word == "kernel-keyring" {
		keys, err := os.ReadFile("/proc/keys") // hidden in containers that block the keyring
		return err == nil && len(keys) > 0, nil
	}
	if word == "terraform" { // with the AWS provider, which is not downloaded for a test
		_, err := exec.LookPath("terraform")
		_, missing := os.Stat("/opt/tf-plugins")
		return err == nil && missing == nil, nil
	}
	if word != "mounts" {
		return false, fmt.Errorf("unknown condition %q", word)
	}
	return runtime.GOOS == "linux" && os.Geteuid() == 0 && exec.Command("unshare", "-m", "true").Run() == nil, nil
}

// examplesFolder returns the absolute path of examples/.
func examplesFolder() string {
	path, err := filepath.Abs("../../examples")
	if err != nil {
		panic(err)
	}
	return path
}

// nodeSDK returns the folder of the AWS SDK for JavaScript, see scripts/ensure-node-sdk.sh.
func nodeSDK() string {
	return filepath.Join(
		cmp.Or(os.Getenv("XDG_CACHE_HOME"), filepath.Join(os.Getenv("HOME"), ".cache")),
		"o365aws-node",
	)
}

// setUpScript gives a script its own home, and no setting of this machine that
// could reach AWS or Microsoft.
func setUpScript(env *testscript.Env) error {
	home := filepath.Join(env.WorkDir, "home")
	if err := os.MkdirAll(filepath.Join(home, ".aws"), 0o700); err != nil {
		return err
	}
	for name, value := range map[string]string{
		"EXAMPLES": examplesFolder(), "NODE_SDK": nodeSDK(), "HOME": home, "TERM": "xterm", "TZ": "UTC",
		"CREDENTIALS": filepath.Join(home, ".aws", "credentials"), "CONFIG": filepath.Join(home, ".aws", "config"),
		"O365AWS_BROWSER_PATH": os.Getenv("O365AWS_BROWSER_PATH"), "O365AWS_BROWSER_ARGS": browserArgs(),
		"XDG_RUNTIME_DIR":           filepath.Join(env.WorkDir, "run"), // not this machine's keychain
		"O365AWS_STORE":             "keychain",                        // not this machine's kernel keyring
		"AWS_EC2_METADATA_DISABLED": "true", "STREAMS": filepath.Join(env.WorkDir, "streams.log"), "GORACE": detector(env.WorkDir),
	} {
		env.Setenv(name, value)
	}
	s := &scriptState{t: env.T(), home: home, work: env.WorkDir, temp: filepath.Join(env.WorkDir, ".tmp")}
	env.Values[scriptStateKey{}] = s
	t, _ := env.T().(interface{ Errorf(string, ...any) })
	env.Defer(func() {
		if t != nil {
			for _, problem := range s.leftovers() {
				t.Errorf("%s", problem)
			}
		}
		s.close()
	})
	return nil
}

// browserArgs returns the browser arguments for this user: Chromium has no sandbox for
// root.
func browserArgs() string {
	if args := os.Getenv("O365AWS_BROWSER_ARGS"); args != "" || os.Geteuid() != 0 {
		return args
	}
	return "--no-sandbox"
}

func isSecretFile(path string) bool {
	return !strings.HasSuffix(path, ".txt") // extension of keystroke files
}
