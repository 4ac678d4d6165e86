package fakecloud

import (
	"crypto/x509"
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/o365aws/o365aws/internal/fakecloud/graph"
)

// The initially empty AWS account and its admin.
const (
	AccountID   = "111122223333"
	AdminKeyID  = "AKIAFAKEADMIN0000000"
	AdminSecret = "fake/admin/secret/012345678901234567890"
)

// account is an AWS account in IAM, for Options.Empty. It is as strict as IAM about
// common mistakes of admins: metadata, trust policies, deletion.
type account struct {
	mu        sync.Mutex
	id        string
	partition string
	providers map[string]*samlProvider // by ARN
	roles     map[string]*accountRole  // by name
	users     map[string]*accountUser
	writes    []string // actions
}

type samlProvider struct {
	document string
	tags     map[string]string
	certs    []*x509.Certificate
	entity   string
}

type accountRole struct {
	name, path, trust, description string
	session                        string
	tags                           map[string]string
	attached                       []string
	inline                         map[string]string
}

type accountUser struct {
	tags   map[string]string
	inline map[string]string
	keys   []*accountKey
}

type accountKey struct{ id, secret, status string }

func newAccount(id, partition string) *account {
	return &account{
		id: id, partition: partition, providers: map[string]*samlProvider{},
		roles: map[string]*accountRole{}, users: map[string]*accountUser{},
	}
}

// arn returns the ARN of an IAM resource of the account.
func (a *account) arn(rest string) string {
	return "arn:" + a.partition + ":iam::" + a.id + ":" + rest
}

func (a *account) roleARN(r *accountRole) string { return a.arn("role" + r.path + r.name) }

// AWSWrites returns the IAM actions that changed the account, oldest first.
func (c *Cloud) AWSWrites() []string {
	c.account.mu.Lock()
	defer c.account.mu.Unlock()
	return slices.Clone(c.account.writes)
}

// trustPolicy is the part of a role's trust policy that STS evaluates.
type trustPolicy struct {
	Statement []struct {
		Effect    string
		Principal struct{ Federated any }
		Action    any
		Condition struct {
			StringEquals map[string]any
		}
	}
}

// readTrust parses a trust policy for SAML and returns its providers and audiences.
func readTrust(document string) (providers, audiences []string, err error) {
	var policy trustPolicy
	if err := json.Unmarshal([]byte(document), &policy); err != nil || len(policy.Statement) != 1 {
		return nil, nil, errors.New("one statement is expected")
	}
	s := policy.Statement[0]
	for key, value := range s.Condition.StringEquals {
		if strings.EqualFold(key, "SAML:aud") {
			audiences = textsOf(value)
		}
	}
	providers = textsOf(s.Principal.Federated)
	foreign := slices.ContainsFunc(providers, func(p string) bool { return !strings.Contains(p, ":saml-provider/") })
	if s.Effect != "Allow" || len(providers) == 0 || foreign ||
		!slices.Contains(textsOf(s.Action), "sts:AssumeRoleWithSAML") ||
		len(audiences) == 0 {
		return nil, nil, errors.New("no sign-in by SAML is allowed")
	}
	return providers, audiences, nil
}

// textsOf returns the strings of a JSON value that is a string or a list of strings.
func textsOf(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, x := range v {
			text, _ := x.(string)
			all = append(all, text)
		}
		return all
	}
	return nil
}

// roleOf finds a role for STS.
func (c *Cloud) roleOf(arn string) (iamRole, bool) {
	if !c.opts.Empty {
		role, ok := c.iam[arn]
		return role, ok
	}
	a := c.accountOf(arn)
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.roles {
		if a.roleARN(r) != arn {
			continue
		}
		providers, audiences, err := readTrust(r.trust)
		seconds, convErr := time.ParseDuration(r.session + "s")
		role := iamRole{arn: arn, providers: providers, audiences: audiences, maxSession: seconds}
		return role, err == nil && convErr == nil
	}
	return iamRole{}, false
}

// certificatesOf returns the certificates that a provider trusts, and their issuer.
func (c *Cloud) certificatesOf(provider string) (certs []*x509.Certificate, issuer string) {
	if !c.opts.Empty {
		if c.opts.Scenario == "sts-old-metadata" {
			return []*x509.Certificate{c.idp.old}, c.issuerOf(TenantID)
		}
		return []*x509.Certificate{c.idp.cert}, c.issuerOf(TenantID)
	}
	a := c.accountOf(provider)
	a.mu.Lock()
	defer a.mu.Unlock()
	if p := a.providers[provider]; p != nil {
		return p.certs, p.entity
	}
	return nil, ""
}

