package entra

import (
	"net/url"
	"strings"
	"testing"
)

// Parsing any page terminates. A form always has an address, and a page always has a
// name.
func FuzzRenewalPage(f *testing.F) {
	for _, seed := range []string{
		`<form method="POST" name="hiddenform" action="https://signin.aws.amazon.com/saml"><input type="hidden" name="SAMLResponse" value="PHNh&#43;b2" /></form>`,
		"<script>//<![CDATA[\n$Config={\"pgid\":\"KmsiInterrupt\",\"urlPost\":\"/kmsi\",\"sErrorCode\":50058};\n//]]></script>",
		"<SCRIPT>İİİİ</scr</SCRIPT><form action=x><input type=hidden name=a value='b'", "<!-- <form> --><form action==x / = name", "<",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if form, ok := hiddenForm(body); ok && form.action == "" {
			t.Error("a form without an address")
		}
		if c, ok := readConfig(body); ok && (c.PageID == "" || !strings.Contains(body, "$Config")) {
			t.Error("a page without a name")
		}
	})
}

// Forms are parsed as browsers parse them: entities, quotes, case, lookalikes.
func TestHiddenForm(t *testing.T) {
	for name, c := range map[string]struct{ body, action, value string }{
		"entities":       {`<form name="hiddenform" action="https://a/?x=1&amp;y=2"><input type="hidden" name="v" value="a&#x2B;b&quot;"></form>`, "https://a/?x=1&y=2", `a+b"`},
		"bare values":    {`<FORM NAME=hiddenform ACTION=/x><INPUT TYPE=HIDDEN NAME=v VALUE=1></FORM>`, "/x", "1"},
		"comment":        {`<!-- <form name=hiddenform action=/no> --><form name=hiddenform action=/x><input type=hidden name=v value=1></form>`, "/x", "1"},
		"script":         {`<script>"<form name=hiddenform action=/no>"</script><form name=hiddenform action=/x><input type=hidden name=v value=1></form>`, "/x", "1"},
		"comment after":  {`<form name=hiddenform action=/x><input type=hidden name=v value=1></form><!-- <form name=hiddenform action=/no> -->`, "/x", "1"},
		"script after":   {`<form name=hiddenform action=/x><input type=hidden name=v value=1></form><script>"<form name=hiddenform action=/no>"</script>`, "/x", "1"},
		"style after":    {`<form name=hiddenform action=/x><input type=hidden name=v value=1></form><STYLE>"<form name=hiddenform action=/no>"</STYLE>`, "/x", "1"},
		"after a script": {`<script>a</b</script><form name=hiddenform action=/x><input type=hidden name=v value=1></form>`, "/x", "1"},
		"in lines":       {"<form\r\n\tname = 'hiddenform'\n\taction='/x'\n><input\ttype='hidden'\nname='v' value='1'\r\n/></form\n>", "/x", "1"},
		"said twice":     {`<form name=hiddenform action=/x action=/no><input type=hidden name=v value=1 value=2></form>`, "/x", "1"},
		"odd signs":      {`<form = name=hiddenform action=/x / novalidate><input type=hidden name=v value=1 disabled></form>`, "/x", "1"},
		"the only one":   {`<form action=/x><input type=hidden name=v value=1><input type=submit></form>`, "/x", "1"},
		"to fill in":     {`<form action=/x><input type=hidden name=v value=1><input type=password name=p></form>`, "", ""},
		"of two":         {`<form action=/y><input type=hidden name=y value=2></form><form name=hiddenform action=/x><input type=hidden name=v value=1></form>`, "/x", "1"},
		"after it":       {`<input type=hidden name=y value=2><form name=hiddenform action=/x><input type=hidden name=v value=1></form><input type=hidden name=y value=2>`, "/x", "1"},
		"nameless":       {`<form name=hiddenform action=/x><input type=hidden value=2><input type=hidden name=v value=1></form>`, "/x", "1"},
		"two":            {`<form action=/x></form><form action=/y></form>`, "", ""},
		"nowhere":        {`<form name=hiddenform><input type=hidden name=v value=1></form>`, "", ""},
	} {
		form, ok := hiddenForm(c.body)
		if ok != (c.action != "") ||
			ok && (form.action != c.action || form.values.Encode() != url.Values{"v": {c.value}}.Encode()) {
			t.Errorf("%s: %+v %v", name, form, ok)
		}
	}
}

// The error of a page is the number in its exception, or else in one of two settings. It
// distinguishes expired sessions from other refusals.
func TestPageCode(t *testing.T) {
	for config, want := range map[string]string{
		`{"pgid":"x","strServiceExceptionMessage":"AADSTS700016: no","sErrorCode":"50058"}`: "700016",
		`{"pgid":"x","strServiceExceptionMessage":"no number","sErrorCode":50058}`:          "50058",
		`{"pgid":"x","sErrorCode":"0","iErrorCode":53003}`:                                  "53003",
		`{"pgid":"x","sErrorCode":"","iErrorCode":"53003"}`:                                 "53003",
		`{"pgid":"x","sErrorCode":null,"iErrorCode":0}`:                                     "",
		`{"pgid":"x"}`: "",
	} {
		for _, mark := range []string{"$Config=", "$Config = "} {
			if c, ok := readConfig("<script>" + mark + config + ";</script>"); !ok || c.code() != want {
				t.Errorf("%s: %q, %v", config, c.code(), ok)
			}
		}
	}
	if c, ok := readConfig(`$Config={"sErrorCode":"50058"};`); ok {
		t.Errorf("a page without a name: %+v", c)
	}
}
