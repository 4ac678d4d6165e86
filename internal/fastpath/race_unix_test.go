//go:build unix

package fastpath_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/fastpath"
	"github.com/o365aws/o365aws/internal/secret"
)

// victim and attacker are ordinary user IDs, which need no account.
const victim, attacker = 23456, 12345

// rounds is the minimum number of actions of each side of a race.
const rounds = 2000

// Environment variables that make a test process act as one side of the race.
const (
	roleVar   = "O365AWS_TEST_RACE"
	folderVar = "O365AWS_TEST_FOLDER"
	homeVar   = "O365AWS_TEST_HOME"
)

// While another user swaps a link or a folder on the path to O365AWS_HOME, a call never
// returns keys planted by that user.
func TestSwappedFolders(t *testing.T) {
	switch os.Getenv(roleVar) {
	case "victim":
		readInALoop()
	case "link":
		swapInALoop(swapLink)
	case "folder":
		swapInALoop(swapFolder)
	}
	if os.Getuid() != 0 {
		t.Skip("only root can act as two other users")
	}
	for _, c := range []struct{ name, home string }{
		{"link", "sticky/link/o365aws"},
		{"folder", "open/aws/o365aws"},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := battlefield(t)
			reader := start(t, folder, "victim", c.home, victim)
			swapper := start(t, folder, c.name, c.home, attacker)
			reader.await(t)
			swapper.await(t)
			calls, swaps := reader.stop(t), swapper.stop(t)
			t.Logf("%s calls; %s swaps", calls, swaps)
			if !strings.HasSuffix(calls, " 0 foreign") {
				t.Errorf("keys of another user were returned: got %s calls, want 0 foreign", calls)
			}
		})
	}
}

// battlefield creates folders of both users: victim/aws and evil contain an O365AWS_HOME
// with an entry for the same profile; open/aws belongs to the victim in a world-writable
// folder; sticky is like /tmp.
func battlefield(t *testing.T) string {
	t.Helper()
	base, err := os.MkdirTemp("/tmp", "race")
	t.Cleanup(func() { _ = os.RemoveAll(base) }) // ignores errors like t.TempDir
	binary, program := filepath.Join(base, "test"), os.Args[0]
	data, readErr := os.ReadFile(program)
	must(t, err, readErr, os.Chmod(base, 0o755), os.WriteFile(binary, data, 0o755))
	config := filepath.Join(base, "config")
	must(t, os.WriteFile(config, []byte("[profile dev]\n"), 0o644))
	for _, p := range []struct {
		path, key string
		owner     int
	}{{"victim/aws", "ASIAOWN", victim}, {"open/aws", "ASIAOWN", victim}, {"evil", "ASIAFOREIGN", attacker}} {
		home := filepath.Join(base, p.path, "o365aws")
		now := time.Now()
		must(t, os.MkdirAll(home, 0o755), cache.In(home).Put(cache.Entry{
			Profile: "dev", Config: config, Stamp: cache.StampOf(config), RoleARN: "arn:aws:iam::111122223333:role/x",
			Obtained: now,
			Credentials: awscreds.Credentials{
				AccessKeyID: p.key, SecretAccessKey: secret.New("s"), SessionToken: secret.New("t"),
				Expires: now.Add(time.Hour),
			},
		}))
		must(t, filepath.WalkDir(filepath.Join(base, p.path), func(path string, _ os.DirEntry, err error) error {
			return errors.Join(err, os.Chown(path, p.owner, p.owner))
		}))
	}
	must(t, filepath.WalkDir(filepath.Join(base, "evil"), func(path string, d os.DirEntry, err error) error {
		if d.IsDir() {
			return errors.Join(err, os.Chmod(path, 0o755))
		}
		return errors.Join(err, os.Chmod(path, 0o644)) // the victim can read the planted file
	}))
	sticky := filepath.Join(base, "sticky")
	must(t, os.Mkdir(sticky, 0o755), os.Chmod(sticky, 0o777|os.ModeSticky))
	must(t, os.Chmod(filepath.Join(base, "open"), 0o777), os.Chown(filepath.Join(base, "victim"), victim, victim))
	return base
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// side is a process that acts as one of the users.
type side struct {
	cmd   *exec.Cmd
	stdin io.Closer
	out   *bufio.Reader
}

func start(t *testing.T, folder, role, home string, uid uint32) side {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(folder, "test"), "-test.run=^TestSwappedFolders$")
	cmd.Dir = "/"
	cmd.Env = []string{
		roleVar + "=" + role, folderVar + "=" + folder, homeVar + "=" + filepath.Join(folder, home),
		"GORACE=atexit_sleep_ms=0",
	}
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	stdin, err := cmd.StdinPipe()
	stdout, outErr := cmd.StdoutPipe()
	must(t, err, outErr, cmd.Start())
	return side{cmd, stdin, bufio.NewReader(stdout)}
}

// await waits until a side has acted often enough.
func (s side) await(t *testing.T) {
	t.Helper()
	if line, err := s.out.ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("the other process failed: got %q, %v", line, err)
	}
}

// stop ends a side and returns its output.
func (s side) stop(t *testing.T) string {
	t.Helper()
	must(t, s.stdin.Close())
	line, err := s.out.ReadString('\n')
	must(t, err, s.cmd.Wait())
	return strings.TrimSpace(line)
}

// repeat acts until the test closes stdin, and returns the number of rounds.
func repeat(act func(round int)) int {
	end := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends when the test closes it
		close(end)
	}()
	for n := 0; ; n++ {
		act(n)
		if n+1 == rounds {
			fmt.Println("ready")
		}
		select {
		case <-end:
			return n + 1
		default:
		}
	}
}

func readInALoop() {
	foreign := 0
	env := map[string]string{
		"O365AWS_HOME": os.Getenv(homeVar), "AWS_CONFIG_FILE": filepath.Join(os.Getenv(folderVar), "config"),
	}
	calls := repeat(func(int) {
		document, _ := fastpath.Answer(
			[]string{"o365aws", fastpath.Command, "-p", "dev"}, func(name string) string { return env[name] },
			func() (string, error) { return "/", nil }, time.Now(),
		)
		if strings.Contains(string(document), "ASIAFOREIGN") {
			foreign++
		}
	})
	fmt.Printf("%d calls, %d foreign\n", calls, foreign)
	os.Exit(0)
}

func swapInALoop(swap func(base string, round int) error) {
	fmt.Println(repeat(func(round int) {
		if err := swap(os.Getenv(folderVar), round); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}))
	os.Exit(0)
}

// swapLink points a link in a sticky folder to the victim's and the attacker's folder in
// turn.
func swapLink(base string, round int) error {
	target := []string{"victim/aws", "evil"}[round%2]
	link := filepath.Join(base, "sticky", "link")
	return errors.Join(os.Symlink(filepath.Join(base, target), link+".new"), os.Rename(link+".new", link))
}

// swapFolder replaces the victim's folder with the attacker's and restores it.
func swapFolder(base string, round int) error {
	place, away := filepath.Join(base, "open", "aws"), filepath.Join(base, "open", "away")
	if round%2 == 0 {
		return errors.Join(os.Rename(place, away), os.Symlink(filepath.Join(base, "evil"), place))
	}
	return errors.Join(os.Remove(place), os.Rename(away, place))
}
