package entra

import (
	"slices"
	"strings"
)

// Cloud is a Microsoft cloud with separate sign-in hosts.
type Cloud struct {
	Name        string
	LoginHost   string   // host where sign-ins start
	SecretHosts []string // Microsoft hosts that may receive a password or a code
	PassHosts   []string // hosts that a sign-in may pass through and that never receive a secret
}

var clouds = []Cloud{
	{
		Name:        "global",
		LoginHost:   "login.microsoftonline.com",
		SecretHosts: []string{"login.microsoftonline.com"},
		PassHosts: []string{
			"login.microsoft.com", "login.windows.net", "device.login.microsoftonline.com",
			"autologon.microsoftazuread-sso.com",
		},
	},
	{
		Name:        "usgov",
		LoginHost:   "login.microsoftonline.us",
		SecretHosts: []string{"login.microsoftonline.us"},
		PassHosts:   []string{"login.microsoft.us", "device.login.microsoftonline.us"},
	},
	{
		// login.chinacloudapi.cn is the old name of the same service: MSAL lists it as an
		// alias, and azcore still uses it. The documentation names only the other one,
		// for sign-in pages and tokens, so sign-ins start there; the alias remains a
		// valid redirect target.
		// Sources: docs.azure.cn/entra/identity-platform/authentication-national-cloud,
		// known_metadata.go of microsoft-authentication-library-for-go
		Name:        "china",
		LoginHost:   "login.partner.microsoftonline.cn",
		SecretHosts: []string{"login.partner.microsoftonline.cn", "login.chinacloudapi.cn"},
		PassHosts:   []string{"device.login.partner.microsoftonline.cn"},
	},
}

// CloudByName returns the cloud with the given name: global, usgov or china. An empty
// name is the global cloud.
// Source: learn.microsoft.com/entra/identity-platform/authentication-national-cloud
func CloudByName(name string) (Cloud, bool) {
	if name == "" {
		name = "global"
	}
	for _, c := range clouds {
		if c.Name == name {
			return c, true
		}
	}
	return Cloud{}, false
}

// passes reports whether a sign-in may pass through a host. Certificate-based
// authentication has a separate host, and one for each tenant that publishes issuer
// hints: tTENANT.certauth.login.microsoftonline.com.
// Source: learn.microsoft.com/entra/identity/authentication/how-to-certificate-based-authentication
func (c Cloud) passes(host string) bool {
	return slices.Contains(c.PassHosts, host) || c.isCertAuth(host)
}

// AsksForCertificate reports whether a host asks browsers for a certificate: of the user,
// or of the device.
func (c Cloud) AsksForCertificate(host string) bool {
	return c.isCertAuth(host) || strings.EqualFold(host, "device."+c.LoginHost)
}

func (c Cloud) isCertAuth(host string) bool {
	host = strings.ToLower(host)
	return host == "certauth."+c.LoginHost || strings.HasSuffix(host, ".certauth."+c.LoginHost)
}

// Clouds returns all clouds, the global one first.
func Clouds() []Cloud { return slices.Clone(clouds) }

// cloudByHost returns the cloud whose sign-in host is host.
func cloudByHost(host string) (Cloud, bool) {
	for _, c := range clouds {
		if strings.EqualFold(c.LoginHost, host) {
			return c, true
		}
	}
	return Cloud{}, false
}
