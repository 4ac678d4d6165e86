package brokertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// service has the exported methods.
type service struct{ b *Broker }

// numbers replies with the wrong type.
type numbers struct{}

// Accounts implements getAccounts.
func (*numbers) Accounts(_, _, _ string) (int32, *dbus.Error) { return 1, nil }

// Cookie implements acquirePrtSsoCookie.
func (*numbers) Cookie(_, _, _ string) (int32, *dbus.Error) { return 1, nil }

// Version implements getLinuxBrokerVersion.
func (*numbers) Version(_, _, _ string) (int32, *dbus.Error) { return 1, nil }

var lowerUUID = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// accept checks the parts that all calls share.
func (s *service) accept(sender dbus.Sender, method, protocol, id, request string, into any) *dbus.Error {
	b := s.b
	b.mu.Lock()
	b.calls = append(b.calls, method)
	b.mu.Unlock()
	switch {
	case b.options.Mode == Starting && time.Since(b.began) < 300*time.Millisecond:
		return dbus.NewError("org.freedesktop.DBus.Error.UnknownObject", []any{"no such object"})
	case b.options.Mode == HangsAtOnce || b.options.Mode == Hangs && method == "acquirePrtSsoCookie":
		<-b.closed
		return dbus.NewError("org.freedesktop.DBus.Error.NoReply", nil)
	case protocol != "0.0":
		return b.note("%s: protocol version %q", method, protocol)
	case !lowerUUID.MatchString(id):
		return b.note("%s: the correlation ID is no UUID", method)
	}
	var uid uint32
	if err := b.conn.BusObject().Call("org.freedesktop.DBus.GetConnectionUnixUser", 0, string(sender)).
		Store(&uid); err != nil || int(uid) != os.Geteuid() {
		return b.note("%s: the caller is user %d: %v", method, uid, err)
	}
	decoder := json.NewDecoder(strings.NewReader(request))
	if !b.options.Lenient {
		decoder.DisallowUnknownFields()
	}
	if err := decoder.Decode(into); err != nil {
		return b.note("%s: the request is malformed: %v", method, err)
	}
	return nil
}

// Accounts implements getAccounts.
func (s *service) Accounts(sender dbus.Sender, protocol, id, request string) (string, *dbus.Error) {
	var in struct {
		ClientID    string `json:"clientId"`
		RedirectURI string `json:"redirectUri"`
	}
	if err := s.accept(sender, "getAccounts", protocol, id, request, &in); err != nil {
		return "", err
	}
	if !lowerUUIDShape(in.ClientID) || in.RedirectURI == "" {
		return "", s.b.note("getAccounts: no client ID or redirect URI")
	}
	switch s.b.options.Mode {
	case RefusesAll:
		return failure, nil
	case NotJSON:
		return "Internal Server Error", nil
	}
	var list []string
	for _, name := range s.b.options.Accounts {
		list = append(list, s.b.account(name))
	}
	if s.b.options.Mode == OddAccount {
		odd := []string{`{"username":"\u001b[31mroot@contoso.example","realm":"x"}`, `{"realm":"x"}`, `17`}
		list = append(odd, list...)
	}
	return `{"accounts":[` + strings.Join(list, ",") + `]}`, nil
}

func lowerUUIDShape(s string) bool {
	return len(s) == 36 && strings.Count(s, "-") == 4 && strings.ToLower(s) == s
}

const failure = `{"error":{"context":"No PRT is available for the account","errorCode":-895573754,` +
	`"status":4,"subStatus":6001,"tag":508170375}}`

type cookieRequest struct {
	Account json.RawMessage `json:"account"`
	SSOURL  string          `json:"ssoUrl"`
	MAM     *bool           `json:"mamEnrollment"`
	Auth    *struct {
		Account     json.RawMessage `json:"account"`
		Username    string          `json:"username"`
		Authority   string          `json:"authority"`
		Type        int             `json:"authorizationType"`
		ClientID    string          `json:"clientId"`
		RedirectURI string          `json:"redirectUri"`
		Scopes      []string        `json:"requestedScopes"`
		Query       map[string]any  `json:"additionalQueryParametersForAuthorization"`
		UX          *int            `json:"uxContextHandle"`
		SSOURL      string          `json:"ssoUrl"`
	} `json:"authParameters"`
}

