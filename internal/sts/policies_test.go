package sts

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/fault"
)

const viewOnly = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"

// Policies that AWS would refuse are refused before a sign-in.
func TestNewPolicies(t *testing.T) {
	document := func(n int) []byte { return fmt.Appendf(nil, `{"Statement":%q}`, strings.Repeat("x", n-16)) }
	var eleven []string
	for i := range 11 {
		eleven = append(eleven, fmt.Sprint("arn:aws:iam::111122223333:policy/p", i))
	}
	for name, c := range map[string]struct {
		readOnly bool
		arns     []string
		document []byte
		wants    string // part of the error; "" accepts
	}{
		"none":               {},
		"read-only":          {readOnly: true},
		"AWS policy":         {arns: []string{viewOnly}},
		"own policy":         {arns: []string{"arn:aws-cn:iam::111122223333:policy/a/b"}},
		"ten":                {arns: eleven[:10]},
		"ten and a repeat":   {arns: append(slices.Clone(eleven[:10]), eleven[0])},
		"eleven":             {arns: eleven, wants: "AWS accepts 10"},
		"role":               {arns: []string{"arn:aws:iam::111122223333:role/x"}, wants: "invalid policy ARN"},
		"name":               {arns: []string{"ReadOnlyAccess"}, wants: "invalid policy ARN"},
		"space":              {arns: []string{viewOnly + " x"}, wants: "invalid policy ARN"},
		"unknown partition":  {arns: []string{"arn:moon:iam::aws:policy/x"}, wants: "invalid policy ARN"},
		"longest document":   {document: document(2048)},
		"white space":        {document: append(document(2048), "   \n"...)},
		"too long":           {document: document(2049), wants: "2049 characters"},
		"not JSON":           {document: []byte("Version: 1"), wants: "not a JSON object"},
		"list":               {document: []byte("[]"), wants: "not a JSON object"},
		"read-only and more": {readOnly: true, arns: []string{viewOnly}, wants: "cannot be combined"},
		"read-only and file": {readOnly: true, document: document(20), wants: "cannot be combined"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewPolicies(c.readOnly, c.arns, c.document)
			if (err == nil) != (c.wants == "") || err != nil && (!strings.Contains(err.Error(), c.wants) || fault.KindOf(err) != fault.Config) {
				t.Errorf("got %v, want %q", err, c.wants)
			}
		})
	}
}

// Two sets of policies have the same key only if they restrict a session equally.
func TestPolicyKeys(t *testing.T) {
	other := "arn:aws:iam::111122223333:policy/x"
	keys := map[string]string{}
	for name, p := range map[string]Policies{
		"none": {}, "read-only": {ReadOnly: true}, "one": {ARNs: []string{viewOnly}}, "two": {ARNs: []string{viewOnly, other}},
		"document": {Document: "{}"}, "another document": {Document: `{"a":1}`},
		"both": {ARNs: []string{viewOnly}, Document: "{}"},
	} {
		if twin, found := keys[p.Key()]; found {
			t.Errorf("%s and %s share the key %q", name, twin, p.Key())
		}
		keys[p.Key()] = name
	}
	a, errA := NewPolicies(false, []string{viewOnly, other}, nil)
	b, errB := NewPolicies(false, []string{other, viewOnly, other}, nil)
	if errA != nil || errB != nil || a.Key() != b.Key() {
		t.Errorf("the order of policies: got %q and %q, want the same key", a.Key(), b.Key())
	}
	got := DescribePolicies(Policies{ARNs: []string{viewOnly}, Document: "{}"}.Key())
	if want := "ViewOnlyAccess, inline policy"; got != want {
		t.Errorf("description: got %q, want %q", got, want)
	}
}

// The policies are part of the request. Policies of another account or partition are
// refused before it is sent.
func TestAssumeNarrowed(t *testing.T) {
	for name, c := range map[string]struct {
		policies Policies
		want     string // in the form or in the error
		fails    bool
	}{
		"none":              {Policies{}, "[] []", false},
		"read-only":         {Policies{ReadOnly: true}, "[arn:aws:iam::aws:policy/ReadOnlyAccess] []", false},
		"policy and file":   {Policies{ARNs: []string{viewOnly}, Document: "{}"}, "[" + viewOnly + "] [{}]", false},
		"another account":   {Policies{ARNs: []string{"arn:aws:iam::444455556666:policy/x"}}, "in another account than the role (111122223333)", true},
		"another partition": {Policies{ARNs: []string{"arn:aws-cn:iam::aws:policy/x"}}, "in the partition aws-cn", true},
	} {
		t.Run(name, func(t *testing.T) {
			d := serve(t, func(w http.ResponseWriter, _ int, _ url.Values) { grant(w, session) })
			_, err := clientOf(d, Options{Policies: c.policies}).Assume(t.Context(), assertion, role, 0, nil)
			if c.fails {
				if err == nil || !strings.Contains(err.Error(), c.want) || len(d.forms) > 0 {
					t.Errorf("got %v after %d requests, want %q", err, len(d.forms), c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(d.forms[0]["PolicyArns.member.1.arn"], d.forms[0]["Policy"]); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// Refusals of session policies are explained in terms of the user's input.
func TestPoliciesRefused(t *testing.T) {
	for code, message := range map[string]string{
		"PackedPolicyTooLarge": "Packed policy consumes 120% of allotted space", "MalformedPolicyDocument": "Syntax errors",
		"ValidationError": "The managed policy does not exist",
	} {
		t.Run(code, func(t *testing.T) {
			d := serve(t, func(w http.ResponseWriter, _ int, _ url.Values) { refuse(w, 400, code, message) })
			_, err := clientOf(d, Options{Policies: Policies{ReadOnly: true}}).Assume(t.Context(), assertion, role, 0, nil)
			if err == nil || !strings.Contains(err.Error(), "session polic") {
				t.Errorf("got %v, want a refusal of session policies", err)
			}
		})
	}
}

// The user of an encrypted assertion is checked against the reply.
func TestSubjectOfReply(t *testing.T) {
	for subject, good := range map[string]bool{"": true, "ADA@contoso.example": true, "eve@contoso.example": false} {
		t.Run(subject, func(t *testing.T) {
			d := serve(t, func(w http.ResponseWriter, _ int, _ url.Values) { grant(w, session) })
			got, err := clientOf(d, Options{Subject: subject}).Assume(t.Context(), assertion, role, 0, nil)
			if (err == nil) != good || !good && (got.AccessKeyID != "" || fault.KindOf(err) != fault.Auth) {
				t.Errorf("got %q, %v; want accepted %v", got.AccessKeyID, err, good)
			}
		})
	}
}
