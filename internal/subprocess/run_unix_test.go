//go:build unix

package subprocess

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// TestMain lets this test binary act as another program, selected by TEST_CHILD: "run"
// runs its arguments as a command, "become" is replaced by it, and "count" prints the
// interrupts that it receives until it is terminated.
func TestMain(m *testing.M) {
	c := Command{Args: os.Args[1:], Env: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	var err error
	switch os.Getenv("TEST_CHILD") {
	case "run":
		err = Run(c)
	case "become":
		err = Become(c)
	case "count":
		countInterrupts()
		return
	default:
		os.Exit(m.Run())
	}
	var status Status
	if !errors.As(err, &status) {
		_, _ = os.Stderr.WriteString(err.Error())
		os.Exit(99)
	}
	os.Exit(int(status))
}

func countInterrupts() {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGUSR1, syscall.SIGTERM)
	fmt.Println("ready")
	for n := 0; ; {
		switch <-signals {
		case syscall.SIGINT:
			n++
			fmt.Println("int")
		case syscall.SIGUSR1:
			fmt.Println("usr")
		default:
			fmt.Printf("ints=%d\n", n)
			return
		}
	}
}

var ways = []string{"run", "become"}

// parent returns a process that runs script with sh.
func parent(t *testing.T, way, script string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "sh", "-c", script)
	cmd.Env = append(os.Environ(), "TEST_CHILD="+way)
	return cmd
}

func TestStatusAndStreams(t *testing.T) {
	for _, way := range ways {
		for script, want := range map[string]int{"exit 0": 0, "exit 7": 7, "exit 255": 255} {
			if err := parent(t, way, script).Run(); exitCode(err) != want {
				t.Errorf("%s %q: got %v, want status %d", way, script, err, want)
			}
		}
		cmd := parent(t, way, "cat; echo err >&2")
		var out, errs bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader("in"), &out, &errs
		if err := cmd.Run(); err != nil || out.String() != "in" || errs.String() != "err\n" {
			t.Errorf("%s: %q %q %v", way, out.String(), errs.String(), err)
		}
	}
	if err := parent(t, "run", "kill -KILL $$").Run(); exitCode(err) != signaled+int(syscall.SIGKILL) {
		t.Errorf("killed child: got %v", err)
	}
}

func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return 0
}

// TestSignalsArrive sends signals only to the parent.
func TestSignalsArrive(t *testing.T) {
	for _, way := range ways {
		for name, s := range map[string]syscall.Signal{
			"TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "INT": syscall.SIGINT, "USR1": syscall.SIGUSR1,
		} {
			t.Run(way+" "+name, func(t *testing.T) {
				signal.Notify(make(chan os.Signal, 1), s) // even if the tests run under nohup
				defer signal.Reset(s)
				cmd := parent(t, way, "trap 'echo got; exit 42' "+name+"; echo ready; while :; do sleep 0.05; done")
				cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no terminal, as in CI
				out, err := cmd.StdoutPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				lines := bufio.NewScanner(out)
				if !lines.Scan() || lines.Text() != "ready" {
					t.Fatalf("%q", lines.Text())
				}
				if err := cmd.Process.Signal(s); err != nil {
					t.Fatal(err)
				}
				rest, _ := io.ReadAll(out)
				if err := cmd.Wait(); exitCode(err) != 42 {
					t.Errorf("%v, output %q %q", err, lines.Text(), rest)
				}
			})
		}
	}
}

// TestNoHup sends a hang-up to a parent that ignores it.
func TestNoHup(t *testing.T) {
	for _, way := range ways {
		t.Run(way, func(t *testing.T) {
			signal.Ignore(syscall.SIGHUP)
			defer signal.Reset(syscall.SIGHUP)
			cmd := parent(t, way, "kill -HUP $PPID; kill -HUP $$; exit 42")
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
			if err := cmd.Run(); exitCode(err) != 42 {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestCtrlCArrivesOnce presses Ctrl-C on a terminal shared by both processes: on a second
// interrupt Terraform exits without unlocking its state.
func TestCtrlCArrivesOnce(t *testing.T) {
	for _, way := range ways {
		t.Run(way, func(t *testing.T) {
			cmd := parent(t, way, `TEST_CHILD=count exec "$0"`)
			cmd.Args = append(cmd.Args, cmd.Path) // $0
			tty, err := pty.Start(cmd)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tty.Close() }()
			lines := bufio.NewScanner(tty)
			until := func(end string) {
				t.Helper()
				for lines.Scan() {
					if strings.HasSuffix(lines.Text(), end) { // a terminal may show ^C before it
						return
					}
				}
				t.Fatalf("no %s: %v", end, lines.Err())
			}
			until("ready")
			const presses = 8 // two simultaneous interrupts count as one
			for range presses {
				if _, err := tty.WriteString("\x03"); err != nil {
					t.Fatal(err)
				}
				until("int")
				// Signals that the parent forwarded earlier arrive before this one.
				if err := cmd.Process.Signal(syscall.SIGUSR1); err != nil {
					t.Fatal(err)
				}
				until("usr")
			}
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			got := ""
			for lines.Scan() {
				got += lines.Text()
			}
			if err := cmd.Wait(); err != nil || !strings.HasSuffix(got, fmt.Sprintf("ints=%d", presses)) {
				t.Errorf("%v %q", err, got)
			}
		})
	}
}
