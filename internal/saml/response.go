package saml

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// Response is the content of an assertion. Only Roles and Warnings are safe to print
// unmodified.
type Response struct {
	Raw                 secret.Text // base64 without white space, as accepted by STS
	Roles               []Role      // in the order of the assertion, without duplicates
	Warnings            []string    // about skipped role values; safe to print
	TenantID            string      // lower-case GUID from the Issuer
	Subject             string      // the NameID
	SessionName         string
	SessionDuration     time.Duration // 0 if the assertion has none
	Recipient           string        // URL that the assertion is issued for
	NotOnOrAfter        time.Time     // expiration of the assertion itself
	SessionNotOnOrAfter time.Time     // expiration of the session; zero if the assertion has none
	Encrypted           bool          // only AWS can read the assertion; only Raw and TenantID are set
}

// Parse parses raw, the base64 form value SAMLResponse, and checks it against want. For a
// status other than Success, the error is a fault of kind Auth that wraps a *StatusError;
// other faults are of kind Role. Parse does not verify signatures.
func Parse(raw secret.Text, want Expect) (Response, error) {
	root, clean, err := decode(raw)
	if err != nil {
		return Response{}, refuse(err.Error())
	}
	if !root.is(nsProtocol, "Response") {
		return Response{}, refuse("it is not a SAML 2.0 Response")
	}
	if err := checkStatus(root, want); err != nil {
		return Response{}, err
	}
	r := Response{Raw: clean}
	if count(root, "EncryptedAssertion") > 0 {
		if err := r.readEncrypted(root, want); err != nil {
			return Response{}, err
		}
		return r, nil
	}
	assertion, err := onlyAssertion(root)
	if err != nil {
		return Response{}, err
	}
	if err := r.readOrigin(root, assertion, want); err != nil {
		return Response{}, err
	}
	if err := r.readTimes(assertion, want); err != nil {
		return Response{}, err
	}
	r.readAttributes(assertion)
	return r, nil
}

// decode decodes base64, which may be folded, and parses the document.
func decode(raw secret.Text) (*node, secret.Text, error) {
	if raw.Len() > 2*maxDocument {
		return nil, secret.Text{}, fmt.Errorf("it is larger than %d bytes", maxDocument)
	}
	clean := strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "").Replace(raw.Reveal())
	data, err := base64.StdEncoding.DecodeString(clean)
	if err != nil || len(data) == 0 {
		return nil, secret.Text{}, fmt.Errorf("it is not base64")
	}
	root, err := parseDocument(data)
	return root, secret.New(clean), err
}

// refuse returns the fault for an invalid response. why must be safe to print.
func refuse(why string) *fault.Error {
	return fault.New(fault.Role, "the SAML response cannot be used: "+why,
		"run the command again; if the error persists, show this line to your admin")
}

// onlyAssertion returns the only assertion. A second one anywhere, in any namespace,
// would allow a wrapping attack: STS would verify one and this program read the other.
func onlyAssertion(root *node) (*node, error) {
	if n := count(root, "Assertion"); n != 1 {
		return nil, refuse(fmt.Sprintf("it has %d assertions instead of one", n))
	}
	assertion := root.only(nsAssertion, "Assertion")
	if assertion == nil {
		return nil, refuse("its assertion is misplaced or not of SAML 2.0")
	}
	return assertion, nil
}

// readEncrypted checks the parts of a response outside its encrypted assertion.
func (r *Response) readEncrypted(root *node, want Expect) error {
	if root.only(nsAssertion, "EncryptedAssertion") == nil || count(root, "EncryptedAssertion") > 1 || count(root, "Assertion") > 0 {
		return refuse("it has an encrypted assertion and another one")
	}
	if err := r.readTenant(root.only(nsAssertion, "Issuer").value(), want); err != nil {
		return err
	}
	if root.attr("InResponseTo") != want.InResponseTo {
		return refuse("it does not answer this sign-in")
	}
	r.Encrypted = true
	return nil
}

// count returns the number of descendants of n with the given local name.
func count(n *node, local string) int {
	total := 0
	for _, c := range n.children {
		if c.name.Local == local {
			total++
		}
		total += count(c, local)
	}
	return total
}
