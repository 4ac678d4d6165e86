package saml

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// encrypted is a response that only AWS can read.
const encrypted = `<Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">https://sts.windows.net/` + tenant + `/</Issuer>` +
	`<EncryptedAssertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion"><EncryptedData/></EncryptedAssertion>`

// The response around an encrypted assertion is checked; the assertion itself is left to
// AWS.
func TestEncrypted(t *testing.T) {
	r, err := parse(response(encrypted))
	if err != nil || !r.Encrypted || r.TenantID != tenant || len(r.Roles) > 0 || r.Raw.IsZero() {
		t.Errorf("got %+v, %v; want an encrypted response of %s", r, err, tenant)
	}
}

const attacker = "arn:aws:iam::999999999999:role/evil,arn:aws:iam::999999999999:saml-provider/AzureAD"

// The signature wrapping attacks collected in "On Breaking SAML: Be Whoever You Want to
// Be" (USENIX 2012) are refused, and so is everything else that two parsers could
// interpret differently. Each case is a valid response with one change, and names the
// reason.
func TestAttacks(t *testing.T) {
	good, evil := assertion(admin+","+idp), assertion(attacker)
	into := func(old, new string) string {
		doc := strings.Replace(response(good), old, new, 1)
		if doc == response(good) {
			t.Fatalf("%q is not in the response", old)
		}
		return doc
	}
	for name, doc := range map[string]string{
		"as it is":                   response(good),
		"with a declaration":         `<?xml version="1.0" encoding="UTF-8"?>` + response(good),
		"with its issuer again":      into("<samlp:Status>", `<Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">https://sts.windows.net/`+tenant+`/</Issuer><samlp:Status>`),
		"a confirmation without end": into(` NotOnOrAfter="2026-01-02T04:04:05Z"`, ""),
	} {
		t.Run(name, func(t *testing.T) {
			const recipient = "https://signin.aws.amazon.com/saml"
			if r, err := parse(doc); err != nil || len(r.Roles) != 1 || r.Recipient != recipient {
				t.Errorf("got %+v, %v; want one role for %s", r, err, recipient)
			}
		})
	}
	for name, row := range map[string]struct{ doc, why string }{
		"evil before good":            {response(evil + good), "2 assertions"},
		"evil after good":             {response(good + evil), "2 assertions"},
		"good inside evil":            {response(strings.Replace(evil, "</Assertion>", good+"</Assertion>", 1)), "2 assertions"},
		"good in signature of evil":   {response(strings.Replace(evil, "<Subject>", `<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><Object>`+good+`</Object></Signature><Subject>`, 1)), "2 assertions"},
		"good in extensions":          {response(`<samlp:Extensions>` + good + `</samlp:Extensions>` + evil), "2 assertions"},
		"evil of another namespace":   {response(strings.Replace(evil, "SAML:2.0:assertion", "SAML:2.0:x", 1) + good), "2 assertions"},
		"good in a value":             {response(strings.Replace(evil, "</AttributeValue>", good+"</AttributeValue>", 1)), "2 assertions"},
		"response in a response":      {response(response(good)), "misplaced"},
		"nested assertion":            {response("<x>" + good + "</x>"), "misplaced"},
		"no namespace":                {response(strings.Replace(good, `xmlns="urn:oasis:names:tc:SAML:2.0:assertion"`, "", 1)), "misplaced"},
		"response of no namespace":    {into(`xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"`, ""), "not a SAML 2.0 Response"},
		"encrypted and plain":         {response(`<e:EncryptedAssertion xmlns:e="urn:oasis:names:tc:SAML:2.0:assertion"/>` + good), "encrypted assertion and another"},
		"two encrypted":               {response(strings.Repeat(encrypted, 2)), "encrypted assertion and another"},
		"encrypted inside another":    {response("<x>" + encrypted + "</x>"), "encrypted assertion and another"},
		"encrypted for another":       {strings.Replace(response(encrypted), `InResponseTo="id1"`, `InResponseTo="id2"`, 1), "does not answer"},
		"encrypted without issuer":    {response(encrypted[strings.Index(encrypted, "<Encrypted"):]), "issuer is not Microsoft Entra"},
		"two issuers":                 {into("<Subject>", "<Issuer>https://evil.example/</Issuer><Subject>"), "issuer"},
		"issuer of the response":      {into("<Assertion ", `<Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">https://sts.windows.net/99999999-2222-3333-4444-555555555555/</Issuer><Assertion `), "not the issuer of"},
		"two issuers of the response": {into("<Assertion ", strings.Repeat(`<Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">https://sts.windows.net/`+tenant+`/</Issuer>`, 2)+"<Assertion "), "not the issuer of"},
		"malformed session end":       {into("<AttributeStatement", `<AuthnStatement SessionNotOnOrAfter="never"/><AttributeStatement`), "malformed"},
		"issuer not a GUID":           {strings.ReplaceAll(response(good), tenant, strings.Repeat("-", 36)), "issuer"},
		"issuer with a prefix":        {into("<Issuer>https://sts", "<Issuer>https://evil.example/https://sts"), "issuer"},
		"issuer with a suffix":        {strings.ReplaceAll(response(good), tenant+"/", tenant+"/x"), "issuer"},
		"issuer without a dot":        {strings.ReplaceAll(response(good), "sts.windows", "stsxwindows"), "issuer"},
		"issuer without a slash":      {strings.ReplaceAll(response(good), tenant+"/", tenant), "issuer"},
		"two subjects":                {into("<Conditions", `<Subject><NameID>eve</NameID></Subject><Conditions`), "does not answer"},
		"two confirmations":           {into("</SubjectConfirmation>", `</SubjectConfirmation><SubjectConfirmation/>`), "does not answer"},
		"two conditions":              {into("<AttributeStatement", `<Conditions NotOnOrAfter="2099-01-01T00:00:00Z"/><AttributeStatement`), "no expiration time"},
		"repeated attribute":          {into(`<Conditions `, `<Conditions NotOnOrAfter="2099-01-01T00:00:00Z" `), "repeats an attribute"},
		"outer request ID differs":    {into(`InResponseTo="id1"><samlp:Status>`, `InResponseTo="id2"><samlp:Status>`), "does not answer"},
		"outer request ID suffix":     {into(`InResponseTo="id1"><samlp:Status>`, `InResponseTo="id12"><samlp:Status>`), "does not answer"},
		"outer request ID prefix":     {into(`InResponseTo="id1"><samlp:Status>`, `InResponseTo="xid1"><samlp:Status>`), "does not answer"},
		"inner request ID suffix":     {into(`SubjectConfirmationData InResponseTo="id1"`, `SubjectConfirmationData InResponseTo="id12"`), "does not answer"},
		"inner request ID prefix":     {into(`SubjectConfirmationData InResponseTo="id1"`, `SubjectConfirmationData InResponseTo="xid1"`), "does not answer"},
		"response issuer suffix":      {into("<samlp:Status>", `<Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">https://sts.windows.net/`+tenant+`/x</Issuer><samlp:Status>`), "not the issuer of"},
		"response issuer prefix":      {into("<samlp:Status>", `<Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">xhttps://sts.windows.net/`+tenant+`/</Issuer><samlp:Status>`), "not the issuer of"},
		"inner request ID differs":    {into(`SubjectConfirmationData InResponseTo="id1"`, `SubjectConfirmationData InResponseTo="id2"`), "does not answer"},
		"malformed start":             {into("2026-01-02T02:59:05.000Z", "yesterday"), "malformed"},
		"malformed end":               {into("2026-01-02T04:04:05Z", "tomorrow"), "malformed"},
		"two statuses":                {into("<samlp:Status>", `<samlp:Status/><samlp:Status>`), "no status"},
		"status with a prefix":        {into(`Value="urn:oasis`, `Value="urn:x:urn:oasis`), "Microsoft refused"},
		"status with a suffix":        {into(":status:Success", ":status:Success:status:Successs"), "Microsoft refused"},
		"entity":                      {into("azure.admin", "azure.&evil;"), "broken XML"},
		"entity declared inside":      {into("<Subject>", `<!ENTITY a "b"><Subject>`), "DOCTYPE"},
		"instruction inside":          {into("<Subject>", `<?evil x?><Subject>`), "processing instruction"},
		"instruction before":          {`<?evil x?>` + response(good), "processing instruction"},
		"stylesheet before":           {`<?xml-stylesheet href="x"?>` + response(good), "processing instruction"},
		"second declaration":          {`<?xml version="1.0"?> <?xml version="1.0"?>` + response(good), "processing instruction"},
		"late declaration":            {` <?xml version="1.0"?>` + response(good), "processing instruction"},
		"another encoding":            {`<?xml version="1.0" encoding="UTF-7"?>` + response(good), "broken XML"},
		"comment before":              {"<!-- x -->" + response(good), "comment outside"},
		"comment after":               {response(good) + "<!-- x -->", "comment outside"},
		"not UTF-8":                   {into("azure.admin", "azure\xff"), "broken XML"},
		"cut off":                     {response(good)[:500], "broken XML"},
		"escape character":            {into("azure.admin", "azure\x1b[31m"), "broken XML"},
		"empty":                       {"", "base64"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := parse(row.doc)
			if err == nil || !strings.Contains(err.Error(), row.why) ||
				fmt.Sprintf("%+v", r) != fmt.Sprintf("%+v", Response{}) {
				t.Errorf("got %v, %v; want %q and no roles", err, r.Roles, row.why)
			}
		})
	}
}

