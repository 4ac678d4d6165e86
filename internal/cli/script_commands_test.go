package cli_test

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/fakecloud"
	"github.com/o365aws/o365aws/internal/keyringtest"
	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/sts"
)

// scene is what a script has besides its files.
type scene struct {
	home, work string
	cloud      *fakecloud.Cloud
	clouds     []*fakecloud.Cloud // every one so far
	hosts      []string           // of profiles, that may receive the password
	watcher    *processWatch
	bus        *keyringtest.Bus // nil when the script has no keyring
	aws        *account
	over       func() // ends its turn; nil when it has none

	mu         sync.Mutex
	violations int // calls of Graph that are not as described
	changes    int // in both clouds, at the last look
	trap       func(write string)
}

type sceneKey struct{}

func sceneOf(ts *testscript.TestScript) *scene { return ts.Value(sceneKey{}).(*scene) }

// begin waits for the script's turn, if it has none.
func (s *scene) begin() {
	if s.over == nil {
		s.over = aTurn()
	}
}

// end lets another one begin.
func (s *scene) end() {
	if s.over != nil {
		s.over()
		s.over = nil
	}
}

func (s *scene) close() {
	defer s.end()
	s.bus.Stop()
	if s.cloud != nil {
		_ = s.cloud.Close()
	}
}

// commands are the words of the scripts that testscript does not have.
var commands = map[string]func(*testscript.TestScript, bool, []string){
	"cloud":    startCloud,
	"profile":  writeProfile,
	"types":    writeTyped,
	"identity": checkIdentity,
	"rung":     checkRung,
	"asked":    checkAsked,
	"unasked":  checkUnasked,
	"mode":     checkMode,
	"watch":    watchProcesses,
	"watched":  checkProcesses,
	"secrets":  checkSecrets,
	"aws":      startAWS,
	"writes":   checkWrites,
	"refuse":   refuseCalls,
	"ends":     endsWith,
	"texted":   checkTexted,
	"arrives":  awaitFile,
	"hangs":    hangingProxy,
	"resets":   resettingProxy,
	"taken":    takePort,
	"typed":    checkTyped,
	"stays":    checkStays,
	"waits":    func(ts *testscript.TestScript, _ bool, _ []string) { sceneOf(ts).end() }, // for a long time; others may run

	"tenant":  startTenant,
	"there":   checkThere,
	"changed": checkChanged,
	"trap":    setTrap,
	"resumes": resumeAfterEachWrite,
}

// startCloud starts the double: cloud [SCENARIO]. What a user sets behind a
// company proxy is all that leads to it.
func startCloud(ts *testscript.TestScript, _ bool, args []string) {
	s := sceneOf(ts)
	s.begin()
	if s.cloud != nil {
		ts.Check(s.cloud.Close())
	}
	reply, err := replyURL()
	ts.Check(err)
	cloud, err := fakecloud.New(fakecloud.Options{Scenario: strings.Join(args, " "), ReplyURLs: []string{reply}})
	ts.Check(err)
	ts.Check(cloud.Start())
	s.cloud, s.clouds = cloud, append(s.clouds, cloud)
	ca := filepath.Join(s.work, "ca.pem")
	ts.Check(cloud.WriteCA(ca))
	for name, value := range map[string]string{
		"HTTPS_PROXY": cloud.ProxyURL(), "AWS_CA_BUNDLE": ca, "PASSWORD": fakecloud.Password,
		"TOTP": cloud.TOTP(), "SMS": fakecloud.SMSCode(), "TENANT": fakecloud.TenantID, "REPLY": reply,
	} {
		ts.Setenv(name, value)
	}
}

// writeProfile writes the default profile: profile [KEY=VALUE...]. The user is
// ada unless azure_default_username says otherwise; KEY= leaves a key out.
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
	s := sceneOf(ts)
	s.hosts = append(s.hosts, strings.Fields(values["o365aws_login_hosts"])...)
	text := "[default]\n"
	for _, key := range order {
		if values[key] != "" {
			text += key + " = " + values[key] + "\n"
		}
	}
	ts.Check(os.WriteFile(ts.Getenv("CONFIG"), []byte(text), 0o600))
}

