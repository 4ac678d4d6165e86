package saml

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

const (
	tenant = "11111111-2222-3333-4444-555555555555"
	admin  = "arn:aws:iam::111122223333:role/azure.admin"
	reader = "arn:aws:iam::111122223333:role/azure.reader"
	idp    = "arn:aws:iam::111122223333:saml-provider/AzureAD"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func expect() Expect {
	return Expect{InResponseTo: "id1", TenantID: tenant, Now: now, Skew: 5 * time.Minute}
}

func assertion(roles ...string) string {
	values := ""
	for _, r := range roles {
		values += "<AttributeValue>" + r + "</AttributeValue>"
	}
	return `<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a"><Issuer>https://sts.windows.net/` + tenant + `/</Issuer>
<Subject><NameID>ada@contoso.example</NameID><SubjectConfirmation><SubjectConfirmationData InResponseTo="id1" NotOnOrAfter="2026-01-02T04:04:05Z" Recipient="https://signin.aws.amazon.com/saml"/></SubjectConfirmation></Subject>
<Conditions NotBefore="2026-01-02T02:59:05.000Z" NotOnOrAfter="2026-01-02T04:09:05.000Z"/>
<AttributeStatement><Attribute Name="https://aws.amazon.com/SAML/Attributes/Role">` + values + `</Attribute>
<Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName"><AttributeValue>ada@contoso.example</AttributeValue></Attribute>
<Attribute Name="https://aws.amazon.com/SAML/Attributes/SessionDuration"><AttributeValue>7200</AttributeValue></Attribute></AttributeStatement></Assertion>`
}

func response(inner string) string {
	return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" InResponseTo="id1"><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>` + inner + `</samlp:Response>`
}

func parse(doc string) (Response, error) {
	return Parse(secret.New(base64.StdEncoding.EncodeToString([]byte(doc))), expect())
}

// Roles may be in either order, contain spaces, be repeated, and belong to several
// accounts and partitions.
func TestRoles(t *testing.T) {
	other := "arn:aws-us-gov:iam::444455556666:role/path/x,arn:aws-us-gov:iam::444455556666:saml-provider/P"
	r, err := parse(response(assertion(admin+","+idp, " "+idp+" , "+reader+" ", idp+","+admin, other)))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{admin, reader, "arn:aws-us-gov:iam::444455556666:role/path/x"}
	var got []string
	for _, role := range r.Roles {
		got = append(got, role.ARN)
	}
	if !slices.Equal(got, want) || len(r.Warnings) > 0 {
		t.Errorf("roles %q, warnings %q", got, r.Warnings)
	}
	if r.Roles[2].Name() != "x" || r.Roles[2].Account() != "444455556666" || r.Roles[2].Partition() != "aws-us-gov" {
		t.Errorf("parts of %v", r.Roles[2])
	}
	if r.SessionName != "ada@contoso.example" || r.SessionDuration != 2*time.Hour || r.TenantID != tenant ||
		r.Subject != "ada@contoso.example" {
		t.Errorf("read %+v", r)
	}
}

// Malformed values are skipped with a warning that is safe to print.
func TestMalformedRolesAreShownSafely(t *testing.T) {
	for _, bad := range []string{
		"", "x", admin, admin + "," + admin, "arn:aws:iam::1:role/x," + idp,
		admin + ",arn:aws:iam::999999999999:saml-provider/AzureAD",
		"arn:aws:iam::111122223333:role/a\u009b31m," + idp,
		"arn:aws:iam::111122223333:role/a\u202eb," + idp,
		"arn:aws:iam::111122223333:role/az<!-- -->ure.admin," + idp,
		"arn:aws:iam::111122223333:role/<b>x</b>," + idp,
	} {
		r, err := parse(response(assertion(bad, reader+","+idp)))
		if err != nil || len(r.Roles) != 1 || len(r.Warnings) != 1 {
			t.Errorf("%q: %v %q %v", bad, r.Roles, r.Warnings, err)
			continue
		}
		for _, c := range r.Warnings[0] {
			if !unicode.IsPrint(c) {
				t.Errorf("%q: warning %q holds %U", bad, r.Warnings[0], c)
			}
		}
	}
}

// Any response other than a valid reply to the request is refused.
func TestRefusals(t *testing.T) {
	good := assertion(admin + "," + idp)
	deep := strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100)
	for name, doc := range map[string]string{
		"junk":              strings.Repeat("x", 1<<20),
		"too large":         response(strings.Repeat("<x/>", 1<<19)),
		"many elements":     response(strings.Repeat("<x/>", 1<<17) + good),
		"long":              response("<x>" + strings.Repeat("x", 1<<20) + "</x>" + good),
		"deep":              response(deep + good),
		"two assertions":    response(good + good),
		"wrapped assertion": response(`<Extensions>` + good + `</Extensions>`),
		"hidden assertion":  response(strings.Replace(good, "<Conditions", `<Advice>`+good+`</Advice><Conditions`, 1)),
		"other namespace":   response(strings.Replace(good, "SAML:2.0:assertion", "SAML:1.0:assertion", 1)),
		"two documents":     response(good) + response(good),
		"trailing text":     response(good) + "x",
		"doctype":           `<!DOCTYPE a [<!ENTITY b "c">]>` + response(good),
		"encrypted":         response(`<EncryptedAssertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion"/>`),
		"no assertion":      response(""),
		"not a response":    good,
		"other request":     strings.ReplaceAll(response(good), `"id1"`, `"id2"`),
		"other tenant":      strings.ReplaceAll(response(good), tenant, "99999999-2222-3333-4444-555555555555"),
		"other issuer":      strings.ReplaceAll(response(good), "sts.windows.net", "sts.windows.net.evil.example"),
		"commented issuer":  strings.ReplaceAll(response(good), "https://sts", "<!-- -->https://sts"),
		"expired":           strings.ReplaceAll(response(good), "2026-01-02T04:0", "2026-01-02T02:0"),
		"not yet":           strings.ReplaceAll(response(good), "2026-01-02T02:59", "2026-01-02T03:59"),
		"no end":            strings.ReplaceAll(response(good), ` NotOnOrAfter="2026-01-02T04:09:05.000Z"`, ""),
	} {
		t.Run(name, func(t *testing.T) {
			r, err := parse(doc)
			if err == nil || fault.KindOf(err) != fault.Role || !r.NotOnOrAfter.IsZero() || len(r.Roles) > 0 {
				t.Errorf("%s: accepted or of the wrong kind: %v, %v", name, r, err)
			}
		})
	}
}

