package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/broker"
	"github.com/o365aws/o365aws/internal/browser"
)

const turnOff = "or set o365aws_device = none"

// device reports whether profiles can sign in with the device. Most devices do not support
// that, which is a problem only if a profile requires it.
func device(ctx context.Context, w World) []Finding {
	profiles := slices.DeleteFunc(w.ready(), func(p awsconfig.Profile) bool { return p.Device == "none" })
	if len(profiles) == 0 {
		return []Finding{skip("sign-in by the device is off (o365aws_device = none)")}
	}
	state, err := w.Broker(ctx)
	found := []Finding{deviceState(state, err)}
	if w.GOOS != "linux" {
		found = []Finding{browserProof(w.DeviceProof(), w.GOOS)}
	}
	for _, p := range profiles {
		unusable := err
		if err == nil {
			unusable = usableBy(p, state)
		}
		switch {
		case unusable == nil:
		case p.Device == "required":
			found = append(found, fail("profile "+p.Name+" requires a sign-in by the device: "+unusable.Error(),
				"set o365aws_device = auto to sign in without the device"))
		case len(state.Accounts) > 0:
			found = append(found, ok("profile "+p.Name+" does not use the device: "+unusable.Error()))
		}
	}
	return found
}

// usableBy returns the reason why a profile cannot sign in with the accounts of the
// device, or nil.
func usableBy(p awsconfig.Profile, s broker.State) error {
	switch {
	case p.Cloud != "global":
		return errors.New("identity brokers support only the global cloud")
	case p.Username == "" && p.Tenant == "": // a sign-in looks up the tenant first
		return nil
	}
	_, err := broker.Choose(s.Accounts, p.Username, p.Tenant)
	return err
}

// deviceState describes the identity broker.
func deviceState(s broker.State, err error) Finding {
	name := strings.TrimSpace("identity broker " + s.Version)
	var known *broker.Error
	switch {
	case err == nil && len(s.Accounts) == 0:
		return warn(name+": installed, but no account is signed in to this device",
			"sign in to Company Portal (with Himmelblau, log in to Linux with your work account), "+turnOff)
	case err == nil && s.KeyringLocked:
		return warn(name+" is signed in as "+accounts(s)+", but the login keyring is locked or missing", unlock)
	case err == nil:
		return ok(name + " is signed in as " + accounts(s))
	case !errors.As(err, &known):
		return warn("the device's identity broker was not checked: "+err.Error(), "run this command again")
	}
	switch known.Reason {
	case broker.NoBus, broker.NotInstalled:
		return ok(known.Error())
	case broker.KeyringLocked:
		return warn(known.Error(), unlock)
	case broker.ForeignOwner:
		return warn(known.Error(), "find out who started it, "+turnOff)
	}
	return warn(known.Error(), "restart it (systemctl --user restart microsoft-identity-broker), "+turnOff)
}

const unlock = "unlock the login keyring: sign in at the desktop, because a login over SSH leaves it locked; " + turnOff

func accounts(s broker.State) string {
	names := make([]string, len(s.Accounts))
	for i, a := range s.Accounts {
		names[i] = fmt.Sprintf("%s (tenant %s)", a.Username, a.TenantID)
	}
	return strings.Join(names, ", ")
}

// browserProof describes which browser can prove that the device is managed on Windows
// and macOS.
func browserProof(p browser.DeviceProof, goos string) Finding {
	missing := strings.Join(p.Missing, "; ")
	switch {
	case !p.Managed && goos == "windows":
		return ok("this computer is not joined to Entra, so no browser can prove that it is managed")
	case !p.Managed:
		return ok("this computer is not managed, so sign-in does not use the device")
	case p.Path == "":
		return warn("no browser can prove that this computer is managed. Missing: "+missing,
			"ask the admin of this computer to change that, or use o365aws login --browser system")
	case missing != "":
		return ok(p.Path + " can prove that this computer is managed. Missing: " + missing)
	}
	return ok(p.Path + " can prove that this computer is managed")
}
