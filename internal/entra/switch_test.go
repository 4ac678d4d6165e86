package entra

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/progress"
)

// waitingPages returns the page of a push request and the list of methods of its account.
func waitingPages() (push, list Snapshot) {
	push, list = saved["mfa-push"], saved["mfa-choose"]
	push.Begun = Begun{Method: "PhoneAppNotification", Number: "7"}
	proofs := []Proof{{"PhoneAppNotification", "", true}, {totpMethod, "", false}, {"OneWaySMS", "+XX 42", false}}
	for _, p := range proofs {
		push.Proofs = append(push.Proofs, p)
		list.Choices = append(list.Choices, Choice{Kind: "method", Value: p.Method, Label: p.Label, Select: p.Method})
	}
	return push, list
}

// A key switches from a push to another method. It is offered only if there is another
// method.
func TestSwitchKey(t *testing.T) {
	push, list := waitingPages()
	code := saved["mfa-code"]
	code.Begun = Begun{Method: "OneWaySMS"}
	alone := push
	alone.Proofs = push.Proofs[:1]
	for _, c := range []struct {
		name    string
		pages   []Snapshot
		user    fakeUser
		clicked []string
	}{
		{
			"another method",
			[]Snapshot{push, list, code, saved["keep-signed-in"]},
			fakeUser{impatient: true, codes: []string{"1"}, picks: []int{2}},
			[]string{"#" + anotherWayID, "OneWaySMS", submitCode, "#idBtn_Back"},
		},
		{"no key pressed", []Snapshot{push}, fakeUser{}, nil},
		{"no other method", []Snapshot{alone}, fakeUser{impatient: true}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newScript(c.pages...)
			_, err := drive(t, p, &c.user, nil)
			if (err == nil) != (len(c.clicked) > 0) || !slices.Equal(p.clicked, c.clicked) || c.user.watching != 0 {
				t.Errorf(
					"got clicks %q, %d watches left, error %v, want %q",
					p.clicked,
					c.user.watching,
					err,
					c.clicked,
				)
			}
		})
	}
}

// lastStep is a progress.Reporter that stores the last step.
type lastStep struct{ text string }

func (l *lastStep) Step(text string) func() { l.text = text; return func() {} }

// The progress line shows the key while there is another method.
func TestSwitchKeyIsShown(t *testing.T) {
	for _, c := range []struct {
		name    string
		pressed chan struct{}
		want    string
	}{
		{"another method", make(chan struct{}), "Waiting for your approval · m: another method · Ctrl-C: stop"},
		{"no other method", nil, "Waiting for your approval · Ctrl-C: stop"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var shown steps
			var got lastStep
			s := &signIn{key: keyWatch{pressed: c.pressed}}
			s.visits.current.State = "mfa-push"
			if shown.show(progress.With(t.Context(), &got), s); got.text != c.want {
				t.Errorf("got %q, want %q", got.text, c.want)
			}
		})
	}
}

// After a denied request, a single prompt offers a new request, each other method, and
// cancellation.
func TestOnePromptAfterDenial(t *testing.T) {
	push, list := waitingPages()
	denied, code := saved["mfa-denied"], saved["mfa-code"]
	denied.IDs = append(slices.Clone(denied.IDs), "idA_SAASDS_Resend", anotherWayID)
	denied.Proofs, denied.Begun, code.Begun = push.Proofs, push.Begun, Begun{Method: "OneWaySMS"}
	last := saved["keep-signed-in"]
	for _, c := range []struct {
		name    string
		pages   []Snapshot
		pick    int
		clicked []string
	}{
		{"again", []Snapshot{denied, last}, 0, []string{"#idA_SAASDS_Resend", "#idBtn_Back"}},
		{
			"text message",
			[]Snapshot{denied, list, code, last},
			2,
			[]string{"#" + anotherWayID, "OneWaySMS", submitCode, "#idBtn_Back"},
		},
		{"stop", []Snapshot{denied}, 3, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newScript(c.pages...)
			who := &fakeUser{picks: []int{c.pick}, codes: []string{"1"}}
			_, err := drive(t, p, who, nil)
			refused := fault.KindOf(err) == fault.Auth
			if refused != (c.clicked == nil) || !slices.Equal(p.clicked, c.clicked) || len(who.picks) > 0 {
				t.Errorf("got clicks %q, error %v, want %q", p.clicked, err, c.clicked)
			}
			want := "send another request|use a code from the Authenticator app|use a text message (…42)|stop"
			if got := strings.Join(who.offered, "|"); got != want {
				t.Errorf("offered %q, want %q", got, want)
			}
		})
	}
}

// On a page that waits for the phone, "Don't ask again" is selected once.
func TestRememberWhileWaiting(t *testing.T) {
	push, _ := waitingPages()
	push.IDs = append(slices.Clone(push.IDs), "idChkBx_SAOTCAS_TD")
	ticked := push
	ticked.IDs = append(slices.Clone(push.IDs), "checked:idChkBx_SAOTCAS_TD")
	s := &signIn{Driver: Driver{Remember: true, Ask: &fakeUser{}}}
	for name, page := range map[string]Snapshot{"#idChkBx_SAOTCAS_TD:not(:checked)": push, "": ticked} {
		a, err := awaitPush(context.Background(), s, page)
		if err != nil || a.ticks != name || a.selector != "" {
			t.Errorf("got %+v, %v, want %q ticked", a, err, name)
		}
	}
}
