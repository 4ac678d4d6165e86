package saml

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

const (
	attrRole     = "https://aws.amazon.com/SAML/Attributes/Role"
	attrSession  = "https://aws.amazon.com/SAML/Attributes/RoleSessionName"
	attrDuration = "https://aws.amazon.com/SAML/Attributes/SessionDuration"
)

// Expect is what a response must agree with.
type Expect struct {
	InResponseTo string        // ID of the request
	TenantID     string        // GUID of the tenant; "" accepts any tenant
	Now          time.Time     //
	Skew         time.Duration // how far clocks may differ
}

// Response is what an assertion says.
type Response struct {
	Raw                 secret.Text // base64, as STS takes it
	Roles               []Role      // without duplicates, in the order of the assertion
	Warnings            []string    // role values left out; safe to print
	TenantID            string
	Subject             string // the NameID
	SessionName         string
	SessionDuration     time.Duration // 0 when the assertion does not say
	Recipient           string
	NotOnOrAfter        time.Time
	SessionNotOnOrAfter time.Time
}

// StatusError is a refusal that came as a SAML response.
type StatusError struct {
	Code    string // the number behind AADSTS, "" when there is none
	Message string // first line, safe to print
}

func (e *StatusError) Error() string { return e.Message }

// issuer matches how Entra names itself, in all its clouds.
var issuer = regexp.MustCompile(`^https://(?:sts\.windows\.net|sts\.chinacloudapi\.cn|login\.microsoftonline\.us)/([0-9a-fA-F-]{36})/$`)

// Parse reads raw, the base64 form value SAMLResponse. On error the Response
// is zero. A refusal in the Status is a fault of kind Auth that wraps a
// *StatusError; everything else is of kind Role.
func Parse(raw secret.Text, want Expect) (Response, error) {
	clean := strings.Join(strings.Fields(raw.Reveal()), "")
	if len(clean) > base64.StdEncoding.EncodedLen(maxDocument) {
		return Response{}, refuse("it is too large")
	}
	data, err := base64.StdEncoding.DecodeString(clean)
	if err != nil {
		return Response{}, refuse("it is not base64")
	}
	root, err := parseDocument(data)
	if err != nil {
		return Response{}, refuse(Printable(err.Error(), 120))
	}
	if !root.is(nsProtocol, "Response") {
		return Response{}, refuse("it is not a SAML 2.0 Response")
	}
	if err := checkStatus(root); err != nil {
		return Response{}, err
	}
	assertion, err := onlyAssertion(root)
	if err != nil {
		return Response{}, err
	}
	r := Response{Raw: secret.New(clean)}
	if err := r.readOrigin(root, assertion, want); err != nil {
		return Response{}, err
	}
	if err := r.readTimes(assertion, want); err != nil {
		return Response{}, err
	}
	r.readAttributes(assertion)
	return r, nil
}

func refuse(why string) *fault.Error {
	return fault.New(fault.Role, "the SAML response cannot be used: "+why, "run the command again; if it stays, show this line to your admin")
}

var aadsts = regexp.MustCompile(`AADSTS(\d{3,9})`)

func checkStatus(root *node) error {
	status := root.first(nsProtocol, "Status")
	code := status.first(nsProtocol, "StatusCode")
	if strings.HasSuffix(code.attr("Value"), ":status:Success") {
		return nil
	}
	message := status.first(nsProtocol, "StatusMessage").value()
	line, _, _ := strings.Cut(message, "\n")
	e := &StatusError{Message: Printable(strings.TrimSpace(line), 300)}
	if m := aadsts.FindStringSubmatch(message); m != nil {
		e.Code = m[1]
	}
	if e.Message == "" {
		e.Message = "no reason given (" + Printable(code.first(nsProtocol, "StatusCode").attr("Value"), 100) + ")"
	}
	return fault.Wrap(fault.Auth, e, "Microsoft refused the sign-in")
}

