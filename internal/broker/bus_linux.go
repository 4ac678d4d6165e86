package broker

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/google/uuid"

	"github.com/o365aws/o365aws/internal/secret"
)

// Names on the session bus. Microsoft's broker and Himmelblau share them.
const (
	busName       = "com.microsoft.identity.broker1"
	objectPath    = "/com/microsoft/identity/broker1"
	interfaceName = "com.microsoft.identity.Broker1"
	protocol      = "0.0"

	dbusName = "org.freedesktop.DBus."
)

// A starting broker acquires its name before its methods are available.
const (
	startLimit = 3 * time.Second
	startPause = 100 * time.Millisecond
)

// Broker is a connection to the device's broker.
type Broker struct {
	conn    *dbus.Conn
	cancel  context.CancelFunc
	owner   string // unique name of the connection that has the broker's name
	id      string // correlation ID of this sign-in
	options Options
	ready   bool // it has replied
	uid     int  // the Unix user that the broker must run as
}

// Open connects to the broker. It starts an installed broker that is not running,
// and nothing else. Errors are *Error and those of ctx.
func Open(ctx context.Context, o Options) (*Broker, error) {
	address := sessionBus(o.Getenv)
	if address == "" {
		return nil, &Error{Reason: NoBus}
	}
	b := &Broker{id: uuid.NewString(), options: o, uid: os.Geteuid()}
	if err := b.connect(ctx, address); err != nil {
		return nil, err
	}
	if err := b.find(ctx); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// sessionBus returns the addresses of the session bus that are local sockets, or
// "". It never starts a bus.
func sessionBus(getenv func(string) string) string {
	if address := getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" {
		local := slices.DeleteFunc(strings.Split(address, ";"), func(a string) bool {
			return !strings.HasPrefix(a, "unix:")
		})
		return strings.Join(local, ";")
	}
	dir := getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		return ""
	}
	socket := filepath.Join(dir, "bus")
	if info, err := os.Stat(socket); err != nil || info.Mode()&os.ModeSocket == 0 {
		return ""
	}
	return "unix:path=" + dbus.EscapeBusAddressValue(socket)
}

func (b *Broker) connect(ctx context.Context, address string) error {
	life, cancel := context.WithCancel(ctx)
	late := time.AfterFunc(b.quickLimit(), cancel)
	conn, err := dbus.Connect(address, dbus.WithContext(life))
	inTime := late.Stop()
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case !inTime:
		err = &Error{Reason: NoBus, Detail: "the session bus does not respond"}
	case err != nil:
		b.options.Log.Debug("no session bus", "error", err)
		err = &Error{Reason: NoBus}
	}
	if err != nil {
		if conn != nil {
			_ = conn.Close()
		}
		cancel()
		return err
	}
	b.conn, b.cancel = conn, cancel
	return nil
}

// Close ends the connection.
func (b *Broker) Close() {
	_ = b.conn.Close() // no call is in progress
	b.cancel()
}

// find resolves the connection that has the broker's name and checks its user.
func (b *Broker) find(ctx context.Context) error {
	// One round trip for both, because most machines have no broker.
	var owned bool
	var startable []string
	hasOwner, names := b.sendToBus("NameHasOwner", busName), b.sendToBus("ListActivatableNames")
	if err := cmp.Or(b.await(ctx, hasOwner, &owned), b.await(ctx, names, &startable)); err != nil {
		return err
	}
	if !owned && !slices.Contains(startable, busName) {
		return &Error{Reason: NotInstalled}
	}
	if !owned {
		var result uint32
		if err := b.callBus(ctx, &result, "StartServiceByName", busName, uint32(0)); err != nil {
			return err
		}
	}
	if err := b.callBus(ctx, &b.owner, "GetNameOwner", busName); err != nil {
		return err
	}
	var uid uint32
	if err := b.callBus(ctx, &uid, "GetConnectionUnixUser", b.owner); err != nil {
		return err
	}
	if int(uid) != b.uid {
		return &Error{Reason: ForeignOwner}
	}
	return nil
}

// callBus calls a method of the bus itself.
func (b *Broker) callBus(ctx context.Context, result any, method string, args ...any) error {
	return b.await(ctx, b.sendToBus(method, args...), result)
}

func (b *Broker) sendToBus(method string, args ...any) *dbus.Call {
	return b.conn.BusObject().Go(dbusName+method, 0, make(chan *dbus.Call, 1), args...)
}

// await waits for the reply to a call.
func (b *Broker) await(ctx context.Context, call *dbus.Call, result any) error {
	limited, cancel := context.WithTimeout(ctx, b.quickLimit())
	defer cancel()
	select {
	case <-call.Done:
		return b.failure(ctx, limited, call.Store(result))
	case <-limited.Done():
		return b.failure(ctx, limited, limited.Err())
	}
}

// quickLimit returns the limit of a call that does not prompt.
func (b *Broker) quickLimit() time.Duration { return min(b.options.Limit, NonInteractiveLimit) }

