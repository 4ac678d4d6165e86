// Package brokertest emulates the device's Microsoft identity broker on a session
// bus. It refuses every request that a real broker may refuse, and records it as a
// problem of the caller.
package brokertest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

// Names of the broker on the bus.
const (
	BusName   = "com.microsoft.identity.broker1"
	path      = "/com/microsoft/identity/broker1"
	intf      = "com.microsoft.identity.Broker1"
	cookie    = "x-ms-RefreshTokenCredential"
	tenant    = "3f2b6c1e-8d4a-4e57-9a61-0c5d7e9b1a24"
	homeCloud = "login.windows.net"
)

// Form is the kind of broker to emulate.
type Form string

// The forms of replies.
const (
	Current    Form = ""           // Microsoft's, newer than 2.0.1
	Legacy     Form = "legacy"     // Microsoft's, up to 2.0.1
	Himmelblau Form = "himmelblau" // no version, no clientInfo, an empty reply instead of an error
)

// Mode is a way to fail.
type Mode string

// The ways to fail.
const (
	Works       Mode = ""
	Starting    Mode = "starting"     // UnknownObject for 300 ms
	Hangs       Mode = "hangs"        // no reply to acquirePrtSsoCookie
	HangsAtOnce Mode = "hangs-first"  // no reply to any call
	Refuses     Mode = "refuses"      // an error object instead of a cookie
	RefusesAll  Mode = "refuses-all"  // an error object instead of accounts
	Fails       Mode = "fails"        // a D-Bus error
	Dies        Mode = "dies"         // leaves the bus when a cookie is requested
	Empty       Mode = "empty"        // no cookie in the reply
	OtherFirst  Mode = "other-first"  // another cookie comes first
	OtherOnly   Mode = "other-only"   // only another cookie
	Oversized   Mode = "oversized"    // a reply of 2 MiB
	LongValue   Mode = "long-value"   // a cookie of 17 KiB
	Injects     Mode = "injects"      // a line break in the cookie
	NotJSON     Mode = "not-json"     // plain text
	WrongType   Mode = "wrong-type"   // a number instead of a string
	OddAccount  Mode = "odd-account"  // an account name with a terminal escape sequence
	StaleNonce  Mode = "stale-nonce"  // ignores the nonce in the address
	QuotesToken Mode = "quotes-token" // an error that quotes the cookie
)

// Modes lists all ways to fail.
var Modes = []Mode{
	Starting, Hangs, HangsAtOnce, Refuses, RefusesAll, Fails, Dies, Empty, OtherFirst, OtherOnly, Oversized, LongValue,
	Injects, NotJSON, WrongType, OddAccount, StaleNonce, QuotesToken,
}

// Options configures the broker.
type Options struct {
	Form     Form
	Mode     Mode
	Accounts []string // user principal names
	// Issue returns the value for an account and an address of the sign-in,
	// which may have a nonce in its query. nil issues a value that no server accepts.
	Issue func(username, address string) string
	// Lenient accepts accounts that a client has reformatted.
	Lenient bool
}

// Broker is a broker on a bus.
type Broker struct {
	options Options
	conn    *dbus.Conn
	began   time.Time
	closed  chan struct{}
	once    sync.Once

	mu       sync.Mutex
	given    map[string]string // accounts as returned, by name
	calls    []string
	issued   []string
	problems []string
}

// Start connects to a bus and acquires the broker's name.
func Start(address string, o Options) (*Broker, error) {
	b := &Broker{options: o, began: time.Now(), closed: make(chan struct{}), given: map[string]string{}}
	conn, err := dbus.Connect(address, dbus.WithIncomingInterceptor(b.watch))
	if err != nil {
		return nil, err
	}
	b.conn = conn
	methods := map[string]string{
		"Accounts": "getAccounts", "Cookie": "acquirePrtSsoCookie", "Version": "getLinuxBrokerVersion",
	}
	if o.Form == Himmelblau {
		delete(methods, "Version")
	}
	var object any = &service{b}
	if o.Mode == WrongType {
		object = &numbers{}
	}
	if err := conn.ExportWithMap(object, methods, path, intf); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	reply, err := conn.RequestName(BusName, dbus.NameFlagDoNotQueue)
	if err == nil && reply != dbus.RequestNameReplyPrimaryOwner {
		err = errors.New("brokertest: the name is taken")
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return b, nil
}

// Stop disconnects from the bus. It may be called on a nil Broker, and twice.
func (b *Broker) Stop() {
	if b == nil {
		return
	}
	b.once.Do(func() {
		close(b.closed)
		_ = b.conn.Close() // it may be closed already
	})
}

// Calls returns the methods that were called, in order.
func (b *Broker) Calls() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.calls)
}

// Issued returns the values that were issued.
func (b *Broker) Issued() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.issued)
}

// Problems returns the requests that a real broker may refuse.
func (b *Broker) Problems() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.problems)
}

// watch records calls of interfaces that brokers since 2.0.2 do not have.
func (b *Broker) watch(m *dbus.Message) {
	name, _ := m.Headers[dbus.FieldInterface].Value().(string)
	if m.Type == dbus.TypeMethodCall && name != intf {
		b.note("a call of interface %q", name)
	}
}

func (b *Broker) note(format string, args ...any) *dbus.Error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = append(b.problems, fmt.Sprintf(format, args...))
	return dbus.NewError("org.freedesktop.DBus.Error.InvalidArgs", []any{b.problems[len(b.problems)-1]})
}

// account returns the object of an account, which brokers require back unchanged,
// including spaces and unknown members.
func (b *Broker) account(name string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.given[name] != "" {
		return b.given[name]
	}
	local, _, _ := strings.Cut(name, "@")
	realm := tenant
	if strings.HasSuffix(name, "fabrikam.example") {
		realm = "9b1f0a52-0000-4000-8000-000000000002"
	}
	oid := fmt.Sprintf("00000000-0000-4000-8000-%012d", len(b.given)+1)
	object := fmt.Sprintf(
		`{"username":%q, "realm":%q,"homeAccountId":"%s.%s","localAccountId":%q,"environment":%q,"name":"%s <&>",`+
			`"givenName":%q,"passwordExpiry":1e3,"unknown":{"b":1, "a":[ ]}`,
		name, realm, oid, realm, oid, homeCloud, local, local,
	)
	if b.options.Form != Himmelblau {
		object += `,"clientInfo":"eyJ1aWQiOiIwIn0"`
	}
	b.given[name] = object + "}"
	return b.given[name]
}

func marshal(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // constants of this package
	}
	return string(data)
}
