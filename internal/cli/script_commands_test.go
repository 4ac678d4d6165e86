package cli_test

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/brokertest"
	"github.com/o365aws/o365aws/internal/fakecloud"
	"github.com/o365aws/o365aws/internal/keyringtest"
	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/sts"
	"github.com/o365aws/o365aws/internal/testenv"
)

// scriptState is the state of a script, apart from its files.
type scriptState struct {
	t                testscript.T
	home, work, temp string
	cloud            *fakecloud.Cloud   // written under mu, because the broker reads it from another goroutine
	clouds           []*fakecloud.Cloud // all that were started
	hosts            []string           // o365aws_login_hosts of the profiles
	watcher          *processWatch
	bus              *keyringtest.Bus // nil if the script has no keyring
	broker           *brokertest.Broker
	aws              *account
	releaseCPU       func() // nil if the script has no CPU slot

	brokerProblems []string // of all stopped brokers

	mu         sync.Mutex
	violations int                // Graph calls that violate Microsoft's specification
	changes    int                // in both clouds, as of the last check
	onWrite    func(write string) // nil if no signal is armed
}

type scriptStateKey struct{}

func stateOf(ts *testscript.TestScript) *scriptState {
	return ts.Value(scriptStateKey{}).(*scriptState)
}

// acquire waits for a CPU slot, unless the script has one.
func (s *scriptState) acquire() {
	if s.releaseCPU == nil {
		s.releaseCPU = acquireCPU()
	}
}

// release releases the CPU slot.
func (s *scriptState) release() {
	if s.releaseCPU != nil {
		s.releaseCPU()
		s.releaseCPU = nil
	}
}

// needs skips the script with -short if it needs programs other than Go.
func (s *scriptState) needs(programs ...string) {
	if testing.Short() {
		s.t.Skip(testenv.Reason(programs...))
	}
}

func releaseSlot(ts *testscript.TestScript, _ bool, _ []string) { stateOf(ts).release() }

func (s *scriptState) close() {
	defer s.release()
	s.stopBroker()
	s.bus.Stop()
	if s.cloud != nil {
		_ = s.cloud.Close()
	}
}

// startFakecloud starts the emulator. The program reaches it only through the settings of
// a company proxy.
func startFakecloud(ts *testscript.TestScript, _ bool, args []string) {
	s := stateOf(ts)
	s.needs("Chromium")
	s.acquire()
	if s.cloud != nil {
		ts.Check(s.cloud.Close())
	}
	reply, err := replyURL()
	ts.Check(err)
	late, err := lateHandlers(ts)
	ts.Check(err)
	cloud, err := fakecloud.New(fakecloud.Options{
		Scenario: strings.Join(args, " "), ReplyURLs: []string{reply}, LateHandlers: late,
	})
	ts.Check(err)
	ts.Check(cloud.Start())
	s.mu.Lock()
	s.cloud, s.clouds = cloud, append(s.clouds, cloud)
	s.mu.Unlock()
	ca := filepath.Join(s.work, "ca.pem")
	ts.Check(cloud.WriteCA(ca))
	for name, value := range map[string]string{
		"HTTPS_PROXY": cloud.ProxyURL(), "AWS_CA_BUNDLE": ca, "PASSWORD": fakecloud.Password,
		"TOTP": cloud.TOTP(), "SMS": fakecloud.SMSCode(), "TENANT": fakecloud.TenantID, "REPLY": reply,
	} {
		ts.Setenv(name, value)
	}
}

// lateHandlers returns the delay before sign-in pages attach their event handlers. The
// variable can be set in a script, or outside for all scripts.
func lateHandlers(ts *testscript.TestScript) (time.Duration, error) {
	return time.ParseDuration(cmp.Or(ts.Getenv("LATE_HANDLERS"), os.Getenv("LATE_HANDLERS"), "0s"))
}

