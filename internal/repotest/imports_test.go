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

// foundation lists the packages that every package may import.
var foundation = []string{
	"internal/awscreds", "internal/blocking", "internal/coredump", "internal/fault", "internal/secret",
	"internal/securefile", "internal/termtext",
}

// allowedImports maps each package to the packages of this project that it may import in
// addition to the foundation. Packages import only lower layers. "*" means every released
// package.
var allowedImports = map[string]string{
	"cmd/o365aws":                  "internal/cli internal/fastpath/early",
	"cmd/o365aws-acceptance":       "internal/acceptance internal/cli internal/prompt",
	"cmd/o365aws-bench":            "internal/browser internal/brokertest internal/fakecloud internal/keyringtest internal/saml",
	"cmd/o365aws-demo":             "internal/cli internal/fakecloud internal/fakecloud/graph internal/prompt internal/sts",
	"cmd/o365aws-soak":             "internal/awsconfig internal/cli internal/fakecloud",
	"internal/acceptance":          "internal/report",
	"internal/admin/admintest":     "internal/admin/engine internal/admin/metadata internal/admin/spec internal/awsfake",
	"internal/admin/aws":           "internal/admin/engine internal/admin/metadata internal/admin/spec internal/network internal/saml",
	"internal/admin/engine":        "internal/admin/spec internal/progress",
	"internal/admin/entra":         "internal/admin/aws internal/admin/engine internal/admin/metadata internal/admin/spec internal/graph internal/saml",
	"internal/admin/metadata":      "internal/admin/engine internal/admin/spec internal/network",
	"internal/admin/spec":          "internal/graph internal/saml",
	"internal/awsconfig":           "internal/awspaths",
	"internal/awscreds":            "",
	"internal/awsfake":             "internal/testenv",
	"internal/awspaths":            "",
	"internal/blocking":            "",
	"internal/broker":              "",
	"internal/brokertest":          "",
	"internal/browser":             "internal/entra internal/saml internal/subprocess",
	"internal/cache":               "internal/fastpath",
	"internal/cli":                 "*",
	"internal/completion":          "internal/awsconfig internal/saml",
	"internal/configure":           "internal/awsconfig internal/broker internal/entra internal/login internal/network internal/progress internal/saml internal/keychain",
	"internal/console":             "internal/saml",
	"internal/coredump":            "",
	"internal/credserver":          "",
	"internal/doctor":              "internal/awsconfig internal/broker internal/browser internal/entra internal/saml internal/keychain internal/subprocess",
	"internal/entra":               "internal/progress internal/saml",
	"internal/fakecloud":           "internal/fakecloud/graph",
	"internal/fakecloud/graph":     "",
	"internal/fakecloud/graphspec": "internal/fakecloud/graph",
	"internal/fastpath":            "internal/awspaths",
	"internal/fastpath/early":      "internal/fastpath",
	"internal/fault":               "",
	"internal/graph":               "internal/entra internal/network",
	"internal/keychain":            "internal/awsconfig",
	"internal/keyringtest":         "",
	"internal/identity":            "internal/awsconfig internal/cache internal/entra internal/keychain internal/saml internal/subprocess",
	"internal/login": "internal/awsconfig internal/broker internal/browser internal/cache internal/entra " +
		"internal/identity internal/keychain internal/loopback internal/network internal/openurl " +
		"internal/progress internal/report internal/saml internal/sts",
	"internal/loopback":   "internal/openurl internal/saml",
	"internal/network":    "internal/awspaths",
	"internal/openurl":    "",
	"internal/progress":   "",
	"internal/prompt":     "internal/entra internal/progress internal/saml",
	"internal/repotest":   "",
	"internal/report":     "internal/awsconfig internal/doctor internal/entra internal/sts",
	"internal/saml":       "",
	"internal/secret":     "",
	"internal/securefile": "",
	"internal/shell":      "",
	"internal/sts":        "internal/network internal/saml",
	"internal/subprocess": "",
	"internal/termtext":   "",
	"internal/testenv":    "",
}

