package repotest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/o365aws/o365aws/"

// foundation is what every package may import.
var foundation = []string{"internal/fault", "internal/pattern", "internal/secret", "internal/sharedfile"}

// rooms says what each package may import of this project, besides the
// foundation. Arrows point down only: what a row names stands below it.
// "*" is any package that can be released.
var rooms = map[string]string{
	"cmd/o365aws":         "internal/cli internal/warm/first",
	"cmd/o365aws-demo":    "internal/cli internal/sts internal/fakecloud internal/prompt",
	"cmd/o365aws-soak":    "internal/awsconfig internal/cli internal/fakecloud",
	"cmd/o365aws-bench":   "internal/browser internal/fakecloud internal/saml",
	"internal/cli":        "*",
	"internal/repotest":   "",
	"internal/admin":      "internal/awsconfig internal/graph internal/https internal/saml internal/sdkhttp",
	"internal/login":      "internal/sts internal/awsconfig internal/browser internal/cache internal/entra internal/home internal/keychain internal/loopback internal/once internal/relay internal/saml",
	"internal/browser":    "internal/entra internal/saml",
	"internal/prompt":     "internal/entra internal/saml",
	"internal/sts":        "internal/saml internal/sdkhttp",
	"internal/cache":      "internal/slot",
	"internal/slot":       "",
	"internal/arn":        "",
	"internal/sections":   "",
	"internal/home":       "",
	"internal/https":      "",
	"internal/sdkhttp":    "",
	"internal/build":      "",
	"internal/warm":       "internal/arn internal/build internal/home internal/slot internal/whose internal/completion",
	"internal/whose":      "",
	"internal/warm/first": "internal/warm",
	"internal/keychain":   "internal/awsconfig",
	"internal/peer":       "internal/whose",
	"internal/loopback":   "internal/once internal/saml",
	"internal/once":       "internal/peer",
	"internal/relay":      "",
	"internal/console":    "internal/sts internal/once internal/saml",
	"internal/configure":  "internal/awsconfig internal/entra internal/https",
	"internal/doctor":     "internal/awsconfig internal/browser internal/entra internal/saml internal/whose",
	"internal/awsconfig":  "internal/home internal/sections internal/whose",
	"internal/entra":      "internal/saml",
	"internal/graph":      "internal/sdkhttp",
	"internal/saml":       "internal/arn",

	"internal/subprocess":  "",
	"internal/credserver":  "internal/sts",
	"internal/keyringtest": "",
	"internal/shell":       "",
	"internal/completion":  "internal/arn internal/sections",
	"internal/fakecloud":   "",

	"internal/fakecloud/graphspec": "internal/fakecloud",

	"internal/awsfake":    "",
	"internal/fault":      "",
	"internal/secret":     "",
	"internal/pattern":    "",
	"internal/sharedfile": "",
}

// libraries names, for each library that shapes code, the rooms that know it.
// A library without a row here is nobody's: give it a room first.
var libraries = map[string]string{
	"github.com/urfave/cli/v2":                         "internal/cli",
	"github.com/chromedp/":                             "internal/browser",
	"github.com/manifoldco/promptui":                   "internal/prompt",
	"gopkg.in/ini.v1":                                  "internal/awsconfig",
	"go.yaml.in/yaml/v3":                               "internal/admin",
	"github.com/aws/aws-sdk-go-v2/service/sts":         "internal/sts internal/admin",
	"github.com/aws/aws-sdk-go-v2/":                    "internal/sts internal/admin cmd/o365aws-demo cmd/o365aws-bench",
	"github.com/aws/smithy-go":                         "internal/sts internal/admin",
	"github.com/Azure/azure-sdk-for-go/sdk/azcore":     "internal/graph",
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity": "internal/graph",
	"github.com/zalando/go-keyring":                    "internal/keychain",
	"filippo.io/age":                                   "internal/keychain",
	"github.com/beevik/etree":                          "internal/fakecloud",
	"github.com/getkin/kin-openapi":                    "internal/fakecloud/graphspec",
	"github.com/russellhaering/goxmldsig":              "internal/fakecloud",
	"golang.org/x/term":                                "internal/prompt cmd/o365aws-demo",
	"golang.org/x/net/":                                "internal/login",
	"golang.org/x/sys/":                                "*",
}

// systems are those that a release is made for; each has files of its own.
var systems = []string{"linux", "darwin", "windows"}

type pkg struct {
	ImportPath string
	Imports    []string
}

// list runs go list for a system.
func list(t *testing.T, system string, args ...string) []pkg {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports"}, args...)...)
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var pkgs []pkg
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}

// Every package imports only what the table allows it, on every system.
func TestImports(t *testing.T) {
	for _, system := range systems {
		for _, p := range list(t, system, "./...") {
			name := strings.TrimPrefix(p.ImportPath, module)
			allowed, known := rooms[name]
			if !known {
				t.Errorf("%s has no row in the table of rooms: say what it may import", name)
				continue
			}
			for _, path := range p.Imports {
				if ours, found := strings.CutPrefix(path, module); found {
					checkRoom(t, name, allowed, ours)
				} else if strings.Contains(strings.SplitN(path, "/", 2)[0], ".") {
					checkLibrary(t, name, path)
				}
			}
		}
	}
}

func checkRoom(t *testing.T, name, allowed, path string) {
	t.Helper()
	released := path != "internal/fakecloud" && path != "internal/awsfake" && !strings.HasPrefix(path, "cmd/")
	if !slices.Contains(foundation, path) && !slices.Contains(strings.Fields(allowed), path) && (allowed != "*" || !released) {
		t.Errorf("%s may not import %s", name, path)
	}
}

// checkLibrary takes the row that says most about a path.
func checkLibrary(t *testing.T, name, path string) {
	t.Helper()
	row := ""
	for prefix := range libraries {
		if strings.HasPrefix(path+"/", strings.TrimSuffix(prefix, "/")+"/") && len(prefix) > len(row) {
			row = prefix
		}
	}
	if row == "" {
		t.Errorf("%s imports %s, which has no room in the table of libraries", name, path)
	} else if libraries[row] != "*" && !slices.Contains(strings.Fields(libraries[row]), name) {
		t.Errorf("%s may not import %s: its room is %s", name, path, libraries[row])
	}
}

// What is released reaches neither the double nor anything made for tests.
func TestReleaseReachesNoTestCode(t *testing.T) {
	for _, system := range systems {
		reached := 0
		for _, p := range list(t, system, "-deps", "./cmd/o365aws") {
			reached++
			for _, banned := range []string{module + "internal/fakecloud", module + "internal/awsfake", "testing", "net/http/httptest", "github.com/rogpeppe/go-internal", "net/http/pprof"} {
				if p.ImportPath == banned || strings.HasPrefix(p.ImportPath, banned+"/") {
					t.Errorf("on %s the release reaches %s", system, p.ImportPath)
				}
			}
		}
		if reached < 100 {
			t.Errorf("on %s go list names %d packages only", system, reached)
		}
	}
}

// The document about the layout names every package.
func TestArchitectureNamesEveryPackage(t *testing.T) {
	text, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range rooms {
		if !bytes.Contains(text, []byte("`"+name+"`")) {
			t.Errorf("docs/architecture.md does not tell what %s holds", name)
		}
	}
	for _, name := range foundation {
		if !bytes.Contains(text, []byte("`"+name+"`")) {
			t.Errorf("docs/architecture.md does not tell what %s holds", name)
		}
	}
}