// writeProfile writes the default profile: keys in a fixed order, followed by the
// arguments.
func writeProfile(ts *testscript.TestScript, _ bool, args []string) {
	values := map[string]string{
		"azure_tenant_id": fakecloud.TenantDomain, "azure_default_username": fakecloud.UserName,
		"region": "eu-central-1",
	}
	order := []string{"azure_tenant_id", "azure_default_username", "region"}
	for _, arg := range args {
		key, value, found := strings.Cut(arg, "=")
		if !found {
			ts.Fatalf("profile: %q is not KEY=VALUE", arg)
		}
		if _, known := values[key]; !known {
			order = append(order, key)
		}
		values[key] = value
	}
	s := stateOf(ts)
	s.hosts = append(s.hosts, strings.Fields(values["o365aws_login_hosts"])...)
	text := "[default]\n"
	for _, key := range order {
		if values[key] != "" {
			text += key + " = " + values[key] + "\n"
		}
	}
	ts.Check(os.WriteFile(ts.Getenv("CONFIG"), []byte(text), 0o600))
}

// writeKeystrokes writes a file for ttyin. It replaces ACCESS-PASS with the Temporary
// Access Pass and TOTP-CODE with the current code of the authenticator app. The name must
// end with .txt, because the search for secrets skips such files.
func writeKeystrokes(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 || !strings.HasSuffix(args[0], ".txt") {
		ts.Fatalf("usage: keystrokes FILE.txt LINE...")
	}
	secrets := []string{"ACCESS-PASS", fakecloud.AccessPass}
	if cloud := stateOf(ts).cloud; cloud != nil {
		secrets = append(secrets, "TOTP-CODE", fakecloud.TOTPCode(cloud.TOTP(), time.Now()))
	}
	text := strings.NewReplacer(secrets...).Replace(strings.Join(args[1:], "\n") + "\n")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// checkCallerIdentity reads a profile's credentials with the AWS SDK and calls
// GetCallerIdentity.
func checkCallerIdentity(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: caller-identity PROFILE REGEXP")
	}
	arn, err := stateOf(ts).identity(context.Background(), ts.Getenv("CONFIG"), ts.Getenv("CREDENTIALS"), args[0])
	matched := err == nil && regexp.MustCompile(args[1]).MatchString(arn)
	if matched == neg {
		ts.Fatalf("profile %s: %s %v", args[0], arn, err)
	}
}

func (s *scriptState) identity(ctx context.Context, configFile, credentialsFile, profile string) (string, error) {
	loaded, err := config.LoadDefaultConfig(ctx, config.WithSharedConfigFiles([]string{configFile}),
		config.WithSharedCredentialsFiles([]string{credentialsFile}), config.WithSharedConfigProfile(profile))
	if err != nil {
		return "", err
	}
	found, err := loaded.Credentials.Retrieve(ctx)
	if err != nil {
		return "", err
	}
	if found.CanExpire && time.Until(found.Expires) <= 0 {
		return "", fmt.Errorf("expired at %s", found.Expires)
	}
	client := sts.New(sts.Options{Region: "eu-central-1", HTTP: s.cloud.Client()})
	_, arn, err := client.Identity(ctx, awscreds.Credentials{
		AccessKeyID: found.AccessKeyID, SecretAccessKey: secret.New(found.SecretAccessKey), SessionToken: secret.New(found.SessionToken),
	})
	return arn, err
}

// checkMFAPrompts counts push notifications, text messages and phone calls.
func checkMFAPrompts(ts *testscript.TestScript, _ bool, args []string) {
	if got := fmt.Sprint(stateOf(ts).cloud.PhonePrompts()); got != strings.Join(args, " ") {
		ts.Fatalf("%s MFA prompts, want %s", got, strings.Join(args, " "))
	}
}