// Cookie implements acquirePrtSsoCookie.
func (s *service) Cookie(sender dbus.Sender, protocol, id, request string) (string, *dbus.Error) {
	const method = "acquirePrtSsoCookie"
	b := s.b
	var in cookieRequest
	if err := s.accept(sender, method, protocol, id, request, &in); err != nil {
		return "", err
	}
	name, problem := b.check(in)
	if problem != "" {
		return "", b.note("%s: %s", method, problem)
	}
	switch b.options.Mode {
	case Refuses, QuotesToken:
		switch {
		case b.options.Form == Himmelblau:
			return "", nil
		case b.options.Mode == QuotesToken:
			quoting := "token " + b.issue(name, in.SSOURL) + " expired"
			return marshal(map[string]any{"error": map[string]any{"context": quoting}}), nil
		}
		return failure, nil
	case Fails:
		return "", dbus.NewError("com.microsoft.identity.Error.Internal", []any{"the keystore is locked"})
	case Dies:
		go b.Stop()
		<-b.closed
		return "", nil
	}
	return b.reply(name, in.SSOURL), nil
}

// check returns the account of a request, or the problem with it.
func (b *Broker) check(in cookieRequest) (name, problem string) {
	if in.Auth == nil {
		if b.options.Form == Current {
			return "", "no authParameters"
		}
		return b.owner(in.Account), b.checkURL(in.SSOURL)
	}
	name = b.owner(in.Account)
	switch {
	case name == "" || b.owner(in.Auth.Account) != name:
		return "", "the account is not one that was returned"
	case !strings.EqualFold(in.Auth.Username, name):
		return "", "the user name is of another account"
	case in.Auth.Type != 8:
		return "", fmt.Sprintf("authorizationType %d", in.Auth.Type)
	case in.Auth.SSOURL != "" && in.Auth.SSOURL != in.SSOURL:
		return "", "two addresses"
	case !lowerUUIDShape(in.Auth.ClientID) || in.Auth.RedirectURI == "" || len(in.Auth.Scopes) == 0:
		return "", "no client ID, redirect URI or scopes"
	case in.Auth.Authority != "https://login.microsoftonline.com/common" && !b.options.Lenient:
		return "", "another authority"
	}
	return name, b.checkURL(in.SSOURL)
}

func (b *Broker) checkURL(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host != "login.microsoftonline.com" || u.User != nil {
		return "the address is not of the login host"
	}
	return ""
}

// owner returns the name of the account in an object.
func (b *Broker) owner(object json.RawMessage) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	for name, given := range b.given {
		if bytes.Equal(object, []byte(given)) {
			return name
		}
		var a struct{ Username string }
		if b.options.Lenient && json.Unmarshal(object, &a) == nil && a.Username == name {
			return name
		}
	}
	return ""
}

func (b *Broker) issue(name, address string) string {
	value := "eyJhbGciOiJIUzI1NiJ9." + strings.Repeat("bm90IGEgcmVhbCBvbmU", 8) + ".c2lnbmF0dXJl"
	if b.options.Mode == StaleNonce {
		address, _, _ = strings.Cut(address, "?")
	}
	if b.options.Issue != nil {
		value = b.options.Issue(name, address)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.issued = append(b.issued, value)
	return value
}

type cookieItem struct {
	Name    string `json:"cookieName"`
	Content string `json:"cookieContent"`
}

// reply returns a reply in the form of the broker.
func (b *Broker) reply(name, address string) string {
	item := cookieItem{cookie, b.issue(name, address)}
	items := []cookieItem{item}
	other := cookieItem{"x-ms-DeviceCredential", "eyJhbGciOiJSUzI1NiJ9.e30.ZGV2aWNl"}
	switch b.options.Mode {
	case OtherFirst:
		items = []cookieItem{other, item}
	case OtherOnly:
		item, items = other, []cookieItem{other}
	case Empty:
		item, items = cookieItem{}, []cookieItem{}
	case Oversized:
		return `{"padding":"` + strings.Repeat("x", 2<<20) + `","cookieItems":` + marshal(items) + `}`
	case LongValue:
		item.Content = "eyJh." + strings.Repeat("x", 17<<10) + ".x"
		items = []cookieItem{item}
	case Injects:
		item.Content += "\r\nX-Injected: yes"
		items = []cookieItem{item}
	}
	if b.options.Form == Current {
		return marshal(map[string]any{"cookieItems": items, "telemetry": map[string]any{}})
	}
	return `{"account":` + b.account(name) + `,"telemetry":{},` + strings.TrimPrefix(marshal(item), "{")
}

// Version implements getLinuxBrokerVersion.
func (s *service) Version(sender dbus.Sender, protocol, id, request string) (string, *dbus.Error) {
	var in struct {
		Version string `json:"msalCppVersion"`
	}
	if err := s.accept(sender, "getLinuxBrokerVersion", protocol, id, request, &in); err != nil {
		return "", err
	}
	if in.Version == "" {
		return "", s.b.note("getLinuxBrokerVersion: no msalCppVersion")
	}
	version := map[Form]string{Current: "2.5.2", Legacy: "2.0.1"}[s.b.options.Form]
	return marshal(map[string]string{"linuxBrokerVersion": version}), nil
}
