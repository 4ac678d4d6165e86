// Package awsfake emulates AWS in tests. It runs a moto server behind a gate that
// enforces rules moto does not, records calls, and refuses them on demand.
package awsfake

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/testenv"
)

// Moto is a running moto server.
type Moto struct {
	URL     string
	command *exec.Cmd
	life    io.Closer // the server exits when it is closed
	turn    sync.Mutex
}

// server is started by the first test of a package that needs it.
type server struct {
	once sync.Once
	moto *Moto
	err  error
}

var withPolicies, plain server

// Main runs the tests of a package and then stops its servers. Call it from TestMain.
func Main(m *testing.M) {
	code := m.Run()
	for _, s := range []*server{&withPolicies, &plain} {
		if s.moto != nil {
			s.moto.Stop()
		}
	}
	os.Exit(code)
}

// Shared returns the package's server, which has the AWS managed policies, in the state
// that the previous test left. Tests that use it cannot run in parallel.
func Shared(t testing.TB) *Moto { return withPolicies.get(t, Start) }

// SharedPlain returns another server, without the AWS managed policies, which slow down
// the first call of every account by seconds.
func SharedPlain(t testing.TB) *Moto { return plain.get(t, StartPlain) }

func (s *server) get(t testing.TB, start func() (*Moto, error)) *Moto {
	t.Helper()
	testenv.Needs(t, "moto_server")
	s.once.Do(func() { s.moto, s.err = start() })
	if s.err != nil {
		t.Fatal(s.err)
	}
	return s.moto
}

// Reset clears the server. The next call to IAM waits until the server has loaded all AWS
// managed policies again.
func (m *Moto) Reset(t testing.TB) {
	t.Helper()
	reply, err := http.Post(m.URL+"/moto-api/reset", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := reply.Body.Close(); err != nil || reply.StatusCode != http.StatusOK {
		t.Fatalf("moto does not reset: %s %v", reply.Status, err)
	}
}

// startLimit is generous because a loaded machine imports Python modules slowly.
const startLimit = 90 * time.Second

var running = regexp.MustCompile(`Running on (http://127\.0\.0\.1:\d+)`)

// guarded runs the server until its standard input closes, which also happens when this
// process dies: a test that exceeds its time limit runs no cleanup.
const guarded = `"$0" -H 127.0.0.1 -p 0 & exec 2>/dev/null; read -r _; kill -9 $!; wait`

// Start starts a server on a free port. Stop ends it.
func Start() (*Moto, error) { return start("MOTO_IAM_LOAD_MANAGED_POLICIES=true") }

// StartPlain starts a server without the AWS managed policies.
func StartPlain() (*Moto, error) { return start("MOTO_IAM_LOAD_MANAGED_POLICIES=false") }

func start(environment ...string) (*Moto, error) {
	path, err := Find("moto_server")
	if err != nil {
		return nil, err
	}
	command := exec.Command("sh", "-c", guarded, path)
	command.Env = append(append(os.Environ(), "PYTHONUNBUFFERED=1"), environment...)
	life, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	stderr, err := command.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	m := &Moto{command: command, life: life}
	url := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(stderr)
		for lines.Scan() { // read to the end: a full pipe would block the server
			if found := running.FindStringSubmatch(lines.Text()); found != nil {
				url <- found[1]
			}
		}
		close(url)
	}()
	limit, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	select {
	case u, ok := <-url:
		if !ok {
			m.Stop()
			return nil, errors.New("moto_server ended before it listened")
		}
		m.URL = u
		return m, nil
	case <-limit.Done():
		m.Stop()
		return nil, fmt.Errorf("moto_server does not listen after %s", startLimit)
	}
}

// Stop ends the server.
func (m *Moto) Stop() {
	_ = m.life.Close()
	_ = m.command.Wait()
}

// Find looks for a program where scripts/ensure-moto.sh looks: cfn-lint is installed with
// moto.
func Find(program string) (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		cache = filepath.Join(home, ".cache")
	}
	path := filepath.Join(cache, "o365aws-moto", "bin", program)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	return "", errors.New(program + " is not there: run scripts/ensure-moto.sh (make test does)")
}

// Environment returns the environment variables with which an AWS tool or SDK calls url
// as an administrator of the default account.
func Environment(url string) map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "AKIAADMINADMINADMIN0", "AWS_SECRET_ACCESS_KEY": "not-a-secret",
		"AWS_SESSION_TOKEN": "", "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_PAGER": "",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_PROFILE": "", "AWS_CA_BUNDLE": "",
	}
}

// Account is the account that moto assigns to access keys it does not know.
const Account = "123456789012"

// Setenv sets the variables of Environment for the test.
func Setenv(t testing.TB, url string) {
	t.Helper()
	for name, value := range Environment(url) {
		t.Setenv(name, value)
		if value == "" {
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// CLI runs the AWS CLI against url and returns its output.
func CLI(t testing.TB, url string, args ...string) string {
	t.Helper()
	command := exec.Command("aws", args...)
	command.Env = os.Environ()
	for name, value := range Environment(url) {
		if value != "" {
			command.Env = append(command.Env, name+"="+value)
		}
	}
	var stderr strings.Builder
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		t.Fatalf("aws %s: %v: %s", strings.Join(args, " "), err, stderr.String())
	}
	return string(output)
}
