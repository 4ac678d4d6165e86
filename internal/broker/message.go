package broker

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/termtext"
)

const (
	cookieName = "x-ms-RefreshTokenCredential"
	maxReply   = 1 << 20 // bytes
	maxValue   = 16 << 10
)

// decode decodes a reply. An error object in it is returned as an *Error.
func decode(reply string, v any) error {
	if len(reply) > maxReply {
		return &Error{Reason: Malformed, Detail: "it is too long"}
	}
	var failure struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal([]byte(reply), &failure) != nil || json.Unmarshal([]byte(reply), v) != nil {
		return &Error{Reason: Malformed, Detail: "it is not the JSON expected"} // the cause could quote it
	}
	if text := string(failure.Error); text != "" && text != "null" {
		return &Error{Reason: Refused, Detail: explain(failure.Error)}
	}
	return nil
}

// explain returns the text of an error object without anything that could be a token.
func explain(object json.RawMessage) string {
	var e struct {
		Context string          `json:"context"`
		Status  json.RawMessage `json:"status"`
		Code    json.RawMessage `json:"errorCode"`
	}
	if json.Unmarshal(object, &e) != nil {
		_ = json.Unmarshal(object, &e.Context) // an error that is a plain string
	}
	return printable(strings.TrimSpace(e.Context + labelled("status", e.Status) + labelled("code", e.Code)))
}

func labelled(name string, number json.RawMessage) string {
	if len(number) == 0 || len(number) > 20 {
		return ""
	}
	return fmt.Sprintf(" (%s %s)", name, strings.Trim(string(number), `"`))
}

// token matches text that may be a JWT.
var token = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[A-Za-z0-9_.+/=-]{60,}`) })

func printable(text string) string {
	return termtext.Printable(token().ReplaceAllString(text, "[redacted]"), 200)
}

func readAccounts(reply string) ([]Account, error) {
	var list struct {
		Accounts []json.RawMessage `json:"accounts"`
	}
	if err := decode(reply, &list); err != nil {
		return nil, err
	}
	var accounts []Account
	for _, raw := range list.Accounts {
		var a struct {
			Username string `json:"username"`
			Realm    string `json:"realm"`
		}
		if json.Unmarshal(raw, &a) != nil || a.Username == "" || termtext.Printable(a.Username, 200) != a.Username {
			continue // not a name that a user could type
		}
		accounts = append(accounts, Account{Username: a.Username, TenantID: strings.ToLower(a.Realm), raw: raw})
	}
	return accounts, nil
}

// jwt matches the only form of value that is used as a header.
var jwt = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`)

type cookie struct {
	Name    string `json:"cookieName"`
	Content string `json:"cookieContent"`
}

// readCredential returns the value of the header. Brokers up to 2.0.1 and
// Himmelblau reply with one cookie, newer ones with a list.
func readCredential(reply string) (secret.Text, error) {
	if strings.TrimSpace(reply) == "" {
		return secret.Text{}, &Error{Reason: Refused, Detail: "its reply is empty"}
	}
	var answer struct {
		cookie
		Items []cookie `json:"cookieItems"`
	}
	if err := decode(reply, &answer); err != nil {
		return secret.Text{}, err
	}
	for _, c := range append(answer.Items, answer.cookie) {
		if !strings.EqualFold(c.Name, cookieName) {
			continue
		}
		if len(c.Content) > maxValue || !jwt.MatchString(c.Content) {
			return secret.Text{}, &Error{Reason: Malformed, Detail: "its credential is not a token"}
		}
		return secret.New(c.Content), nil
	}
	return secret.Text{}, &Error{Reason: Refused, Detail: "its reply holds no credential"}
}