// failure converts the error of a call to one of this package.
func (b *Broker) failure(ctx, limited context.Context, err error) error {
	var refusal dbus.Error
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		return &Error{Reason: Unresponsive, Detail: "no reply in time"}
	case errors.As(err, &refusal) && refusal.Name == dbusName+"Error.ServiceUnknown":
		return &Error{Reason: NotInstalled}
	case errors.As(err, &refusal) && isBusError(refusal.Name):
		return &Error{Reason: Unresponsive, Detail: printable(refusal.Name)}
	case errors.As(err, &refusal):
		return &Error{Reason: Refused, Detail: printable(refusal.Error())}
	case b.conn.Connected():
		return &Error{Reason: Malformed, Detail: "it has another type"}
	}
	return &Error{Reason: Unresponsive, Detail: "the connection was closed"}
}

// isBusError reports whether the bus itself returned the error because the service
// is missing or has exited.
func isBusError(name string) bool {
	for _, known := range []string{"NoReply", "NameHasNoOwner", "TimedOut", "Timeout", "Disconnected"} {
		if name == dbusName+"Error."+known {
			return true
		}
	}
	return strings.HasPrefix(name, dbusName+"Error.Spawn.") || isUnknown(name)
}

// isUnknown reports whether a service has no such object, like a broker that is
// starting.
func isUnknown(name string) bool {
	return name == dbusName+"Error.UnknownObject" || name == dbusName+"Error.UnknownMethod" ||
		name == dbusName+"Error.UnknownInterface"
}

// call calls a method of the broker. It retries while the broker starts.
func (b *Broker) call(ctx context.Context, limit time.Duration, method, request string) (string, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	object := b.conn.Object(b.owner, objectPath)
	for began := time.Now(); ; {
		var reply string
		err := object.CallWithContext(
			limited, interfaceName+"."+method, dbus.FlagNoAutoStart, protocol, b.id, request,
		).Store(&reply)
		var refusal dbus.Error
		if b.ready || !errors.As(err, &refusal) || !isUnknown(refusal.Name) || time.Since(began) > startLimit {
			b.ready = b.ready || err == nil
			return reply, b.failure(ctx, limited, err)
		}
		select {
		case <-time.After(startPause):
		case <-limited.Done():
			return "", b.failure(ctx, limited, limited.Err())
		}
	}
}

// Accounts returns the accounts that are signed in to the device.
func (b *Broker) Accounts(ctx context.Context) ([]Account, error) {
	reply, err := b.call(ctx, b.quickLimit(), "getAccounts", accountsRequest())
	if err != nil {
		return nil, b.keyring(ctx, err)
	}
	accounts, err := readAccounts(reply)
	return accounts, b.keyring(ctx, err)
}

// Credential returns the value of the header x-ms-RefreshTokenCredential for a request to
// address, whose query may contain a nonce from Microsoft.
func (b *Broker) Credential(ctx context.Context, a Account, address string) (secret.Text, error) {
	reply, err := b.call(ctx, b.options.Limit, "acquirePrtSsoCookie", credentialRequest(a, address))
	if err != nil {
		return secret.Text{}, b.keyring(ctx, err)
	}
	value, err := readCredential(reply)
	return value, b.keyring(ctx, err)
}

// version returns the broker's version. Himmelblau has none.
func (b *Broker) version(ctx context.Context) (string, error) {
	reply, err := b.call(ctx, b.quickLimit(), "getLinuxBrokerVersion", versionRequest())
	if err != nil {
		return "", err
	}
	return readVersion(reply)
}

// Inspect returns what the device's broker reports without a sign-in.
func Inspect(ctx context.Context, o Options) (State, error) {
	b, err := Open(ctx, o)
	if err != nil {
		return State{}, err
	}
	defer b.Close()
	var s State
	if s.Accounts, err = b.Accounts(ctx); err != nil {
		return s, err
	}
	s.Version, _ = b.version(ctx) // Himmelblau has none
	s.KeyringLocked = s.Version != "" && b.keyringLocked(ctx)
	return s, nil
}

// keyring detects the most common cause of a refusal: the broker's keys are in the
// login keyring, which stays locked after a sign-in over SSH.
func (b *Broker) keyring(ctx context.Context, err error) error {
	var refused *Error
	if errors.As(err, &refused) && refused.Reason == Refused && b.keyringLocked(ctx) {
		return &Error{Reason: KeyringLocked, Detail: refused.Detail}
	}
	return err
}

func (b *Broker) keyringLocked(ctx context.Context) bool {
	limited, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var locked dbus.Variant
	lookup := b.conn.Object("org.freedesktop.secrets", "/org/freedesktop/secrets/aliases/default").CallWithContext(
		limited, dbusName+"Properties.Get", dbus.FlagNoAutoStart, "org.freedesktop.Secret.Collection", "Locked",
	).Store(&locked)
	var missing dbus.Error
	yes, _ := locked.Value().(bool)
	return yes || errors.As(lookup, &missing) && isUnknown(missing.Name) // an unknown object: there is no keyring
}