// Roles outside AWS's attribute in the statement of the assertion are ignored, and so are
// those of look-alike attributes.
func TestRolesOutsideTheAttribute(t *testing.T) {
	good := assertion(admin + "," + idp)
	attribute := `<Attribute Name="https://aws.amazon.com/SAML/Attributes/Role"><AttributeValue>` + attacker + `</AttributeValue></Attribute>`
	for name, doc := range map[string]string{
		"outside of a statement": strings.Replace(good, "<Conditions", attribute+"<Conditions", 1),
		"in the response":        `<AttributeStatement xmlns="urn:oasis:names:tc:SAML:2.0:assertion">` + attribute + `</AttributeStatement>` + good,
		"in an attribute":        strings.Replace(good, "<AttributeStatement>", `<AttributeStatement><Attribute Name="x">`+attribute+`</Attribute>`, 1),
		"another attribute":      strings.Replace(good, "<AttributeStatement>", "<AttributeStatement>"+strings.Replace(attribute, "/Role", "/role", 1), 1),
		"another namespace":      strings.Replace(good, "<AttributeStatement>", "<AttributeStatement>"+strings.Replace(attribute, "<Attribute ", `<Attribute xmlns="urn:x" `, 1), 1),
		"a longer namespace":     strings.Replace(good, "<AttributeStatement>", "<AttributeStatement>"+strings.Replace(attribute, "<Attribute ", `<Attribute xmlns="urn:oasis:names:tc:SAML:2.0:assertion:x" `, 1), 1),
		"a namespace in another": strings.Replace(good, "<AttributeStatement>", "<AttributeStatement>"+strings.Replace(attribute, "<Attribute ", `<Attribute xmlns="x:urn:oasis:names:tc:SAML:2.0:assertion" `, 1), 1),
		"a longer name":          strings.Replace(good, "<AttributeStatement>", "<AttributeStatement>"+strings.NewReplacer("<Attribute ", "<AttributeX ", "</Attribute>", "</AttributeX>").Replace(attribute), 1),
		"a name in another":      strings.Replace(good, "<AttributeStatement>", "<AttributeStatement>"+strings.NewReplacer("<Attribute ", "<XAttribute ", "</Attribute>", "</XAttribute>").Replace(attribute), 1),
	} {
		t.Run(name, func(t *testing.T) {
			r, err := parse(response(doc))
			if err != nil || len(r.Roles) != 1 || r.Roles[0].ARN != admin || len(r.Warnings) != 0 {
				t.Errorf("got %v, %q, %v; want %s", r.Roles, r.Warnings, err, admin)
			}
		})
	}
}

