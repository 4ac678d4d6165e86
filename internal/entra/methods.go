package entra

import (
	"fmt"
	"slices"
	"strings"
)

// Method is an MFA method.
type Method struct {
	ID   string // authMethodId
	Name string // short name for o365aws_mfa; several methods may share one
	Text string // shown to the user
	Push bool   // approved on a phone
	// Rings reports whether starting the method notifies a phone.
	Rings bool
	// Window reports whether the method requires a browser window.
	Window bool
}

// Methods lists the MFA methods of Entra.
var Methods = []Method{
	{
		ID: "PhoneAppNotification", Name: "push", Text: "approve a request in the Authenticator app",
		Push: true, Rings: true,
	},
	{
		ID: "CompanionAppsNotification", Name: "outlook", Text: "approve a request in Outlook mobile",
		Push: true, Rings: true,
	},
	{ID: totpMethod, Name: "totp", Text: "a code from the Authenticator app"},
	{ID: "OneWaySMS", Name: "sms", Text: "a text message", Rings: true},
	{ID: "ConsolidatedTelephony", Name: "sms", Text: "a text message", Rings: true},
	{ID: "TwoWaySMS", Name: "sms", Text: "a text message", Rings: true},
	{ID: "TwoWayVoiceMobile", Name: "call", Text: "a phone call", Rings: true},
	{ID: "TwoWayVoiceAlternateMobile", Name: "call", Text: "a phone call to the other phone", Rings: true},
	{ID: "TwoWayVoiceOffice", Name: "call", Text: "a call to the office phone", Rings: true},
	{ID: "AccessPass", Name: "pass", Text: "a Temporary Access Pass"},
	{ID: "FidoKey", Name: "passkey", Text: "a passkey or security key", Window: true},
	{ID: "Certificate", Name: "certificate", Text: "a certificate", Window: true},
}

const totpMethod = "PhoneAppOTP"

func methodOf(id string) Method {
	for _, m := range Methods {
		if strings.EqualFold(m.ID, id) {
			return m
		}
	}
	return Method{ID: id, Text: fmt.Sprintf("%q", id)}
}

func isPushMethod(id string) bool { return methodOf(id).Push }

// fits reports whether a preference selects a method: by its ID or short name and, after
// a colon, by the last digits that distinguish phones, e.g. sms:42.
func fits(preference, id, label string) bool {
	kind, tail, _ := strings.Cut(preference, ":")
	if preference == "" || !strings.EqualFold(kind, id) && !strings.EqualFold(kind, methodOf(id).Name) {
		return false
	}
	return tail == "" || strings.HasSuffix(lastDigits(label), tail)
}

// lastDigits returns the trailing digits of a label such as +XX XXXXXXXX42.
func lastDigits(label string) string {
	label = strings.TrimFunc(
		label, func(c rune) bool { return c == ' ' || c == '\u200e' || c == '\u200f' || c == '\u202c' },
	)
	at := strings.LastIndexFunc(label, func(c rune) bool { return c < '0' || c > '9' })
	return label[at+1:]
}

// named returns choices with display text and a value for o365aws_mfa: the last digits
// distinguish two phones of the same kind.
func named(choices []Choice) []Choice {
	list := slices.Clone(choices)
	for i, c := range list {
		twins := 0
		for _, other := range choices {
			if other.Value == c.Value {
				twins++
			}
		}
		m := methodOf(c.Value)
		if c.Label == "" {
			list[i].Label = m.Text
		}
		if m.Window {
			list[i].Label += " (needs a browser window)"
		}
		if digits := lastDigits(c.Label); twins > 1 && digits != "" {
			list[i].Value += ":" + digits
		}
	}
	return list
}
