package spec

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
)

const smallSpec = "tenant: example.onmicrosoft.com\naccounts:\n  - id: \"123456789012\"\n"

func parse(t *testing.T, text string) *Spec {
	t.Helper()
	s, err := Parse("o365aws.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The defaults of a spec.
func TestSpecDefaultsAreThePost(t *testing.T) {
	s := parse(t, smallSpec)
	if s.Provider.Name != "AzureAD" || s.Provisioning.User != "AzureAAD" || s.Provisioning.Style != StyleImport {
		t.Errorf("provider %s, user %s, style %s", s.Provider.Name, s.Provisioning.User, s.Provisioning.Style)
	}
	if s.Name != "office365" || s.Cloud != "global" || s.Application.Name != "AWS Single-Account Access" ||
		s.Roles[0].Session != Duration(time.Hour) ||
		!slices.Equal(s.Roles[0].Policies, []string{"AdministratorAccess"}) {
		t.Errorf("%s in %s, application %s, first role %+v", s.Name, s.Cloud, s.Application.Name, s.Roles[0])
	}
	want := []string{
		"arn:aws:iam::123456789012:role/azure.admin,arn:aws:iam::123456789012:saml-provider/AzureAD",
		"arn:aws:iam::123456789012:role/azure.reader,arn:aws:iam::123456789012:saml-provider/AzureAD",
	}
	var got []string
	for _, r := range s.Roles {
		got = append(got, s.RoleValue("123456789012", r))
	}
	if !slices.Equal(got, want) {
		t.Errorf("roles %v", got)
	}
	if p := s.PolicyARN("123456789012", s.Roles[1].Policies[0]); p != "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess" {
		t.Errorf("policy %s", p)
	}
}

// An error names file, line, column, and a correction.
func TestSpecErrors(t *testing.T) {
	for name, c := range map[string]struct{ text, want, hint string }{
		"unknown key": {smallSpec + "rolles: []\n", "o365aws.yaml:4:1: unknown key \"rolles\"", "did you mean roles?"},
		"unknown nested key": {smallSpec + "roles:\n  - name: a\n    sesion: 2h\n", "o365aws.yaml:6:5: roles[0]: " +
			"unknown key", "did you mean session?"},
		"key twice":  {smallSpec + "tenant: b.example\n", "o365aws.yaml:4:1: key \"tenant\" is listed twice", ""},
		"not a list": {smallSpec + "roles: azure.admin\n", "o365aws.yaml:4:8: roles: should be a list", "dash"},
		"bad duration": {smallSpec + "roles:\n- name: a\n  session: long\n", "o365aws.yaml:6:12: " +
			"roles[0].session", ""},
		"session too long": {smallSpec + "roles:\n- name: a\n  session: 13h\n", "o365aws.yaml:6:12: " +
			"roles[0].session: is not between 1h and 12h", ""},
		"role name": {smallSpec + "roles:\n- name: a b\n", "o365aws.yaml:5:9: roles[0].name", ""},
		"role twice": {smallSpec + "roles:\n- name: a\n- name: A\n", "o365aws.yaml:6:9: roles[1].name: " +
			"role A is listed twice", ""},
		"unknown role":       {smallSpec + "assignments:\n- user: a@b.c\n  roles: [azure.admn]\n", "o365aws.yaml:6:11: assignments[0].roles[0]: no role", "azure.admin?"},
		"account not quoted": {"tenant: a.b\naccounts: [{id: 1234}]\n", "o365aws.yaml:2:17: accounts[0].id", ""},
		"no tenant":          {"accounts: [{id: '123456789012'}]\n", "tenant: is missing", "onmicrosoft"},
		"other partition":    {smallSpec + "roles:\n- name: a\n  policies: ['arn:aws-cn:iam::aws:policy/X']\n", "not in the partition aws", ""},
		"syntax":             {"tenant: [\n", "o365aws.yaml:", "YAML"},
		"empty":              {"# nothing\n", "is empty", "admin init"},
		"import of many":     {smallSpec + "  - id: '210987654321'\nprovisioning: {style: import}\n", "one account for each application", "merge"},
		"account number":     {"tenant: example.com\naccounts: [{id: 42}]\n", `accounts[0].id: invalid value "42"`, "12 digits"},
		"long pair":          {smallSpec + "roles: [{name: a, path: /" + strings.Repeat("x", 180) + "/}]\n", "characters; Entra accepts at most 239", "shorten"},
		"policy document":    {smallSpec + "roles: [{name: a, inline: {p: {Effect: Allow}}}]\n", "o365aws.yaml:4:31: roles[0].inline.p: is not a policy document", ""},
		"plain http":         {smallSpec + "provider: {metadata: 'http://x/y'}\n", "provider.metadata: http is not secure", ""},
		"loopback elsewhere": {smallSpec + "sign_in: {loopback: 'http://example.com:1/saml'}\n", "sign_in.loopback", "localhost"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("o365aws.yaml", []byte(c.text))
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != fault.Config {
				t.Fatalf("got %v, want a config fault", err)
			}
			if !strings.Contains(f.Error(), c.want) || !strings.Contains(strings.Join(f.Hints, "\n"), c.hint) {
				t.Errorf("\n got %v %v\nwant %s, %s", f, f.Hints, c.want, c.hint)
			}
		})
	}
}

func TestReplyURLs(t *testing.T) {
	s := parse(t, smallSpec+"sign_in:\n  regions: [us-east-1, eu-central-1]\n  loopback: http://localhost:8365/saml\n")
	want := []string{
		"https://signin.aws.amazon.com/saml",
		"https://eu-central-1.signin.aws.amazon.com/saml",
		"http://localhost:8365/saml",
	}
	if got := s.ReplyURLs(); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	s.SignIn.OnlyRegions, s.SignIn.Regions = true, []string{"eu-central-1"}
	if got := s.ReplyURLs(); !slices.Equal(got, want[1:]) {
		t.Errorf("of the regions only: %v", got)
	}
	s.SignIn.OnlyRegions, s.SignIn.Loopback, s.SignIn.Regions = false, "", nil
	if got := s.ReplyURLs(); !slices.Equal(got, want[:1]) {
		t.Errorf("of nothing besides: %v", got)
	}
}

// The sign-in endpoint of the European Sovereign Cloud has its region in the name.
func TestReplyURLsOfEUSC(t *testing.T) {
	s := parse(t, "partition: aws-eusc\n"+smallSpec+"sign_in: {regions: [eusc-de-east-1]}\n")
	want := []string{"https://eusc-de-east-1.signin.amazonaws-eusc.eu/saml"}
	if got := s.ReplyURLs(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if arn := s.RoleARN("123456789012", s.Roles[0]); arn != "arn:aws-eusc:iam::123456789012:role/azure.admin" {
		t.Errorf("got role %s", arn)
	}
	if s.Provisioning.Style != StyleMerge || s.Application.Identifier != want[0] {
		t.Errorf("got style %s and identifier %s", s.Provisioning.Style, s.Application.Identifier)
	}
}

func TestDurationString(t *testing.T) {
	for text, want := range map[string]time.Duration{"1h": time.Hour, "90m": 90 * time.Minute, "45s": 45 * time.Second} {
		t.Run(text, func(t *testing.T) {
			if got := Duration(want).String(); got != text {
				t.Errorf("got %s, want %s", got, text)
			}
		})
	}
}

// A policy is YAML or JSON text, and is converted to JSON.
func TestPolicyDocument(t *testing.T) {
	const want = `{"Statement":[{"Action":"s3:*","Condition":{"StringLike":{"x":"<a>&b"}},"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}`
	const statement = `Statement: [{Effect: Allow, Action: 's3:*', Resource: '*', Condition: {StringLike: {x: '<a>&b'}}}]`
	for text, want := range map[string]string{
		"{" + statement + "}": want, "{Version: 2012-10-17, " + statement + "}": want, "{Version: '2012-10-17', " + statement + "}": want,
		"{Version: 2008-10-17x, " + statement + "}": strings.Replace(want, "2012-10-17", "2008-10-17x", 1),
		"'" + want + "'": want, "'" + strings.Replace(want, `,"Version":"2012-10-17"`, "", 1) + "'": want,
		"{Effect: Allow}": "", "[" + statement + "]": "", "s3": "", "'[1]'": "", `'{"Effect":"Allow"}'`: "", "''": "", "{Statement: null}": "",
	} {
		t.Run(text, func(t *testing.T) {
			s, err := Parse("o365aws.yaml", []byte(smallSpec+"roles: [{name: a, inline: {p: "+text+"}}]\n"))
			got := ""
			if err == nil {
				got = s.Roles[0].Inline["p"].JSON()
			}
			if got != want || (fault.KindOf(err) == fault.Config) != (want == "") {
				t.Errorf("got %q and error %v, want %q", got, err, want)
			}
		})
	}
}

// Placeholders of an inline policy are replaced by the account and the partition.
func TestInlinePolicyPlaceholders(t *testing.T) {
	s := parse(t, smallSpec+"roles: [{name: a, inline: {p: {Statement: [{Effect: Allow, Action: 's3:*', "+
		"Resource: ['arn:{partition}:s3:::{account}-${aws:username}']}]}}}]\n")
	got := s.InlinePolicy("123456789012", s.Roles[0].Inline["p"])
	if want := `"Resource":["arn:aws:s3:::123456789012-${aws:username}"]`; !strings.Contains(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Statements are described in words, whatever their form.
func TestStatements(t *testing.T) {
	for text, want := range map[string]string{
		`{"Statement":{"Effect":"Allow","Action":["s3:b","s3:a"],"Resource":"*"}}`: "Allow s3:a, s3:b on *",
		`{"Statement":[{"Effect":"Deny","NotAction":"iam:*","NotResource":"x","Principal":{"AWS":"ada"},` +
			`"Condition":{"Bool":{"k":"true"},"StringLike":{"l":["a","b"]}}}]}`: "Deny all actions except iam:* on all " +
			"resources except x by ada if k Bool true and l StringLike a, b",
		`{"Statement":["x"]}`: "", "3600s": "",
	} {
		t.Run(text, func(t *testing.T) {
			got, ok := Statements(text)
			if strings.Join(got, "; ") != want || ok != (want != "") {
				t.Errorf("got %q, %t, want %q", got, ok, want)
			}
		})
	}
}

// Policies are compared by meaning.
func TestSamePolicy(t *testing.T) {
	base := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:ListRoles","sts:TagSession"],"Resource":"*","Condition":{"Bool":{"x":"true"}}}]}`
	for text, want := range map[string]bool{
		base: true,
		`{"Statement":{"Resource":["*"],"Action":["sts:tagsession","IAM:ListRoles"],"Effect":"Allow","Condition":{"Bool":{"x":[true]}}},"Version":"2012-10-17"}`: true,
		strings.Replace(base, "Allow", "Deny", 1):                                                                            false,
		strings.Replace(base, "ListRoles", "ListUsers", 1):                                                                   false,
		strings.Replace(base, `"Resource":"*"`, `"Resource":"a"`, 1):                                                         false,
		strings.Replace(base, `"Resource":"*"`, `"Resource":["*","a"]`, 1):                                                   false,
		strings.Replace(base, `"x":"true"`, `"x":"false"`, 1):                                                                false,
		strings.Replace(base, `"x":"true"`, `"y":"true"`, 1):                                                                 false,
		strings.Replace(base, `"Action"`, `"NotAction"`, 1):                                                                  false,
		strings.Replace(base, `}]}`, `},{"Effect":"Allow","Action":"*","Resource":"*"}]}`, 1):                                false,
		strings.Replace(base, `,"Condition":{"Bool":{"x":"true"}}`, ``, 1):                                                   false,
		strings.Replace(base, `["iam:ListRoles","sts:TagSession"]`, `["sts:TagSession","iam:ListRoles"]`, 1):                 true,
		strings.Replace(base, `["iam:ListRoles","sts:TagSession"]`, `["iam:ListRoles","iam:listroles","sts:TagSession"]`, 1): true,
		`not json`: false,
	} {
		t.Run(text, func(t *testing.T) {
			if got := SamePolicy(base, text); got != want {
				t.Errorf("got %t, want %t", got, want)
			}
		})
	}
	const two = `{"Statement":[{"Effect":"Allow","NotAction":"iam:*","Resource":"arn:aws:s3:::Bucket"},{"Effect":"Deny","Action":"s3:*","Principal":{"AWS":"Ada"}}]}`
	for text, want := range map[string]bool{
		`{"Statement":[{"Effect":"Deny","Action":["S3:*"],"Principal":{"AWS":["Ada"]}},{"Effect":"Allow","NotAction":["IAM:*"],"Resource":["arn:aws:s3:::Bucket"]}]}`: true,
		strings.Replace(two, "Bucket", "bucket", 1): false, strings.Replace(two, `"Ada"`, `"ada"`, 1): false, strings.Replace(two, "Allow", "allow", 1): false, "": false,
	} {
		t.Run(text, func(t *testing.T) {
			if got := SamePolicy(two, text); got != want {
				t.Errorf("got %t, want %t", got, want)
			}
		})
	}
	if !SamePolicy("x", "x") || SamePolicy("x", "y") || SamePolicy("x", two) {
		t.Error("text that is not JSON must be compared as text")
	}
}

// Aliases may stand for one another's lists many times over: a small file is
// no way to fill the memory.
func TestAliasesAreBounded(t *testing.T) {
	text := "tenant: contoso.example\nroles:\n  - &role\n    name: a\n    policies: &policies [" + strings.Repeat(
		"ReadOnlyAccess, ", 5000,
	) + "ReadOnlyAccess]\n" +
		strings.Repeat("  - *role\n", 5000)
	done := make(chan error, 1)
	go func() { _, err := Parse("o365aws.yaml", []byte(text)); done <- err }()
	select {
	case err := <-done:
		if err == nil || !strings.Contains(err.Error(), "aliases") {
			t.Errorf("%.200v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it is read without end")
	}
	for _, text := range []string{"roles: &a [*a]\n", "roles:\n  - name: a\n    inline: &b {c: *b}\n", "roles:\n  - inline: {p: &b {Statement: [*b]}}\n"} {
		if _, err := Parse("o365aws.yaml", []byte(text)); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

// A second document, which other readers would use or ignore, is an error.
func TestSecondDocumentIsRefused(t *testing.T) {
	for _, text := range []string{"tenant: contoso.example\n---\ntenant: evil.example\n", "---\n---\na: b\n", "a: b\n---\n"} {
		_, err := Parse("spec.yaml", []byte(text))
		if err == nil || !strings.Contains(err.Error(), "more than one YAML document") {
			t.Errorf("%q: got %v, want an error about a second document", text, err)
		}
	}
}
