package entra

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
)

// pageConfig is what a renewal reads of $Config.
type pageConfig struct {
	PageID     string         `json:"pgid"`
	URLPost    string         `json:"urlPost"`
	URLLogin   string         `json:"urlLogin"`
	URLSkip    string         `json:"urlSkipMfaRegistration"`
	SkipDays   int            `json:"iRemainingDaysToSkipMfaRegistration"`
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

var aadstsCode = regexp.MustCompile(`AADSTS([0-9]{3,9})`)

// code is the number of the page's error, "" when there is none. 50058 says
// that there is no session, and is not an error of its own.
func (c pageConfig) code() string {
	if m := aadstsCode.FindStringSubmatch(c.Exception); m != nil {
		return m[1]
	}
	for _, code := range []string{c.ErrorCode.text, c.ErrorInt.text} {
		if code != "" && code != "0" {
			return code
		}
	}
	return ""
}

// form is what the page's script would post, and more fields.
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

// posted are the fields that a session pull echoes; nil is a GET.
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

// hiddenForm finds the form called hiddenform, or else the only form of the
// page if it holds nothing that a person could fill in.
func hiddenForm(body string) (pageForm, bool) {
	var forms []pageForm
	var open bool  // inside a form
	var named int  // 1 + index of hiddenform
	var shown bool // the page has something to fill in
	for rest := body; ; {
		name, attributes, after, ok := nextTag(rest)
		if !ok {
			break
		}
		rest = after
		switch name {
		case "form":
			forms, open = append(forms, pageForm{attributes["action"], url.Values{}}), true
			if attributes["name"] == "hiddenform" {
				named = len(forms)
			}
		case "/form":
			open = false
		case "input":
			switch kind := strings.ToLower(attributes["type"]); {
			case kind == "hidden" && open && attributes["name"] != "":
				forms[len(forms)-1].values.Add(attributes["name"], attributes["value"])
			case kind != "hidden" && kind != "submit":
				shown = true
			}
		}
	}
	switch {
	case named > 0:
		return forms[named-1], forms[named-1].action != ""
	case len(forms) == 1 && !shown:
		return forms[0], forms[0].action != ""
	}
	return pageForm{}, false
}

// nextTag returns the next tag of an HTML text: its name in lower case, with
// a slash in front when it closes, its attributes, and the text after it.
// Comments and scripts are passed over.
func nextTag(s string) (name string, attributes map[string]string, rest string, ok bool) {
	for {
		at := strings.IndexByte(s, '<')
		if at < 0 {
			return "", nil, "", false
		}
		s = s[at+1:]
		if comment, found := strings.CutPrefix(s, "!--"); found {
			if _, s, found = strings.Cut(comment, "-->"); !found {
				return "", nil, "", false
			}
			continue
		}
		end := strings.IndexFunc(
			s, func(c rune) bool { return c == '>' || c == ' ' || c == '\t' || c == '\n' || c == '\r' },
		)
		if end <= 0 {
			continue
		}
		name = strings.ToLower(s[:end])
		attributes, s = readAttributes(s[end:])
		if name == "script" || name == "style" {
			s = s[closing(s, name):]
			continue
		}
		return name, attributes, s, true
	}
}

// closing returns where the closing tag of an element begins, or the end. (A
// text in lower case may be longer than it was.)
func closing(s, name string) int {
	for at := 0; ; at += 2 {
		next := strings.Index(s[at:], "</")
		if next < 0 {
			return len(s)
		}
		at += next
		if rest := s[at+2:]; len(rest) >= len(name) && strings.EqualFold(rest[:len(name)], name) {
			return at
		}
	}
}

// readAttributes reads up to the end of a tag.
func readAttributes(s string) (map[string]string, string) {
	attributes := map[string]string{}
	for {
		s = strings.TrimLeft(s, " \t\r\n/")
		if s == "" {
			return attributes, ""
		}
		if s[0] == '>' {
			return attributes, s[1:]
		}
		end := strings.IndexAny(s, "=> \t\r\n/")
		if end < 0 {
			return attributes, ""
		}
		if end == 0 { // a stray equals sign
			s = s[1:]
			continue
		}
		name := strings.ToLower(s[:end])
		s = strings.TrimLeft(s[end:], " \t\r\n")
		value := ""
		if strings.HasPrefix(s, "=") {
			value, s = attributeValue(strings.TrimLeft(s[1:], " \t\r\n"))
		}
		if _, twice := attributes[name]; !twice {
			attributes[name] = html.UnescapeString(value)
		}
	}
}

func attributeValue(s string) (value, rest string) {
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		value, rest, _ = strings.Cut(s[1:], s[:1])
		return value, rest
	}
	end := strings.IndexAny(s, "> \t\r\n")
	if end < 0 {
		return s, ""
	}
	return s[:end], s[end:]
}
