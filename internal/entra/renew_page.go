package entra

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"golang.org/x/net/html"
)

// pageConfig is what a renewal reads of $Config.
type pageConfig struct {
	PageID     string         `json:"pgid"`
	URLPost    string         `json:"urlPost"`
	URLLogin   string         `json:"urlLogin"`
	URLSkip    string         `json:"urlSkipMfaRegistration"`
	FlowToken  string         `json:"sFT"`
	Ctx        string         `json:"sCtx"`
	Canary     string         `json:"canary"`
	SessionID  string         `json:"sessionId"`
	ErrorCode  anyText        `json:"sErrorCode"`
	ErrorInt   anyText        `json:"iErrorCode"`
	Exception  string         `json:"strServiceExceptionMessage"`
	Trace      string         `json:"correlationId"`
	PostParams map[string]any `json:"oPostParams"`
	Sessions   []tile         `json:"arrSessions"`
}

// tile is an account that the page offers.
type tile struct {
	ID       anyText `json:"id"`
	Name     string  `json:"name"`
	UserName string  `json:"unsafe_displayName"`
	SignedIn bool    `json:"isSignedIn"`
}

func (t tile) name() string {
	if t.Name != "" {
		return t.Name
	}
	return t.UserName
}

// anyText is a text or a number; Microsoft writes ids and codes as either.
type anyText struct{ text string }

// UnmarshalJSON implements json.Unmarshaler.
func (t *anyText) UnmarshalJSON(data []byte) error {
	var v any
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.UseNumber()
	if err := decoder.Decode(&v); err != nil {
		return err
	}
	if v != nil {
		t.text = fmt.Sprint(v)
	}
	return nil
}

func (t anyText) String() string { return t.text }

var aadstsCode = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`AADSTS([0-9]{3,9})`) })

// code returns the number of the page's error, "" for none. 50058 says
// that there is no session, and is not an error of its own.
func (c pageConfig) code() string {
	if m := aadstsCode().FindStringSubmatch(c.Exception); m != nil {
		return m[1]
	}
	for _, code := range []string{c.ErrorCode.text, c.ErrorInt.text} {
		if code != "" && code != "0" {
			return code
		}
	}
	return ""
}

// form returns the fields that the page's script would post, and more.
func (c pageConfig) form(more ...string) url.Values {
	values := url.Values{
		"ctx": {
			c.Ctx,
		}, "flowToken": {c.FlowToken}, "canary": {c.Canary}, "hpgrequestid": {c.SessionID}, "i19": {"2000"},
	}
	for i := 0; i+1 < len(more); i += 2 {
		values.Set(more[i], more[i+1])
	}
	return values
}

// posted returns the fields that a session pull echoes, nil for a GET.
func (c pageConfig) posted() url.Values {
	if len(c.PostParams) == 0 {
		return nil
	}
	values := url.Values{}
	for name, value := range c.PostParams {
		if value != nil {
			values.Set(name, fmt.Sprint(value))
		}
	}
	return values
}

// readConfig reads the first JSON value after "$Config=": more script may
// follow it, and its strings may hold anything.
func readConfig(body string) (pageConfig, bool) {
	for _, mark := range []string{"$Config=", "$Config ="} {
		_, rest, found := strings.Cut(body, mark)
		if !found {
			continue
		}
		var c pageConfig
		if json.NewDecoder(strings.NewReader(rest)).Decode(&c) == nil && c.PageID != "" {
			return c, true
		}
	}
	return pageConfig{}, false
}

// pageForm is a form that posts itself.
type pageForm struct {
	action string
	values url.Values
}

// hiddenForm returns the form called hiddenform, or else the only form of the
// page if it has nothing for a user to fill in.
func hiddenForm(body string) (pageForm, bool) {
	var forms []pageForm
	open, named, shown := false, -1, false // inside a form; index of hiddenform; something to fill in
	tokens := html.NewTokenizer(strings.NewReader(body))
	for kind := tokens.Next(); kind != html.ErrorToken; kind = tokens.Next() {
		token := tokens.Token()
		starts := kind == html.StartTagToken || kind == html.SelfClosingTagToken
		switch {
		case token.Data == "form" && starts:
			forms, open = append(forms, pageForm{attribute(token, "action"), url.Values{}}), true
			if attribute(token, "name") == "hiddenform" {
				named = len(forms) - 1
			}
		case token.Data == "form" && kind == html.EndTagToken:
			open = false
		case token.Data == "input" && starts:
			name, value := attribute(token, "name"), attribute(token, "value")
			switch strings.ToLower(attribute(token, "type")) {
			case "hidden":
				if open && name != "" {
					forms[len(forms)-1].values.Add(name, value)
				}
			case "submit":
			default:
				shown = true
			}
		}
	}
	switch {
	case named >= 0:
		return forms[named], forms[named].action != ""
	case len(forms) == 1 && !shown:
		return forms[0], forms[0].action != ""
	}
	return pageForm{}, false
}

// attribute returns the value of the first attribute called name, "" if there is none.
func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