// writeTyped writes what a person types: types FILE TEXT... Each TEXT becomes
// a line; ACCESS-PASS is the Temporary Access Pass, TOTP-CODE what an
// authenticator app shows now. The file is named .txt, where secrets may stand.
func writeTyped(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 || !strings.HasSuffix(args[0], ".txt") {
		ts.Fatalf("usage: types FILE.txt TEXT...")
	}
	secrets := []string{"ACCESS-PASS", fakecloud.AccessPass}
	if cloud := sceneOf(ts).cloud; cloud != nil {
		secrets = append(secrets, "TOTP-CODE", fakecloud.TOTPCode(cloud.TOTP(), time.Now()))
	}
	text := strings.NewReplacer(secrets...).Replace(strings.Join(args[1:], "\n") + "\n")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// checkIdentity reads a profile's credentials as every AWS SDK does, and asks
// STS whose they are: identity PROFILE REGEXP.
func checkIdentity(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: identity PROFILE REGEXP")
	}
	arn, err := sceneOf(ts).identity(context.Background(), ts.Getenv("CONFIG"), ts.Getenv("CREDENTIALS"), args[0])
	matched := err == nil && regexp.MustCompile(args[1]).MatchString(arn)
	if matched == neg {
		ts.Fatalf("profile %s: %s %v", args[0], arn, err)
	}
}

func (s *scene) identity(ctx context.Context, configFile, credentialsFile, profile string) (string, error) {
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

// checkRung counts pushes, texts and calls: rung N.
func checkRung(ts *testscript.TestScript, _ bool, args []string) {
	if got := fmt.Sprint(sceneOf(ts).cloud.Rung()); got != strings.Join(args, " ") {
		ts.Fatalf("the phone rang %s times", got)
	}
}

// checkAsked requires that a host (and path) was asked: asked HOST [PATH].
func checkAsked(ts *testscript.TestScript, _ bool, args []string) {
	if sceneOf(ts).count(args) == 0 {
		ts.Fatalf("%s was never asked", strings.Join(args, ""))
	}
}

// checkUnasked requires the contrary: unasked HOST [PATH].
func checkUnasked(ts *testscript.TestScript, _ bool, args []string) {
	if n := sceneOf(ts).count(args); n > 0 {
		ts.Fatalf("%s was asked %d times", strings.Join(args, ""), n)
	}
}

func (s *scene) count(args []string) int {
	n := 0
	for _, r := range s.cloud.Requests() {
		if r.Host == args[0] && r.Method != http.MethodConnect &&
			(len(args) < 2 || strings.HasPrefix(r.Path, args[1])) {
			n++
		}
	}
	return n
}

// checkMode compares permissions: mode 600 FILE.
func checkMode(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: mode OCTAL FILE")
	}
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%o", info.Mode().Perm()); got != args[0] {
		ts.Fatalf("%s has mode %s", args[1], got)
	}
}

// checkSecrets makes sure that no stream of the last program holds a secret,
// or none of those named: secrets [STREAM...].
func checkSecrets(ts *testscript.TestScript, neg bool, streams []string) {
	if neg {
		ts.Fatalf("usage: secrets [STREAM...]")
	}
	if len(streams) == 0 {
		streams = []string{"stdout", "stderr", "ttyout"}
	}
	for _, stream := range streams {
		if name := secretIn(ts.ReadFile(stream)); name != "" {
			ts.Fatalf("%s holds %s", stream, name)
		}
	}
}

// secretIn names the secret that a text holds.
func secretIn(text string) string {
	for name, value := range map[string]string{
		"the password": fakecloud.Password, "the password, quoted": strings.Trim(fmt.Sprintf("%q", fakecloud.Password), `"`),
		"the password, escaped": url.QueryEscape(fakecloud.Password), "the TOTP seed": fakecloud.TOTPSecret,
		"the other TOTP seed":     fakecloud.RenewedTOTPSecret,
		"a Temporary Access Pass": fakecloud.AccessPass, "a token or cookie of Microsoft": "AQABAA",
		"an assertion": "PHNhbWxwOlJlc3BvbnNl", "an assertion in clear": "<samlp:Response",
	} {
		if strings.Contains(text, value) {
			return name
		}
	}
	return ""
}

// leftovers lists what no script may leave behind: secrets in files, browser
// profiles, an assertion at AWS's site, hosts of the internet, data races.
func (s *scene) leftovers() []string {
	var problems []string
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
	for _, left := range browsers {
		problems = append(problems, "a browser left "+left)
	}
	for _, process := range processesOf(filepath.Join(s.home, ".aws", "o365aws", "browser")) {
		problems = append(problems, "a browser still runs: "+process)
	}
	for _, cloud := range s.clouds {
		problems = append(problems, s.strayed(cloud)...)
	}
	return append(problems, races(s.work)...)
}
