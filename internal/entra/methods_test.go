package entra

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// A preference is a method ID or a short name, and may select one of two phones.
func TestFits(t *testing.T) {
	for _, c := range []struct {
		preference, id, label string
		want                  bool
	}{
		{"push", "PhoneAppNotification", "", true},
		{"phoneappnotification", "PhoneAppNotification", "", true},
		{"push", "CompanionAppsNotification", "", false},
		{"sms", "OneWaySMS", "+XX XXXXXXXX42", true},
		{"sms", "ConsolidatedTelephony", "+XX XXXXXXXX42", true},
		{"sms:42", "OneWaySMS", "+XX XXXXXXXX42\u200e", true},
		{"OneWaySMS:2", "OneWaySMS", "+XX XXXXXXXX42", true},
		{"sms:77", "OneWaySMS", "+XX XXXXXXXX42", false},
		{"sms:4", "OneWaySMS", "+XX XXXXXXXX42", false},
		{"call", "TwoWayVoiceOffice", "", true},
		{"NewMethod", "NewMethod", "", true},
		{"", "PhoneAppOTP", "", false},
		{"", "NewMethod", "", false},
		{"sms:42", "OneWaySMS", "+XX XXXXXXXX42 \u200f\u202c", true},
		{"sms:42", "OneWaySMS", "", false},
	} {
		if got := fits(c.preference, c.id, c.label); got != c.want {
			t.Errorf("fits(%q, %q, %q) = %v", c.preference, c.id, c.label, got)
		}
	}
}

// TestMethods checks the names of the methods, and which of them notify a phone:
// a non-interactive sign-in must not start those.
func TestMethods(t *testing.T) {
	const want = `PhoneAppNotification push: approve rings
CompanionAppsNotification outlook: approve rings
PhoneAppOTP totp:
OneWaySMS sms: rings
ConsolidatedTelephony sms: rings
TwoWaySMS sms: rings
TwoWayVoiceMobile call: rings
TwoWayVoiceAlternateMobile call: rings
TwoWayVoiceOffice call: rings
AccessPass pass:
FidoKey passkey: window
Certificate certificate: window
`
	got := ""
	for _, m := range Methods {
		got += m.ID + " " + m.Name + ":"
		for _, does := range []struct {
			so   bool
			text string
		}{{m.Push, " approve"}, {m.Rings, " rings"}, {m.Window, " window"}} {
			if does.so {
				got += does.text
			}
		}
		got += "\n"
	}
	if got != want {
		t.Errorf("they are\n%s", got)
	}
}

// The response that starts a request contains the number, regardless of the element's
// name. Other responses do not start a request.
func TestReadBegun(t *testing.T) {
	for body, want := range map[string]Begun{
		`{"Success":true,"ResultValue":"Success","AuthMethodId":"PhoneAppNotification","Entropy":7}`:                           {Method: "PhoneAppNotification", Number: "7"},
		`{"Success":true,"AuthMethodId":"PhoneAppNotification","Entropy":0}`:                                                   {Method: "PhoneAppNotification"},
		`{"Success":true,"AuthMethodId":"OneWaySMS","Entropy":null}`:                                                           {Method: "OneWaySMS"},
		`{"Success":false,"ResultValue":"ProofDataNotFound","AuthMethodId":"OneWaySMS"}`:                                       {Method: "OneWaySMS", Result: "ProofDataNotFound"},
		`{"Credentials":{"PrefCredential":2,"RemoteNgcParams":{"SessionIdentifier":"x","Entropy":42}}}`:                        {Method: phoneSignIn, Number: "42"},
		`{"State":201,"RemoteNgcParams":{"SessionIdentifier":"x","Entropy":42}}`:                                               {Method: phoneSignIn, Number: "42"},
		`{"Credentials":{"PrefCredential":2,"RemoteNgcParams":{"SessionIdentifier":null,"DefaultType":1}},"IfExistsResult":0}`: {},
		`{"Credentials":{"PrefCredential":1}}`:                                                                                 {}, `[]`: {}, `<html>`: {}, ``: {},
		`{"Success":true,"AuthMethodId":"PhoneAppNotification","Entropy":-99999}`: {Method: "PhoneAppNotification"},
		`{"error":{"code":"6001","message":"The canary has expired."}}`:           {Result: "6001"},
		`{"error":{"code":1000},"apiCanary":"x"}`:                                 {Result: "1000"},
	} {
		if got, ok := ReadBegun([]byte(body)); got != want ||
			ok != (want != Begun{} || strings.Contains(body, "IfExistsResult")) {
			t.Errorf("%s: %+v, %v", body, got, ok)
		}
	}
}

// If the page shows no number, the one in the response is shown once.
func TestNumberFromResponse(t *testing.T) {
	page := Snapshot{
		PageID: pageTFA, View: "6", IDs: []string{"renamed"},
		Begun: Begun{Method: "PhoneAppNotification", Number: "7"},
	}
	who := &fakeUser{}
	if _, err := drive(t, newScript(page), who, nil); fault.KindOf(err) != fault.Auth ||
		!slices.Equal(who.shown, []string{"07"}) {
		t.Errorf("shown %q, %v", who.shown, err)
	}
	page.IDs, page.Number = []string{"idDiv_SAOTCAS_Title"}, "see your phone"
	who = &fakeUser{}
	if _, err := drive(t, newScript(page), who, nil); err == nil || !slices.Equal(who.shown, []string{"07"}) {
		t.Errorf("what is no number was shown: %q, %v", who.shown, err)
	}
}

