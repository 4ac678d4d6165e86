package doctor

import (
	"context"
	"errors"
	"testing"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/broker"
	"github.com/o365aws/o365aws/internal/browser"
)

// setting returns a change of a profile's o365aws_device.
func setting(value, user string) func(*awsconfig.Profile) {
	return func(p *awsconfig.Profile) { p.Device, p.Username = value, user }
}

// A missing broker causes a warning only if a profile requires a sign-in by the device.
func TestDeviceOnLinux(t *testing.T) {
	const ada, tenant = "ada@contoso.example", "3f2b6c1e-8d4a-4e57-9a61-0c5d7e9b1a24"
	signedIn := broker.State{Version: "2.5.2", Accounts: []broker.Account{{Username: ada, TenantID: tenant}}}
	locked, himmelblau := signedIn, signedIn
	locked.KeyringLocked, himmelblau.Version = true, ""
	because := func(reason broker.Reason) error { return &broker.Error{Reason: reason} }
	auto, required := setting("auto", ada), setting("required", ada)
	government := func(p *awsconfig.Profile) { p.Device, p.Cloud = "required", "usgov" }
	for name, c := range map[string]struct {
		profile func(*awsconfig.Profile)
		state   broker.State
		err     error
		want    []string
	}{
		"signed in": {
			auto, signedIn, nil,
			[]string{"ok identity broker 2.5.2 is signed in as " + ada + " (tenant " + tenant + ")"},
		},
		"himmelblau": {required, himmelblau, nil, []string{"ok identity broker is signed in as " + ada}},
		"no account": {auto, broker.State{Version: "2.5.2"}, nil, []string{
			"warning identity broker 2.5.2: installed, but no account is signed in",
		}},
		"locked": {
			auto, locked, nil,
			[]string{"warning " + ada + " (tenant " + tenant + "), but the login keyring is locked"},
		},
		"refuses": {
			auto, broker.State{}, because(broker.KeyringLocked), []string{"warning login keyring is locked"},
		},
		"not installed": {
			auto, broker.State{}, because(broker.NotInstalled), []string{"ok no identity broker is installed"},
		},
		"no bus": {auto, broker.State{}, because(broker.NoBus), []string{"ok there is no session bus"}},
		"foreign": {
			auto, broker.State{}, because(broker.ForeignOwner), []string{"warning another user's program"},
		},
		"hangs":       {auto, broker.State{}, because(broker.Unresponsive), []string{"warning does not respond"}},
		"interrupted": {auto, broker.State{}, context.Canceled, []string{"warning was not checked"}},
		"another user": {
			setting("auto", "grace@x"), signedIn, nil,
			[]string{"ok identity broker", "ok signed in as " + ada + ", not as grace@x"},
		},
		"unknown tenant": {setting("required", ""), signedIn, nil, []string{"ok identity broker"}},
		"required, not installed": {required, broker.State{}, because(broker.NotInstalled), []string{
			"ok no identity broker", "problem work requires a sign-in by the device: no identity broker is installed",
		}},
		"required, another user": {
			setting("required", "grace@x"), signedIn, nil, []string{"ok identity broker", "problem not as grace@x"},
		},
		"required, other cloud": {
			government, signedIn, nil, []string{"ok identity broker", "problem only the global cloud"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := with(answer{}, c.profile)
			w.Broker = func(context.Context) (broker.State, error) { return c.state, c.err }
			expect(t, name, device(t.Context(), w), c.want...)
		})
	}
}

// If all profiles turn it off, the broker is not contacted.
func TestDeviceIsOff(t *testing.T) {
	w := with(answer{}, setting("none", "ada@x"))
	w.Broker = func(context.Context) (broker.State, error) {
		t.Error("the broker was contacted")
		return broker.State{}, errors.New("contacted")
	}
	expect(t, "off", device(t.Context(), w), "skipped o365aws_device = none")
}

// On other systems, a browser proves that the device is managed, and missing settings are
// named.
func TestDeviceOnOtherSystems(t *testing.T) {
	policy := []string{`CloudAPAuthEnabled = 1 for Chrome in HKLM\SOFTWARE\Policies\Google\Chrome`}
	for name, c := range map[string]struct {
		goos  string
		proof browser.DeviceProof
		want  string
	}{
		"not joined":  {"windows", browser.DeviceProof{}, "ok not joined to Entra"},
		"not managed": {"darwin", browser.DeviceProof{}, "ok not managed"},
		"proven":      {"darwin", browser.DeviceProof{Managed: true, Path: "/chrome"}, "ok /chrome can prove"},
		"Edge": {
			"windows",
			browser.DeviceProof{Managed: true, Path: `C:\edge`, Missing: policy},
			"ok Missing: CloudAPAuthEnabled = 1 for Chrome",
		},
		"no browser": {
			"windows",
			browser.DeviceProof{Managed: true, Missing: policy},
			"warning no browser can prove that this computer is managed. Missing: CloudAPAuthEnabled",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := with(answer{}, setting("auto", "ada@x"))
			w.GOOS, w.DeviceProof = c.goos, func() browser.DeviceProof { return c.proof }
			expect(t, name, device(t.Context(), w), c.want)
			w.Profiles[0].Profile.Device = "required"
			expect(t, "required", device(t.Context(), w)[1:], "problem no identity broker is installed")
		})
	}
}
