package saml

import (
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/termtext"
)

// Expect holds the expected values of a response.
type Expect struct {
	InResponseTo string        // ID of the request; "" accepts only an unsolicited response
	TenantID     string        // GUID of the tenant; "" accepts any Entra tenant
	Now          time.Time     // current time
	Skew         time.Duration // tolerated clock difference in either direction
}

// issuers lists the prefixes of the issuers of all Entra clouds.
// Source: learn.microsoft.com/entra/identity-platform/single-sign-on-saml-protocol
var issuers = []string{
	"https://sts.windows.net/", "https://sts.chinacloudapi.cn/", "https://login.microsoftonline.us/",
}

// tenantOf returns the tenant of an issuer of Entra. An application can be
// configured to append its own ID.
// Source: learn.microsoft.com/entra/identity-platform/saml-claims-customization
func tenantOf(issuer string) (tenantID string, ok bool) {
	for _, start := range issuers {
		rest, found := strings.CutPrefix(issuer, start)
		if !found {
			continue
		}
		tenant, app, slash := strings.Cut(rest, "/")
		valid := slash && isGUID(tenant) && (app == "" || isGUID(strings.TrimSuffix(app, "/")))
		return strings.ToLower(tenant), valid
	}
	return "", false
}

func isGUID(text string) bool {
	for i := range len(text) {
		hyphen := i == 8 || i == 13 || i == 18 || i == 23
		if hyphen != (text[i] == '-') || !hyphen && !isHex(text[i]) {
			return false
		}
	}
	return len(text) == 36
}

func isHex(b byte) bool { return isDigit(b) || 'a' <= b && b <= 'f' || 'A' <= b && b <= 'F' }

// confirmation returns the data of the only SubjectConfirmation.
func confirmation(assertion *node) *node {
	return assertion.only(nsAssertion, "Subject").
		only(nsAssertion, "SubjectConfirmation").
		only(nsAssertion, "SubjectConfirmationData")
}

// readOrigin checks the issuer and that the response replies to the request.
func (r *Response) readOrigin(root, assertion *node, want Expect) error {
	from := assertion.only(nsAssertion, "Issuer").value()
	if err := r.readTenant(from, want); err != nil {
		return err
	}
	if outer := root.all(nsAssertion, "Issuer"); len(outer) > 1 || (len(outer) == 1 && outer[0].value() != from) {
		return refuse("its issuer is not the issuer of its assertion")
	}
	data := confirmation(assertion)
	if data == nil || root.attr("InResponseTo") != want.InResponseTo || data.attr("InResponseTo") != want.InResponseTo {
		return refuse("it does not answer this sign-in")
	}
	r.Recipient = data.attr("Recipient")
	r.Subject = assertion.only(nsAssertion, "Subject").only(nsAssertion, "NameID").value()
	return nil
}

// readTenant checks the tenant that issued the response.
func (r *Response) readTenant(issuer string, want Expect) error {
	tenantID, ok := tenantOf(issuer)
	if !ok {
		return refuse("its issuer is not Microsoft Entra")
	}
	r.TenantID = tenantID
	if want.TenantID != "" && !strings.EqualFold(want.TenantID, r.TenantID) {
		return refuse("it was issued by tenant " + r.TenantID + ", not by " + termtext.Printable(want.TenantID, 64)).
			Hint("check azure_tenant_id")
	}
	return nil
}

// readTimes checks that the assertion is currently valid. STS is stricter: it accepts an
// assertion for about five minutes.
func (r *Response) readTimes(assertion *node, want Expect) error {
	conditions, data := assertion.only(nsAssertion, "Conditions"), confirmation(assertion)
	end, ok := instant(conditions, "NotOnOrAfter")
	if !ok || end.IsZero() {
		return refuse("it has no expiration time")
	}
	other, ok1 := instant(data, "NotOnOrAfter")
	start, ok2 := instant(conditions, "NotBefore")
	session, ok3 := instant(assertion.only(nsAssertion, "AuthnStatement"), "SessionNotOnOrAfter")
	if !ok1 || !ok2 || !ok3 {
		return refuse("one of its times is malformed")
	}
	if !other.IsZero() && other.Before(end) {
		end = other
	}
	if !want.Now.Before(end.Add(want.Skew)) {
		return refuse("it expired at " + end.Format(time.RFC3339)).Hint("check the clock of this machine")
	}
	if want.Now.Add(want.Skew).Before(start) {
		return refuse("it is not valid before " + start.Format(time.RFC3339)).Hint("check the clock of this machine")
	}
	r.NotOnOrAfter, r.SessionNotOnOrAfter = end, session
	return nil
}

// instant returns an attribute as a time in UTC: zero if it is absent, and false if it is
// malformed.
func instant(n *node, name string) (t time.Time, ok bool) {
	text := n.attr(name)
	if text == "" {
		return time.Time{}, true
	}
	t, err := time.Parse(time.RFC3339, text)
	return t.UTC(), err == nil
}