// A non-interactive sign-in ends immediately on a page that waits for a phone.
func TestNonInteractiveNotifiesNoPhone(t *testing.T) {
	for _, name := range []string{"mfa-push", "mfa-call"} {
		who := &fakeUser{away: true}
		_, err := drive(t, newScript(saved[name]), who, nil)
		if fault.KindOf(err) != fault.NeedsInput || len(who.shown) > 0 {
			t.Errorf("%s: %v, shown %q", name, err, who.shown)
		}
	}
	p := newScript(saved["confirm-send"], saved["password"], saved["keep-signed-in"])
	who := &fakeUser{away: true, passwords: []string{"x"}}
	if got, err := drive(t, p, who, nil); err != nil || got != "assertion" ||
		p.clicked[0] != "#idA_PWD_SwitchToPassword" {
		t.Errorf("clicked %q, %v", p.clicked, err)
	}
}

// In a non-interactive sign-in with a TOTP secret, codes are preferred to the method of
// the profile. If the account has no such method, the message does not blame the profile.
func TestMethodNotOffered(t *testing.T) {
	push := saved["mfa-push"]
	push.Proofs, push.Begun = []Proof{
		{"PhoneAppNotification", "", true},
	}, Begun{
		Method: "PhoneAppNotification", Number: "7",
	}
	who := &fakeUser{away: true}
	_, err := drive(
		t, newScript(push), who, func(d *Driver) { d.Method, d.TOTPSecret = "push", secret.New("JBSWY3DPEHPK3PXP") },
	)
	if fault.KindOf(err) != fault.NeedsInput || len(who.shown) > 0 {
		t.Errorf("%v, told %q", err, who.shown)
	}
	there := &fakeUser{}
	if _, err := drive(t, newScript(push), there, func(d *Driver) { d.Method = "sms" }); err == nil ||
		len(there.shown) == 0 ||
		!strings.Contains(there.shown[0], "o365aws_mfa = sms is not") {
		t.Errorf("%v, told %q", err, there.shown)
	}
}

// If the page starts another method, the preferred one is selected from the list. A TOTP
// secret is also a preference.
func TestPreferredMethod(t *testing.T) {
	proofs := []Proof{{"PhoneAppNotification", "", true}, {totpMethod, "", false}}
	push := saved["mfa-push"]
	push.Proofs, push.Begun = proofs, Begun{Method: "PhoneAppNotification", Number: "7"}
	list := saved["mfa-choose"]
	list.Proofs = proofs
	for _, p := range proofs {
		list.Choices = append(
			list.Choices, Choice{Kind: "method", Value: p.Method, Select: "[data-value=" + p.Method + "]"},
		)
	}
	code := saved["mfa-code"]
	code.Proofs, code.Begun = proofs, Begun{Method: totpMethod}
	p := newScript(push, list, code, saved["keep-signed-in"])
	who := &fakeUser{}
	got, err := drive(t, p, who, func(d *Driver) { d.TOTPSecret = secret.New("JBSWY3DPEHPK3PXP") })
	if err != nil || got != "assertion" || len(who.shown) > 0 {
		t.Fatalf("%v, shown %q", err, who.shown)
	}
	want := []string{"#" + anotherWayID, "[data-value=" + totpMethod + "]", "#idSubmit_SAOTCC_Continue", "#idBtn_Back"}
	if !slices.Equal(p.clicked, want) {
		t.Errorf("clicked %q", p.clicked)
	}
}

// refusing is a page that rejects the codes of one time window.
type refusing struct {
	*script
	codes []string
}

func (p *refusing) Click(ctx context.Context, selector string, nth int) (bool, error) {
	p.codes = append(p.codes, p.typed[len(p.typed)-1])
	if len(p.codes) == 1 {
		p.pages[0].IDs = append(p.pages[0].IDs, "idSpan_SAOTCC_Error_OTC")
		p.pages[0].Answers++
		p.pages[0].Requests++
		return true, nil
	}
	return p.script.Click(ctx, selector, nth)
}

// A used code is not sent again: the driver waits for the next time window, however long
// the page remains.
func TestUsedCodeWaitsForTheNextWindow(t *testing.T) {
	p := &refusing{script: newScript(saved["mfa-code"])}
	who := &fakeUser{}
	cloud, _ := CloudByName("global")
	clock := time.Unix(1_700_000_010, 0) // 20 s before the end of the time window
	d := Driver{
		Cloud: cloud, Username: "ada@contoso.example", Ask: who, Log: slog.New(slog.DiscardHandler), TOTPSecret: secret.New("JBSWY3DPEHPK3PXP"),
		Now: func() time.Time { clock = clock.Add(900 * time.Millisecond); return clock },
	}
	got, err := d.Run(t.Context(), p, "https://login.microsoftonline.com/x/saml2")
	if err != nil || got.Reveal() != "assertion" {
		t.Fatal(err)
	}
	if len(p.codes) != 2 || p.codes[0] == p.codes[1] {
		t.Errorf("codes %q", p.codes)
	}
	if !slices.ContainsFunc(who.shown, func(s string) bool { return strings.Contains(s, "waiting for the next") }) {
		t.Errorf("told %q", who.shown)
	}
}
