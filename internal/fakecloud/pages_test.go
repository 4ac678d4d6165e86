package fakecloud

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// TestPagesAreNearlyEmpty checks that pages have the form of Microsoft's HTML: settings
// in a script, and no visible content.
func TestPagesAreNearlyEmpty(t *testing.T) {
	c, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	c.page(w, nil, "ConvergedSignIn", fields{"sErrorCode": "50058"})
	body := w.Body.String()
	for _, want := range []string{"//<![CDATA[\n$Config={", "//]]>", `"pgid":"ConvergedSignIn"`, `name="PageID" content="ConvergedSignIn"`, `style="display: none"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q:\n%s", want, body)
		}
	}
}
