package saml

import (
	"regexp"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/termtext"
)

// Expect is what a response must agree with.
type Expect struct {
	InResponseTo string        // ID of the request; "" fits only a response that names none
	TenantID     string        // GUID of the tenant; "" accepts any tenant of Entra
	Now          time.Time     // time of the check
	Skew         time.Duration // how far clocks may differ, either way
}

const guid = `[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}`

// issuer matches how Entra names itself, in all its clouds. An application can
// be set up to append its own ID ("append application ID to issuer").
// Sources: learn.microsoft.com/entra/identity-platform/single-sign-on-saml-protocol,
// learn.microsoft.com/entra/identity-platform/saml-claims-customization
var issuer = regexp.MustCompile(`^https://(?:sts\.windows\.net|sts\.chinacloudapi\.cn|login\.microsoftonline\.us)/` +
	`(` + guid + `)/(?:` + guid + `/?)?$`)

// confirmation returns the data of the one SubjectConfirmation.
func confirmation(assertion *node) *node {
	return assertion.only(nsAssertion, "Subject").
		only(nsAssertion, "SubjectConfirmation").
		only(nsAssertion, "SubjectConfirmationData")
}

// readOrigin checks who answered whom.
func (r *Response) readOrigin(root, assertion *node, want Expect) error {
	from := assertion.only(nsAssertion, "Issuer").value()
	m := issuer.FindStringSubmatch(from)
	if m == nil {
		return refuse("its issuer is not Microsoft Entra")
	}
	if outer := root.all(nsAssertion, "Issuer"); len(outer) > 1 || (len(outer) == 1 && outer[0].value() != from) {
		return refuse("it was issued by somebody else than its assertion")
	}
	r.TenantID = strings.ToLower(m[1])
	if want.TenantID != "" && !strings.EqualFold(want.TenantID, r.TenantID) {
		return refuse("it was issued by tenant " + r.TenantID + ", not by " + termtext.Printable(want.TenantID, 64)).
			Hint("check azure_tenant_id")
	}
	data := confirmation(assertion)
	if data == nil || root.attr("InResponseTo") != want.InResponseTo || data.attr("InResponseTo") != want.InResponseTo {
		return refuse("it does not answer this sign-in")
	}
	r.Recipient = data.attr("Recipient")
	r.Subject = assertion.only(nsAssertion, "Subject").only(nsAssertion, "NameID").value()
	return nil
}

// readTimes checks that the assertion holds now. STS is stricter: it takes an
// assertion for some five minutes only.
func (r *Response) readTimes(assertion *node, want Expect) error {
	conditions, data := assertion.only(nsAssertion, "Conditions"), confirmation(assertion)
	end, ok := instant(conditions, "NotOnOrAfter")
	if !ok || end.IsZero() {
		return refuse("it does not say until when it holds")
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
		return refuse("it ran out at " + end.Format(time.RFC3339)).Hint("check the clock of this machine")
	}
	if want.Now.Add(want.Skew).Before(start) {
		return refuse("it only holds from " + start.Format(time.RFC3339)).Hint("check the clock of this machine")
	}
	r.NotOnOrAfter, r.SessionNotOnOrAfter = end, session
	return nil
}

// instant reads an attribute as a time in UTC; zero when it is absent, not ok
// when it is malformed.
func instant(n *node, name string) (t time.Time, ok bool) {
	text := n.attr(name)
	if text == "" {
		return time.Time{}, true
	}
	t, err := time.Parse(time.RFC3339, text)
	return t.UTC(), err == nil
}