// importableRoles returns the roles that the provisioning service can read with an access
// key: all of them, if the user may list roles.
func (c *Cloud) importableRoles(accessKey, secretKey string) ([]graph.ImportedRole, error) {
	a := c.account
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, u := range a.users {
		for _, k := range u.keys {
			if k.id != accessKey || k.secret != secretKey || k.status != "Active" {
				continue
			}
			if !strings.Contains(strings.Join(values(u.inline), " "), "iam:ListRoles") {
				return nil, errors.New("not authorized to perform: iam:ListRoles")
			}
			var found []graph.ImportedRole
			for _, name := range names(a.roles) {
				r := a.roles[name]
				if providers, _, err := readTrust(r.trust); err == nil {
					found = append(found, graph.ImportedRole{ARN: a.roleARN(r), Providers: providers})
				}
			}
			return found, nil
		}
	}
	return nil, errors.New("the security token included in the request is invalid")
}

func values(m map[string]string) []string {
	var all []string
	for _, name := range names(m) {
		all = append(all, m[name])
	}
	return all
}

// element is an element of a response in the Query protocol.
type element struct {
	name, text string
	kids       []element
}

func el(name string, kids ...element) element { return element{name: name, kids: kids} }
func tx(name, text string) element            { return element{name: name, text: text} }

// MarshalXML implements xml.Marshaler.
func (e element) MarshalXML(encoder *xml.Encoder, _ xml.StartElement) error {
	start := xml.StartElement{Name: xml.Name{Local: e.name}}
	if err := encoder.EncodeToken(start); err != nil {
		return err
	}
	if e.text != "" {
		if err := encoder.EncodeToken(xml.CharData(e.text)); err != nil {
			return err
		}
	}
	for _, kid := range e.kids {
		if err := encoder.Encode(kid); err != nil {
			return err
		}
	}
	return encoder.EncodeToken(start.End())
}

// serveAccount handles an IAM call of the account's admin.
func (c *Cloud) serveAccount(w http.ResponseWriter, r *http.Request, body []byte) {
	form, _ := url.ParseQuery(string(body))
	id, err := c.iamCaller(r, body)
	if err == nil && (id != AccountID || !c.reachesAccount(hostOnly(r.Host))) {
		err = iamRefuse(http.StatusForbidden, "AccessDenied", "not authorized")
	}
	action := form.Get("Action")
	var result []element
	if err == nil {
		handler := iamActions[action]
		if handler == nil {
			err = iamRefuse(http.StatusBadRequest, "InvalidAction", "the emulator does not play %s", action)
		} else {
			result, err = c.inAccount(action, form, handler)
		}
	}
	var refused *stsError
	if errors.As(err, &refused) {
		writeXML(
			w, refused.status,
			errorResponse{Error: errorDetail{"Sender", refused.code, refused.message}, RequestID: uuid.NewString()},
		)
		return
	}
	if err != nil {
		http.Error(w, "internal failure", http.StatusInternalServerError)
		return
	}
	writeXML(
		w, http.StatusOK,
		el(action+"Response", el(action+"Result", result...), el("ResponseMetadata", tx("RequestId", uuid.NewString()))),
	)
}

// reachesAccount reports whether an IAM host is in the account's partition.
func (c *Cloud) reachesAccount(host string) bool {
	region, ok := iamHosts[host]
	return !ok ||
		strings.HasPrefix(region, "cn-") == (c.account.partition == "aws-cn") &&
			strings.HasPrefix(region, "us-gov-") == (c.account.partition == "aws-us-gov")
}

var iamRefuse = stsRefuse

// inAccount runs a handler and records writes.
func (c *Cloud) inAccount(action string, form url.Values, handler iamHandler) ([]element, error) {
	a := c.account
	a.mu.Lock()
	defer a.mu.Unlock()
	result, err := handler(a, form)
	if err == nil && !strings.HasPrefix(action, "Get") && !strings.HasPrefix(action, "List") {
		a.writes = append(a.writes, action)
		if tell := c.opts.OnIAM; tell != nil {
			tell(action)
		}
	}
	return result, err
}

// ProviderCertificates returns the thumbprints of the certificates that the
// account's provider trusts.
func (c *Cloud) ProviderCertificates() []string { return c.Trusted(c.account.id) }

// ImportKeys returns the number of access keys of the account's users.
func (c *Cloud) ImportKeys() int {
	c.account.mu.Lock()
	defer c.account.mu.Unlock()
	n := 0
	for _, u := range c.account.users {
		n += len(u.keys)
	}
	return n
}