// libraries maps each third-party library to the packages that may import it. A library
// that is not listed must not be imported.
var libraries = map[string]string{
	"github.com/urfave/cli/v2":                         "internal/cli",
	"github.com/chromedp/":                             "internal/browser",
	"github.com/manifoldco/promptui":                   "internal/prompt",
	"gopkg.in/ini.v1":                                  "internal/awsconfig",
	"go.yaml.in/yaml/v3":                               "internal/admin/spec internal/admin/aws",
	"github.com/aws/aws-sdk-go-v2/service/sts":         "internal/sts internal/admin/aws",
	"github.com/aws/aws-sdk-go-v2/":                    "internal/sts internal/admin/aws internal/admin/admintest cmd/o365aws-demo cmd/o365aws-bench",
	"github.com/aws/smithy-go":                         "internal/sts internal/admin/aws",
	"github.com/Azure/azure-sdk-for-go/sdk/azcore":     "internal/graph",
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity": "internal/graph",
	"github.com/zalando/go-keyring":                    "internal/keychain",
	"github.com/godbus/dbus/v5":                        "internal/broker internal/brokertest internal/keychain",
	"filippo.io/age":                                   "internal/keychain",
	"github.com/beevik/etree":                          "internal/fakecloud",
	"github.com/getkin/kin-openapi":                    "internal/fakecloud/graphspec",
	"github.com/russellhaering/goxmldsig":              "internal/fakecloud",
	"github.com/google/uuid":                           "internal/admin/entra internal/broker internal/fakecloud internal/fakecloud/graph",
	"github.com/rogpeppe/go-internal/diff":             "internal/configure",
	"golang.org/x/term":                                "internal/prompt cmd/o365aws-demo",
	"golang.org/x/sync/errgroup":                       "internal/login internal/cli internal/admin/aws internal/admin/entra",
	"golang.org/x/net/":                                "internal/network internal/entra",
	"github.com/hashicorp/hcl/v2":                      "internal/admin/aws",
	"github.com/zclconf/go-cty":                        "internal/admin/aws",
	"golang.org/x/sync/":                               "internal/admin/aws internal/admin/entra",
	"golang.org/x/sys/":                                "*",
}

// systems lists the released operating systems, which have different source files.
var systems = []string{"linux", "darwin", "windows"}

type pkg struct {
	ImportPath string
	Imports    []string
}

// list runs go list for an operating system.
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

// Every package imports only what the table allows, on every operating system.
func TestImports(t *testing.T) {
	for _, system := range systems {
		for _, p := range list(t, system, "./...") {
			name := strings.TrimPrefix(p.ImportPath, module)
			allowed, known := allowedImports[name]
			if !known {
				t.Errorf("%s has no row in allowedImports", name)
				continue
			}
			for _, path := range p.Imports {
				if ours, found := strings.CutPrefix(path, module); found {
					checkImport(t, name, allowed, ours)
				} else if strings.Contains(strings.SplitN(path, "/", 2)[0], ".") {
					checkLibrary(t, name, path)
				}
			}
		}
	}
}

func checkImport(t *testing.T, name, allowed, path string) {
	t.Helper()
	released := !strings.HasPrefix(path, "internal/fakecloud") && path != "internal/awsfake" &&
		path != "internal/admin/admintest" && !strings.HasPrefix(path, "cmd/")
	if !slices.Contains(foundation, path) && !slices.Contains(strings.Fields(allowed), path) &&
		(allowed != "*" || !released) {
		t.Errorf("%s may not import %s", name, path)
	}
}

// checkLibrary checks an import against the row with the longest matching prefix.
func checkLibrary(t *testing.T, name, path string) {
	t.Helper()
	row := ""
	for prefix := range libraries {
		if strings.HasPrefix(path+"/", strings.TrimSuffix(prefix, "/")+"/") && len(prefix) > len(row) {
			row = prefix
		}
	}
	if row == "" {
		t.Errorf("%s imports %s, which has no row in libraries", name, path)
	} else if libraries[row] != "*" && !slices.Contains(strings.Fields(libraries[row]), name) {
		t.Errorf("%s may not import %s, only these may: %s", name, path, libraries[row])
	}
}

// testOnly lists packages that must not be part of the released program.
var testOnly = []string{
	module + "internal/fakecloud", module + "internal/awsfake", module + "internal/brokertest", "testing",
	"net/http/httptest", "github.com/rogpeppe/go-internal/testscript", "net/http/pprof",
}

// The released program does not depend on the emulator or on test code.
func TestReleaseContainsNoTestCode(t *testing.T) {
	for _, system := range systems {
		reached := 0
		for _, p := range list(t, system, "-deps", "./cmd/o365aws") {
			reached++
			for _, banned := range testOnly {
				if p.ImportPath == banned || strings.HasPrefix(p.ImportPath, banned+"/") {
					t.Errorf("on %s the released program depends on %s", system, p.ImportPath)
				}
			}
		}
		if reached < 100 {
			t.Errorf("on %s: got %d packages from go list, want at least 100", system, reached)
		}
	}
}

// The architecture document names every package.
func TestArchitectureNamesEveryPackage(t *testing.T) {
	text, err := os.ReadFile("../../docs/dev/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range allowedImports {
		if !bytes.Contains(text, []byte("`"+name+"`")) {
			t.Errorf("docs/dev/architecture.md does not describe %s", name)
		}
	}
	for _, name := range foundation {
		if !bytes.Contains(text, []byte("`"+name+"`")) {
			t.Errorf("docs/dev/architecture.md does not describe %s", name)
		}
	}
}