// An attribute name with a namespace is a different attribute, and a value that contains
// markup is ignored.
func TestLookAlikes(t *testing.T) {
	const name = `Name="https://aws.amazon.com/SAML/Attributes/`
	good := strings.Replace(
		assertion(admin+","+idp), "<AttributeStatement>",
		`<AttributeStatement><Attribute xmlns:x="urn:x" x:`+name+`Role" Name="other"><AttributeValue>`+attacker+`</AttributeValue></Attribute>`,
		1,
	)
	good = strings.ReplaceAll(good, ">ada@contoso.example<", ">a<!-- -->da@contoso.example<")
	r, err := parse(response(good))
	if err != nil || len(r.Roles) != 1 || r.Roles[0].ARN != admin || r.Subject != "" || r.SessionName != "" {
		t.Errorf("%+v %v", r, err)
	}
	r, err = parse(response(strings.ReplaceAll(good, "<!-- -->", "<b/>")))
	if err != nil || r.Subject != "" || r.SessionName != "" {
		t.Errorf("%+v %v", r, err)
	}
}

// The duration is used only within the bounds of AWS.
func TestSessionDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"899": 0, "900": 15 * time.Minute, "43200": 12 * time.Hour, "43201": 0, "": 0, "-900": 0, "1h": 0, "99999999999999999999": 0,
	} {
		t.Run(text, func(t *testing.T) {
			r, err := parse(response(strings.Replace(assertion(), ">7200<", ">"+text+"<", 1)))
			if err != nil || r.SessionDuration != want {
				t.Errorf("got %s, %v; want %s", r.SessionDuration, err, want)
			}
		})
	}
}