// checkRequested counts requests for a host and a path with the given prefix.
func checkRequested(ts *testscript.TestScript, neg bool, args []string) {
	n := stateOf(ts).count(args)
	if (n == 0) != neg || len(args) == 3 && args[2] != strconv.Itoa(n) {
		ts.Fatalf("%d requests for %s", n, strings.Join(args, " "))
	}
}

func (s *scriptState) count(args []string) int {
	n := 0
	for _, r := range s.cloud.Requests() {
		if r.Host == args[0] && r.Method != http.MethodConnect &&
			(len(args) < 2 || strings.HasPrefix(r.Path, args[1])) {
			n++
		}
	}
	return n
}

func checkFileMode(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: file-mode OCTAL FILE")
	}
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%o", info.Mode().Perm()); got != args[0] {
		ts.Fatalf("mode of %s: got %s, want %s", args[1], got, args[0])
	}
}

// checkNoSecrets searches the given streams of the last program, or all by default.
func checkNoSecrets(ts *testscript.TestScript, neg bool, streams []string) {
	if neg {
		ts.Fatalf("usage: no-secrets [STREAM...]")
	}
	if len(streams) == 0 {
		streams = []string{"stdout", "stderr", "ttyout"}
	}
	for _, stream := range streams {
		if name := secretIn(ts.ReadFile(stream)); name != "" {
			ts.Fatalf("%s contains %s", stream, name)
		}
	}
}

// deviceCredential is the prefix of every device credential.
const deviceCredential = "eyJhbGciOiJIUzI1NiIsImN0eCI6"

// secretIn returns the name of a secret contained in text, or "".
func secretIn(text string) string {
	for name, value := range map[string]string{
		"the password": fakecloud.Password, "the quoted password": strings.Trim(fmt.Sprintf("%q", fakecloud.Password), `"`),
		"the password, escaped": url.QueryEscape(fakecloud.Password), "the TOTP secret": fakecloud.TOTPSecret,
		"the other TOTP secret":   fakecloud.RenewedTOTPSecret,
		"a Temporary Access Pass": fakecloud.AccessPass, "a token or cookie of Microsoft": "AQABAA",
		"a credential of the device": deviceCredential,
		"an assertion":               "PHNhbWxwOlJlc3BvbnNl", "an assertion in clear": "<samlp:Response",
	} {
		if strings.Contains(text, value) {
			return name
		}
	}
	return ""
}

// ofBrowser reports whether a file name is that of a temporary file of a browser, or of
// o365aws for a browser.
func ofBrowser(name string) bool {
	return strings.Contains(strings.ToLower(name), "chrom") || strings.HasPrefix(name, "o365aws-")
}

// leftovers lists what a script must not leave behind: secrets in files, browser
// profiles, an assertion at AWS's site, requests to internet hosts, data races.
func (s *scriptState) leftovers() []string {
	problems := s.published()
	_ = filepath.WalkDir(s.work, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !isSecretFile(path) {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		if name := secretIn(string(data)); name != "" {
			problems = append(problems, fmt.Sprintf("%s holds %s", path, name))
		}
		return nil
	})
	browsers, _ := filepath.Glob(filepath.Join(s.home, ".aws", "o365aws", "browser", "*"))
	temporary, _ := filepath.Glob(filepath.Join(s.temp, "*"))
	hidden, _ := filepath.Glob(filepath.Join(s.temp, ".*[Cc]hrom*"))
	for _, left := range slices.Concat(browsers, temporary, hidden) {
		if name := filepath.Base(left); s.temp != filepath.Dir(left) || ofBrowser(name) {
			problems = append(problems, "a browser left "+left)
		}
	}
	for _, process := range processesOf(filepath.Join(s.home, ".aws", "o365aws", "browser")) {
		problems = append(problems, "a browser still runs: "+process)
	}
	for _, cloud := range s.clouds {
		problems = append(problems, s.strayed(cloud)...)
	}
	s.stopBroker()
	problems = append(problems, s.brokerProblems...)
	return append(problems, races(s.work)...)
}
