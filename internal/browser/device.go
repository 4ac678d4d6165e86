package browser

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// DeviceProof describes how a browser can prove to Microsoft that this device is managed.
// On Linux it is zero, because the identity broker authenticates the device.
type DeviceProof struct {
	Managed bool     // joined to Entra (Windows) or configured by an MDM (macOS)
	Path    string   // preferred installed browser that can prove it; "" for none
	Missing []string // settings and programs that are missing for a proof

	chrome, edge bool // allowed by the settings
}

// reader reads a setting: a value of a registry key on Windows, or a managed preference
// as JSON on macOS. Without a name, it reports whether the key has subkeys, or whether
// the file or folder has contents.
type reader func(place, name string) (value string, found bool)

// Locations of the settings.
const (
	joinInfo      = `HKLM\SYSTEM\CurrentControlSet\Control\CloudDomainJoin\JoinInfo`
	chromePolicy  = `SOFTWARE\Policies\Google\Chrome`
	edgePolicy    = `SOFTWARE\Policies\Microsoft\Edge`
	macPolicies   = "/Library/Managed Preferences/"
	ssoExtension  = "com.apple.extensiblesso.plist"
	companyPortal = "/Applications/Company Portal.app"
)

// FindDeviceProof reads the settings of this device.
func FindDeviceProof(getenv func(string) string) DeviceProof {
	proof := assess(runtime.GOOS, settings(getenv))
	proof.Path = lookUp(proof.browsers(), getenv)
	if proof.Managed && proof.Path == "" && len(proof.Missing) == 0 {
		proof.Missing = []string{"neither Chrome nor Edge is installed"}
	}
	return proof
}

// assess returns how Chrome and Edge can prove that the device is managed, according to
// the settings of a system.
func assess(goos string, read reader) DeviceProof {
	switch goos {
	case "windows":
		return onWindows(read)
	case "darwin":
		return onMac(read)
	}
	return DeviceProof{}
}

// browsers returns the browsers that can prove that the device is managed, preferred ones
// first.
func (p DeviceProof) browsers() []string {
	var names []string
	if p.chrome {
		names = append(names, chromes...)
	}
	if p.edge {
		names = append(names, edges...)
	}
	return names
}

// onWindows allows Chrome if a policy lets it get the account of the device from Windows.
// Edge needs no policy, but must be allowed to sign in. A computer policy overrides a
// user policy.
// Source: chromeenterprise.google/policies/#CloudAPAuthEnabled,
// learn.microsoft.com/deployedge/microsoft-edge-browser-policies/browsersignin
func onWindows(read reader) (proof DeviceProof) {
	if _, proof.Managed = read(joinInfo, ""); !proof.Managed {
		return proof
	}
	policy := func(key, name string) string {
		if value, found := read(`HKLM\`+key, name); found {
			return value
		}
		value, _ := read(`HKCU\`+key, name)
		return value
	}
	proof.chrome = policy(chromePolicy, "CloudAPAuthEnabled") == "1"
	proof.edge = policy(edgePolicy, "BrowserSignin") != "0"
	if !proof.chrome {
		proof.Missing = append(proof.Missing, `CloudAPAuthEnabled = 1 for Chrome in HKLM\`+chromePolicy)
	}
	if !proof.edge {
		proof.Missing = append(proof.Missing, `BrowserSignin = 1 for Edge in HKLM\`+edgePolicy)
	}
	return proof
}

// onMac always allows Edge, and allows Chrome unless a policy blocks the single sign-on
// extension of Company Portal.
// Source: chromeenterprise.google/policies/#ExtensibleEnterpriseSSOBlocklist,
// learn.microsoft.com/entra/identity-platform/apple-sso-plugin
func onMac(read reader) (proof DeviceProof) {
	if _, proof.Managed = read(macPolicies, ""); !proof.Managed {
		return proof
	}
	managed := func(file, name string) (value string, found bool) {
		if value, found = read(macPolicies+file, name); !found {
			value, found = read(macPolicies+"${USER}/"+file, name)
		}
		return value, found
	}
	blocked, _ := managed("com.google.Chrome.plist", "ExtensibleEnterpriseSSOBlocklist")
	proof.edge = true
	proof.chrome = !strings.Contains(blocked, `"all"`) && !strings.Contains(blocked, `"microsoft"`)
	if !proof.chrome {
		proof.Missing = append(proof.Missing, "Microsoft is in ExtensibleEnterpriseSSOBlocklist of Chrome")
	}
	if _, found := managed(ssoExtension, ""); !found {
		proof.Missing = append(proof.Missing, "no single sign-on extension is configured (com.apple.extensiblesso)")
	}
	if _, found := read(companyPortal, ""); !found {
		proof.Missing = append(proof.Missing, "Company Portal is not installed")
	}
	return proof
}

// lookUp returns the path of the first program that is installed, or "".
func lookUp(names []string, getenv func(string) string) string {
	for _, name := range names {
		if found, err := exec.LookPath(os.Expand(name, getenv)); err == nil {
			return found
		}
	}
	return ""
}
