package configure

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/brokertest"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/keyringtest"
	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/testenv"
)

// chooser selects the choice that starts with its text, and enters typed@contoso.example.
// An empty chooser has no terminal.
type chooser struct {
	pick    string
	offered []string
}

func (c *chooser) Answer(_ context.Context, _ string, hints ...string) (string, error) {
	if c.pick == "" {
		return "", fault.New(fault.NeedsInput, "an answer is required", hints...)
	}
	return "typed@contoso.example", nil
}

func (*chooser) Confirm(context.Context, string) (bool, error) { return false, nil }

func (c *chooser) Choose(_ context.Context, _ string, choices []entra.Choice) (int, error) {
	if c.pick == "" {
		return 0, fault.New(fault.NeedsInput, "a choice is required")
	}
	for _, choice := range choices {
		c.offered = append(c.offered, choice.Label)
	}
	return slices.IndexFunc(c.offered, func(label string) bool { return strings.HasPrefix(label, c.pick) }), nil
}

// The wizard offers the accounts of the device. Without a terminal, it uses the only one,
// and returns an error if there are several. It does not request credentials.
func TestChooseAccount(t *testing.T) {
	testenv.Needs(t, "dbus-daemon")
	const ada, grace, bob = "ada@contoso.example", "grace@contoso.example", "bob@fabrikam.example"
	const contoso, fabrikam = "3f2b6c1e-8d4a-4e57-9a61-0c5d7e9b1a24", "9b1f0a52-0000-4000-8000-000000000002"
	for name, c := range map[string]struct {
		accounts []string
		mode     brokertest.Mode
		config   string // of the profile
		tenant   string
		pick     string
		want     string // e-mail address, tenant
		fails    string
		offered  int
		notAsked bool // the broker
	}{
		"one": {accounts: []string{ada}, pick: ada, want: ada + " " + contoso, offered: 2},
		"several": {
			accounts: []string{ada, bob}, pick: bob, want: bob + " " + fabrikam, offered: 3,
		},
		"another": {
			accounts: []string{ada}, pick: "another account", want: "typed@contoso.example ", offered: 2,
		},
		"none": {pick: "x", want: "typed@contoso.example "},
		"refuses": {
			accounts: []string{ada}, mode: brokertest.RefusesAll, pick: "x", want: "typed@contoso.example ",
		},
		"odd names are left out": {
			accounts: []string{ada}, mode: brokertest.OddAccount, pick: ada, want: ada + " " + contoso, offered: 2,
		},
		"of the tenant": {
			accounts: []string{ada, bob}, tenant: fabrikam, pick: bob, want: bob + " " + fabrikam, offered: 2,
		},
		"of the tenant's domain": {
			accounts: []string{ada, bob}, tenant: "fabrikam.example", want: bob + " " + fabrikam,
		},
		"no terminal, one": {accounts: []string{ada}, want: ada + " " + contoso},
		"no terminal, several": {
			accounts: []string{ada, grace}, fails: "several accounts: " + ada + ", " + grace,
		},
		"no terminal, none":           {fails: "an answer is required"},
		"no terminal, another tenant": {accounts: []string{ada}, tenant: fabrikam, fails: "an answer is required"},
		"off": {
			accounts: []string{ada}, config: "o365aws_device = none", fails: "an answer is required", notAsked: true,
		},
		"another cloud, set in a file": {
			accounts: []string{ada}, config: "o365aws_cloud = usgov", fails: "an answer is required", notAsked: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			bus, err := keyringtest.StartBus(nil)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(bus.Stop)
			b, err := brokertest.Start(bus.Address, brokertest.Options{Mode: c.mode, Accounts: c.accounts})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(b.Stop)
			dir := t.TempDir()
			paths := awsconfig.Paths{Config: filepath.Join(dir, "config"), Home: dir}
			if err := os.WriteFile(paths.Config, []byte("[profile work]\n"+c.config+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			user := &chooser{pick: c.pick}
			w := &wizard{Request: Request{Profile: "work"}, Env: Env{
				Paths: paths, Prompt: user, Login: login.Env{Log: slog.New(slog.DiscardHandler)},
				Getenv: func(name string) string {
					return map[string]string{"DBUS_SESSION_BUS_ADDRESS": bus.Address}[name]
				},
				Say: func(string, ...any) {},
			}}
			email, tenant, err := w.chooseAccount(t.Context(), c.tenant)
			got := strings.TrimSuffix(fmt.Sprintf("%s %s", email, tenant), " ")
			if got != strings.TrimSuffix(c.want, " ") || (err == nil) != (c.fails == "") ||
				err != nil && (!strings.Contains(err.Error(), c.fails) || fault.KindOf(err) != fault.NeedsInput) {
				t.Errorf("got %q, %v; want %q, %q", got, err, c.want, c.fails)
			}
			if len(user.offered) != c.offered {
				t.Errorf("got the choices %q, want %d", user.offered, c.offered)
			}
			if slices.Contains(b.Calls(), "acquirePrtSsoCookie") || c.notAsked && len(b.Calls()) > 0 {
				t.Errorf("got the calls %q", b.Calls())
			}
			if problems := b.Problems(); len(problems) > 0 {
				t.Errorf("a real broker could refuse: %q", problems)
			}
		})
	}
}
