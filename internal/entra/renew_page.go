package entra

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/html"
)

// pageConfig holds the settings of a page ($Config) that renewals and HTTPPage read.
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

	// The following fields are used only by HTTPPage.
	APICanary       string             `json:"apiCanary"`
	Number          anyText            `json:"hpgid"`
	Action          anyText            `json:"hpgact"`
	Username        string             `json:"sPOST_Username"`
	URLLookup       string             `json:"urlGetCredentialType"`
	URLOneTimeCode  string             `json:"urlGetOneTimeCode"`
	URLSessionState string             `json:"urlSessionState"`
	URLBeginAuth    string             `json:"urlBeginAuth"`
	URLEndAuth      string             `json:"urlEndAuth"`
	RememberName    string             `json:"sTrustedDeviceCheckboxName"`
	Lookup          *lookup            `json:"oGetCredTypeResult"`
	Proofs          []proof            `json:"arrUserProofs"`
	Intervals       map[string]float64 `json:"oPerAuthPollingInterval"` // seconds
	Backoff         float64            `json:"iPollingBackoffInterval"`
}

// proof is an MFA method that the user has registered.
type proof struct {
	Method  string `json:"authMethodId"`
	Data    any    `json:"data"`
	Display string `json:"display"`
	Default bool   `json:"isDefault"`
}

// renew replaces the tokens of the page with those in a response.
func (c *pageConfig) renew(flowToken, ctx, canary string) {
	c.FlowToken, c.Ctx, c.APICanary = cmp.Or(flowToken, c.FlowToken), cmp.Or(ctx, c.Ctx), cmp.Or(canary, c.APICanary)
}

// interval returns the delay before the first poll for a method.
func (c *pageConfig) interval(method string) time.Duration {
	const usual = time.Second
	if seconds := c.Intervals[method]; seconds > 0 && seconds <= 10 {
		return time.Duration(seconds * float64(time.Second))
	}
	return usual
}

// backoff returns the factor by which poll intervals grow.
func (c *pageConfig) backoff() float64 {
	if c.Backoff >= 1 && c.Backoff <= 2 {
		return c.Backoff
	}
	return 1.04
}

// tile is an account offered by the page.
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

// anyText is a string or a number; Microsoft writes IDs and codes as either.
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

// code returns the number of the page's error, or "" for none. 50058 means that there is
// no session and does not count as an error.
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

// form returns the fields that the page's script would post, and the additional ones in
// more.
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

// Values of the form field "type", which identify the answer to a page.
// Source: client script of the sign-in pages.
const (
	typePassword     = "11"
	typeCode         = "19"
	typePhone        = "21" // passwordless phone sign-in
	typeApproval     = "22" // approval on a phone
	typeKeepSignedIn = "28"
)

// keepSignedIn returns the form that answers "Stay signed in?".
func (c pageConfig) keepSignedIn(yes bool) url.Values {
	options := "3"
	if yes {
		options = "1"
	}
	return c.form("LoginOptions", options, "type", typeKeepSignedIn, "DontShowAgain", "")
}

// confirmApp returns the form that confirms the application.
func (c pageConfig) confirmApp() url.Values {
	bump := strconv.FormatBool(c.code() == csrfSpeedbump)
	return c.form("ContinueAuth", "true", "iscsrfspeedbump", bump)
}

// posted returns the fields that a session pull repeats, or nil for a GET.
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

// readConfig parses the first JSON value after "$Config=". More script may follow it, and
// its strings may contain anything.
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

// pageForm is a form that submits itself.
type pageForm struct {
	action string
	values url.Values
}

// hiddenForm returns the form named hiddenform, or else the only form of the page if it
// has no input for a user.
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

// attribute returns the value of the first attribute with the given name, or "".
func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// formField is a form input that the user fills in.
type formField struct{ id, name string }

// signInForm is the AD FS form.
type signInForm struct {
	pageForm
	user, password formField
	problem        string
}

// federatedForm returns the form with the AD FS inputs for user name and password, or
// false if there is none.
func federatedForm(body string) (signInForm, bool) {
	form, open, problem := signInForm{}, false, false
	tokens := html.NewTokenizer(strings.NewReader(body))
	for kind := tokens.Next(); kind != html.ErrorToken; kind = tokens.Next() {
		token := tokens.Token()
		id, name := attribute(token, "id"), attribute(token, "name")
		switch {
		case kind == html.TextToken:
			if problem {
				form.problem += strings.TrimSpace(token.Data)
			}
		case kind == html.EndTagToken:
			problem = false
			open = open && token.Data != "form"
		case id == "errorText":
			problem = true
		case token.Data == "form":
			open = form.password.id == ""
			if open {
				form.pageForm = pageForm{attribute(token, "action"), url.Values{}}
			}
		case token.Data != "input" || !open:
		case id == "userNameInput" || id == "ContentPlaceHolder1_UsernameTextBox":
			form.user = formField{id, name}
		case id == "passwordInput" || id == "ContentPlaceHolder1_PasswordTextBox":
			form.password = formField{id, name}
		case strings.EqualFold(attribute(token, "type"), "hidden") && name != "":
			form.values.Set(name, attribute(token, "value"))
		}
	}
	return form, form.user.id != "" && form.password.id != ""
}
