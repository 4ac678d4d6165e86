package fakecloud

import (
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/fakecloud/graph"
)

// Hosts of the identity provider, by purpose.
var (
	loginHosts = []string{
		"login.microsoftonline.com", "login.microsoft.com", "login.microsoftonline.us",
		"login.partner.microsoftonline.cn", "login.chinacloudapi.cn", "autologon.microsoftazuread-sso.com", ADFSHost,
		"device.login.microsoftonline.com", "certauth.login.microsoftonline.com", certAuthHost, "login.live.com", LookAlikeHost, FrameHost, ExternalMFAHost,
	}
	cdnHosts = []string{"aadcdn.msauth.net", "aadcdn.msftauth.net", "aadcdn.msftauthimages.net", "logincdn.msauth.net"}
)

// certAuthHost requests certificates if the tenant publishes issuer hints.
const certAuthHost = "t" + TenantID + ".certauth.login.microsoftonline.com"

// ADFSHost is the host of the password page of federated users.
const ADFSHost = "fs.contoso.example"

// ExternalMFAHost is the host of an external MFA provider.
const ExternalMFAHost = "api-1a2b3c4d.externalmfa.example"

// Hosts of an attacker.
const (
	LookAlikeHost = "login.microsoftonline.com.evil.example"
	FrameHost     = "portal.evil.example"
)

var (
	// Source: docs.aws.amazon.com/general/latest/gr/sts.html
	stsHost = regexp.MustCompile(
		`^sts(-fips)?(\.([a-z]{2,4}(-[a-z]+)+-\d))?\.(amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|api\.aws|api\.amazonwebservices\.com\.cn)$`,
	)
	// Source: docs.aws.amazon.com/general/latest/gr/signin-service.html
	signinHost = regexp.MustCompile(
		`^(([a-z0-9-]+)\.)?signin(?:-fips)?\.(aws\.amazon\.com|amazonaws-us-gov\.com|amazonaws\.cn|amazonaws-eusc\.eu)(\.mcas\.ms)?$`,
	)
)

// handlerFor returns the handler for a host, or nil if the emulator does not implement
// it.
func (c *Cloud) handlerFor(host string) http.Handler {
	switch {
	case slices.Contains(loginHosts, host):
		return c.entraHandler()
	case slices.Contains(graph.Hosts, host):
		return c.Graph
	case slices.Contains(cdnHosts, host):
		return c.cdnHandler()
	case isLoopback(host):
		return http.HandlerFunc(c.serveLoopback)
	case stsHost.MatchString(host):
		return http.HandlerFunc(c.serveSTS)
	case iamHosts[host] != "":
		return http.HandlerFunc(c.serveIAM)
	case signinHost.MatchString(host):
		return http.HandlerFunc(c.serveSignin)
	}
	return nil
}

// serveLoopback serves AWS at a loopback address (AWS_ENDPOINT_URL). It gets the service
// from the signature of a call.
func (c *Cloud) serveLoopback(w http.ResponseWriter, r *http.Request) {
	if m := authorization.FindStringSubmatch(r.Header.Get("Authorization")); m != nil && m[4] == "iam" {
		c.serveIAM(w, r)
		return
	}
	c.serveSTS(w, r)
}

// hostOnly returns a host name in lower case without its port.
func hostOnly(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

func isLoopback(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// partitionOfHost returns the AWS partition and the region of an STS host. The region is
// "" for a loopback address, which serves any region.
func partitionOfHost(host string) (partition, region string) {
	m := stsHost.FindStringSubmatch(host)
	if m == nil {
		return "", ""
	}
	region = m[3]
	switch {
	case region == "":
		return "aws", "us-east-1"
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn", region
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov", region
	case strings.HasPrefix(region, "eusc-"):
		return "aws-eusc", region
	}
	return "aws", region
}
