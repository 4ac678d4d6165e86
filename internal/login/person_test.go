package login

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
)

// answering is a person who says yes or no, or cannot be asked.
type answering struct {
	nobody
	yes bool
	err error
}

func (a answering) Confirm(context.Context, string) (bool, error) { return a.yes, a.err }

// Who was signed in is who the profile is for, by either name and whatever the
// case, or a person says that somebody else will do.
func TestSomebodyElse(t *testing.T) {
	gone := errors.New("the terminal went away")
	for name, c := range map[string]struct {
		user     string
		response saml.Response
		ask      answering
		want     string // "" is taken
	}{
		"nobody in the profile":  {"", saml.Response{Subject: "eve@contoso.example"}, answering{}, ""},
		"by the subject":         {"ada@contoso.example", saml.Response{Subject: "Ada@Contoso.example", SessionName: "x"}, answering{}, ""},
		"by the session's name":  {"ada@contoso.example", saml.Response{Subject: "x", SessionName: "ADA@contoso.example"}, answering{}, ""},
		"somebody else":          {"ada@contoso.example", saml.Response{Subject: "x", SessionName: "eve@contoso.example"}, answering{}, "signed in eve@contoso.example"},
		"a longer name":          {"ada@contoso.example", saml.Response{Subject: "xada@contoso.example"}, answering{}, "signed in xada@contoso.example"},
		"somebody else, and yes": {"ada@contoso.example", saml.Response{Subject: "eve@contoso.example"}, answering{yes: true}, ""},
		"nobody to ask":          {"ada@contoso.example", saml.Response{Subject: "eve@contoso.example"}, answering{yes: true, err: errNobody}, "signed in eve@contoso.example"},
		"broken off":             {"ada@contoso.example", saml.Response{Subject: "eve@contoso.example"}, answering{yes: true, err: gone}, gone.Error()},
		"an odd name":            {"ada@contoso.example", saml.Response{SessionName: "a\u202eb"}, answering{}, "signed in a<U+202E>b"},
	} {
		err := Deps{Ask: c.ask}.checkPerson(t.Context(), awsconfig.Profile{Username: c.user}, c.response)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) ||
			err != nil && name != "broken off" && fault.KindOf(err) != fault.Auth {
			t.Errorf("%s: %v", name, err)
		}
		if ours := (Deps{}).ours(wanted{Request: Request{Profile: awsconfig.Profile{Username: c.user}}}, c.response); ours != (c.want == "" && !c.ask.yes) {
			t.Errorf("%s: a session kept under the profile's name: %v", name, ours)
		}
	}
}