// A status other than Success is reported with Microsoft's own reason.
func TestStatus(t *testing.T) {
	doc := `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"/>
<samlp:StatusMessage>AADSTS50105: not assigned.` + "\n" + `Trace ID: 1</samlp:StatusMessage></samlp:Status></samlp:Response>`
	_, err := parse(doc)
	var status *StatusError
	if !errors.As(err, &status) || status.Code != "50105" || strings.Contains(err.Error(), "Trace") ||
		fault.KindOf(err) != fault.Auth {
		t.Errorf("got %v", err)
	}
}

// roleShape and providerShape match ARNs independently of the parser.
var (
	roleShape = regexp.MustCompile(
		`^arn:(aws|aws-us-gov|aws-cn|aws-eusc):iam::([0-9]{12}):role/([\x21-\x7e]{1,511}/)?([A-Za-z0-9_+=,.@-]{1,64})$`,
	)
	providerShape = regexp.MustCompile(
		`^arn:(aws|aws-us-gov|aws-cn|aws-eusc):iam::([0-9]{12}):saml-provider/([A-Za-z0-9._-]{1,128})$`,
	)
)

// No input crashes the parser. After an error the response is empty; an accepted response
// is well-formed.
func FuzzParse(f *testing.F) {
	f.Add([]byte(response(assertion(admin + "," + idp))))
	f.Add([]byte(response(assertion("a\u009bb", reader+","+idp))))
	f.Add([]byte("<a><!-- --></a>"))
	f.Add([]byte(response(`<EncryptedAssertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion"/>`)))
	f.Add([]byte(strings.Replace(response(assertion()), ":Success", ":Responder", 1)))
	f.Add([]byte(`<?xml version="1.0"?>` + response(assertion(admin+"<!-- -->,"+idp, "<b>x</b>", "&#x202e;"))))
	f.Add([]byte(response(`<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion"><Issuer/></Assertion>`)))
	f.Fuzz(func(t *testing.T, doc []byte) {
		r, err := Parse(secret.New(base64.StdEncoding.EncodeToString(doc)), expect())
		if err != nil && (fmt.Sprintf("%+v", r) != fmt.Sprintf("%+v", Response{})) {
			t.Errorf("error and a response: %+v", r)
		}
		for _, role := range r.Roles {
			if !roleShape.MatchString(role.ARN) || !providerShape.MatchString(role.Provider) {
				t.Errorf("malformed role %+v", role)
			}
		}
		for _, w := range append(r.Warnings, fmt.Sprint(err)) {
			if strings.ContainsFunc(
				w, func(c rune) bool { return unicode.Is(unicode.Cc, c) || unicode.Is(unicode.Cf, c) },
			) {
				t.Errorf("unprintable text %q", w)
			}
		}
	})
}
