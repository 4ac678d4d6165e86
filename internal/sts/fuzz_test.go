package sts

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// Accepted session policies are within AWS's limits and restrict the session. Different
// policies have different keys.
func FuzzNewPolicies(f *testing.F) {
	view := "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
	for _, seed := range []string{
		"", " ", "{}", "[]", `{"Version":"2012-10-17","Statement":[]}`, "{} {}", "\ufeff{}", `{"a":"é\ud800"}`, `"{"`,
	} {
		f.Add(false, view, []byte(seed))
		f.Add(true, "", []byte(seed))
	}
	f.Fuzz(func(t *testing.T, readOnly bool, arn string, document []byte) {
		var arns []string
		if arn != "" {
			arns = []string{arn, arn}
		}
		p, err := NewPolicies(readOnly, arns, document)
		if err != nil {
			return
		}
		if p.IsZero() != (!readOnly && arn == "" && len(document) == 0) {
			t.Errorf("IsZero() = %v of %q, %q", p.IsZero(), arn, document)
		}
		if p.Document != "" && !json.Valid([]byte(p.Document)) || utf8.RuneCountInString(p.Document) > 2048 {
			t.Errorf("document %q", p.Document)
		}
		if (p.Key() == "") != p.IsZero() || len(p.ARNs) > 1 || strings.Join(strings.Fields(p.Key()), " ") != p.Key() {
			t.Errorf("key %q of %+v", p.Key(), p)
		}
		wider, err := NewPolicies(readOnly, arns, nil)
		if err == nil && p.Document != "" && wider.Key() == p.Key() {
			t.Errorf("key %q with and without %q", p.Key(), p.Document)
		}
		if described := DescribePolicies(p.Key()); (described == "") != p.IsZero() && !strings.HasSuffix(arn, "/") {
			t.Errorf("DescribePolicies(%q) = %q", p.Key(), described)
		}
	})
}