// onlyAssertion returns the one assertion. A second one anywhere would be the
// sign of a wrapping attack.
func onlyAssertion(root *node) (*node, error) {
	if len(root.all(nsAssertion, "EncryptedAssertion")) > 0 {
		return nil, refuse("its assertion is encrypted, which only AWS's own sign-in page can read")
	}
	if n := countAssertions(root); n != 1 {
		return nil, refuse(fmt.Sprintf("it holds %d assertions", n))
	}
	assertion := root.first(nsAssertion, "Assertion")
	if assertion == nil {
		return nil, refuse("its assertion is not where it belongs")
	}
	return assertion, nil
}

func countAssertions(n *node) int {
	count := 0
	for _, c := range n.children {
		if c.name.Local == "Assertion" {
			count++
		}
		count += countAssertions(c)
	}
	return count
}

// readOrigin checks who answered whom.
func (r *Response) readOrigin(root, assertion *node, want Expect) error {
	m := issuer.FindStringSubmatch(assertion.first(nsAssertion, "Issuer").value())
	if m == nil {
		return refuse("its issuer is not Microsoft Entra")
	}
	r.TenantID = strings.ToLower(m[1])
	if want.TenantID != "" && !strings.EqualFold(want.TenantID, r.TenantID) {
		return refuse("it was issued by tenant " + r.TenantID + ", not by " + Printable(want.TenantID, 64))
	}
	subject := assertion.first(nsAssertion, "Subject")
	r.Subject = subject.first(nsAssertion, "NameID").value()
	data := subject.first(nsAssertion, "SubjectConfirmation").first(nsAssertion, "SubjectConfirmationData")
	r.Recipient = data.attr("Recipient")
	if root.attr("InResponseTo") != want.InResponseTo || data.attr("InResponseTo") != want.InResponseTo {
		return refuse("it does not answer this sign-in")
	}
	return nil
}

func (r *Response) readTimes(assertion *node, want Expect) error {
	conditions := assertion.first(nsAssertion, "Conditions")
	data := assertion.first(nsAssertion, "Subject").first(nsAssertion, "SubjectConfirmation").first(nsAssertion, "SubjectConfirmationData")
	end, err := time.Parse(time.RFC3339, conditions.attr("NotOnOrAfter"))
	if err != nil {
		return refuse("it does not say until when it holds")
	}
	if other, err := time.Parse(time.RFC3339, data.attr("NotOnOrAfter")); err == nil && other.Before(end) {
		end = other
	}
	r.NotOnOrAfter = end
	if !want.Now.Before(end.Add(want.Skew)) {
		return refuse("it ran out at " + end.UTC().Format(time.RFC3339)).Hint("check the clock of this machine")
	}
	start, err := time.Parse(time.RFC3339, conditions.attr("NotBefore"))
	if err == nil && want.Now.Add(want.Skew).Before(start) {
		return refuse("it only holds from " + start.UTC().Format(time.RFC3339)).Hint("check the clock of this machine")
	}
	if t, err := time.Parse(time.RFC3339, assertion.first(nsAssertion, "AuthnStatement").attr("SessionNotOnOrAfter")); err == nil {
		r.SessionNotOnOrAfter = t
	}
	return nil
}

// readAttributes takes roles, session name and duration from AWS's attributes.
func (r *Response) readAttributes(assertion *node) {
	for _, statement := range assertion.all(nsAssertion, "AttributeStatement") {
		for _, attribute := range statement.all(nsAssertion, "Attribute") {
			for _, value := range attribute.all(nsAssertion, "AttributeValue") {
				r.readValue(attribute.attr("Name"), value)
			}
		}
	}
}

func (r *Response) readValue(name string, value *node) {
	switch name {
	case attrRole:
		role, err := ParseRole(value.value())
		switch {
		case value.comment || len(value.children) > 0:
			r.Warnings = append(r.Warnings, "left out a role value with markup inside")
		case err != nil:
			r.Warnings = append(r.Warnings, fmt.Sprintf("left out %q: %s", Printable(value.value(), 200), err))
		case !slices.Contains(r.Roles, role):
			r.Roles = append(r.Roles, role)
		}
	case attrSession:
		r.SessionName = value.value()
	case attrDuration:
		if n, err := strconv.Atoi(value.value()); err == nil && n >= 900 && n <= 43200 {
			r.SessionDuration = time.Duration(n) * time.Second
		}
	}
}