// An unsolicited response needs a subject confirmation too.
func TestUnsolicited(t *testing.T) {
	want := expect()
	want.InResponseTo = ""
	doc := strings.ReplaceAll(response(assertion(admin+","+idp)), ` InResponseTo="id1"`, "")
	if _, err := Parse(secret.New(base64.StdEncoding.EncodeToString([]byte(doc))), want); err != nil {
		t.Error(err)
	}
	doc = strings.Replace(doc, "<SubjectConfirmationData", "<Other", 1)
	if _, err := Parse(secret.New(base64.StdEncoding.EncodeToString([]byte(doc))), want); err == nil {
		t.Error("accepted without a confirmation")
	}
}

// Folded base64 is decoded and passed to STS unfolded. Invalid base64 is refused without
// being quoted.
func TestBase64(t *testing.T) {
	plain := base64.StdEncoding.EncodeToString([]byte(response(assertion(admin + "," + idp))))
	var folded strings.Builder
	for i := 0; i < len(plain); i += 76 {
		folded.WriteString(plain[i:min(i+76, len(plain))] + "\r\n")
	}
	r, err := Parse(secret.New(" "+folded.String()+"\t"), expect())
	if err != nil || r.Raw.Reveal() != plain {
		t.Errorf("folded: %v", err)
	}
	for _, bad := range []string{"", " \n", plain + "!", plain + strings.Repeat(" ", 2<<20), "CANARY!", strings.Repeat("CANARY+/", 1<<18+1), strings.Repeat("CANARY!!", 1<<17)} {
		if r, err := Parse(secret.New(bad), expect()); err == nil || strings.Contains(err.Error(), "CANARY") ||
			!r.Raw.IsZero() {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
	_, err = parse(`<samlp:Response CANARY="1"><CANARY></CANARX>`)
	if err == nil || strings.Contains(err.Error(), "CANAR") {
		t.Errorf("broken XML is repeated: %v", err)
	}
}

// The issuer of every Entra cloud is accepted, and so is any tenant if none is expected.
func TestIssuers(t *testing.T) {
	for _, host := range []string{"sts.windows.net", "sts.chinacloudapi.cn", "login.microsoftonline.us"} {
		want := expect()
		want.TenantID = ""
		doc := strings.ReplaceAll(response(assertion(admin+","+idp)), "sts.windows.net", host)
		r, err := Parse(secret.New(base64.StdEncoding.EncodeToString([]byte(doc))), want)
		if err != nil || r.TenantID != tenant {
			t.Errorf("%s: %q %v", host, r.TenantID, err)
		}
	}
	// The application may append its own ID, and nothing else.
	const app = "22222222-3333-4444-5555-666666666666"
	for suffix, good := range map[string]bool{app: true, app + "/": true, "app": false, app + "/x": false} {
		doc := strings.ReplaceAll(response(assertion(admin+","+idp)), tenant+"/<", tenant+"/"+suffix+"<")
		r, err := Parse(secret.New(base64.StdEncoding.EncodeToString([]byte(doc))), expect())
		if (err == nil) != good || good && r.TenantID != tenant {
			t.Errorf("issuer with %q: tenant %q, %v; want accepted %v", suffix, r.TenantID, err, good)
		}
	}
	// Case does not matter in a GUID; a prefix of it is another tenant.
	const letters = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
	for id, good := range map[string]bool{letters: true, strings.ToUpper(letters): true, letters[1:]: false, "\u202e": false} {
		want := expect()
		want.TenantID = id
		doc := strings.ReplaceAll(response(assertion(admin+","+idp)), tenant, strings.ToUpper(letters))
		r, err := Parse(secret.New(base64.StdEncoding.EncodeToString([]byte(doc))), want)
		if (err == nil) != good || good && r.TenantID != letters ||
			err != nil && strings.Contains(err.Error(), "\u202e") {
			t.Errorf("%q: %q %v", id, r.TenantID, err)
		}
	}
}

// Clocks may differ by the skew in either direction, and not by more.
func TestSkew(t *testing.T) {
	doc := secret.New(base64.StdEncoding.EncodeToString([]byte(response(assertion(admin + "," + idp)))))
	turned := secret.New(
		base64.StdEncoding.EncodeToString(
			[]byte(
				strings.NewReplacer("04:04:05", "04:09:05", "04:09:05", "04:04:05").
					Replace(response(assertion(admin + "," + idp))),
			),
		),
	)
	start, end := time.Date(2026, 1, 2, 2, 59, 5, 0, time.UTC), time.Date(2026, 1, 2, 4, 4, 5, 0, time.UTC)
	for _, row := range []struct {
		now  time.Time
		good bool
	}{
		{start.Add(-5*time.Minute - time.Second), false},
		{start.Add(-5 * time.Minute), true},
		{end.Add(5*time.Minute - time.Second), true},
		{end.Add(5 * time.Minute), false},
	} {
		want := expect()
		want.Now = row.now
		if _, err := Parse(turned, want); (err == nil) != row.good {
			t.Errorf("at %s, the earlier end in the conditions: %v", row.now, err)
		}
		r, err := Parse(doc, want)
		if (err == nil) != row.good || (row.good && !r.NotOnOrAfter.Equal(end)) {
			t.Errorf("at %s: until %s, %v", row.now, r.NotOnOrAfter, err)
		}
	}
}

// A thousand malformed values do not flood the terminal.
func TestWarningsAreLimited(t *testing.T) {
	bad := make([]string, 1000)
	r, err := parse(response(assertion(append(bad, admin+","+idp)...)))
	if err != nil || len(r.Roles) != 1 || len(r.Warnings) != maxWarnings+1 ||
		!strings.Contains(r.Warnings[maxWarnings], "990 more") {
		t.Errorf("%d roles, %q, %v", len(r.Roles), r.Warnings, err)
	}
}

// A refusal without an AADSTS code reports its status code in printable form. A refusal
// of another request is not accepted.
func TestStatusWithoutMessage(t *testing.T) {
	doc := `<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" InResponseTo="%s"><p:Status><p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder">
<p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:NoPassive"/></p:StatusCode>%s</p:Status></p:Response>`
	for _, row := range []struct {
		id, message, want string
		kind              fault.Kind
	}{
		{"id1", "", "NoPassive", fault.Auth},
		{"id1", "<p:StatusMessage>\u009b31m\u202eAADSTS53003: blocked</p:StatusMessage>", "<U+202E>AADSTS53003", fault.Auth},
		{"id2", "", "does not answer", fault.Role},
		{"id12", "", "does not answer", fault.Role},
		{"xid1", "", "does not answer", fault.Role},
	} {
		t.Run(row.id+" "+row.want, func(t *testing.T) {
			_, err := parse(fmt.Sprintf(doc, row.id, row.message))
			var status *StatusError
			if fault.KindOf(err) != row.kind || !strings.Contains(err.Error(), row.want) ||
				errors.As(err, &status) != (row.kind == fault.Auth) {
				t.Errorf("got %v, want %s", err, row.want)
			}
			if strings.ContainsAny(err.Error(), "\u009b\u202e") {
				t.Errorf("unsafe: %q", err)
			}
		})
	}
	_, err := parse(strings.Replace(fmt.Sprintf(doc, "id1", ""), "NoPassive", "No\u202ePassive", 1))
	if err == nil || !strings.Contains(err.Error(), "No<U+202E>Passive") {
		t.Errorf("unsafe: %q", err)
	}
	_, err = parse(strings.Replace(fmt.Sprintf(doc, "id1", ""), "NoPassive", "NoPassive\"/><p:StatusCode Value=\"", 1))
	if err == nil || !strings.HasSuffix(err.Error(), "no reason given, status Responder") {
		t.Errorf("two details: %v", err)
	}
}

// The largest documents within the bounds are parsed in linear time: text broken into
// many pieces, and very many roles.
func TestLargeDocuments(t *testing.T) {
	if _, err := parseDocument([]byte("<r>" + strings.Repeat(strings.Repeat("x", 40)+"<a/>", 16000) + "</r>")); err != nil {
		t.Error(err)
	}
	var roles []string
	for i := range 5000 {
		roles = append(roles, fmt.Sprintf("arn:aws:iam::%012d:role/r,arn:aws:iam::%012d:saml-provider/AzureAD", i, i))
	}
	if r, err := parse(response(assertion(roles...))); err != nil || len(r.Roles) != 5000 {
		t.Errorf("%d roles: %v", len(r.Roles), err)
	}
}

// A document that is nested too deeply is refused exactly at the limit.
func TestDepthIsBounded(t *testing.T) {
	for depth, want := range map[int]bool{maxDepth: true, maxDepth + 1: false} {
		t.Run(strconv.Itoa(depth), func(t *testing.T) {
			_, err := parseDocument([]byte(strings.Repeat("<a>", depth) + strings.Repeat("</a>", depth)))
			if (err == nil) != want || err != nil && !strings.Contains(err.Error(), "nested deeper") {
				t.Errorf("got %v, want it accepted: %v", err, want)
			}
		})
	}
}
