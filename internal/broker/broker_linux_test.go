package broker

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/brokertest"
	"github.com/o365aws/o365aws/internal/keyringtest"
	"github.com/o365aws/o365aws/internal/testenv"
)

const (
	ada     = "ada@contoso.example"
	address = "https://login.microsoftonline.com/contoso.example/saml2?SAMLRequest=a%2Bb&login_hint=ada"
)

// startBus starts a private bus and returns its address.
func startBus(t *testing.T, prepare func(dir, address string) error) string {
	t.Helper()
	testenv.Needs(t, "dbus-daemon")
	bus, err := keyringtest.StartBus(prepare)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Stop)
	return bus.Address
}

func optionsFor(bus string) Options {
	return Options{
		Getenv: func(name string) string { return map[string]string{"DBUS_SESSION_BUS_ADDRESS": bus}[name] },
		Limit:  2 * time.Second, Log: slog.New(slog.DiscardHandler),
	}
}

// signIn makes the calls of a sign-in and returns the account and the value.
func signIn(ctx context.Context, o Options) (username, value string, err error) {
	b, err := Open(ctx, o)
	if err != nil {
		return "", "", err
	}
	defer b.Close()
	accounts, err := b.Accounts(ctx)
	if err != nil {
		return "", "", err
	}
	account, err := Choose(accounts, ada, "")
	if err != nil {
		return "", "", err
	}
	credential, err := b.Credential(ctx, account, address)
	return account.Username, credential.Reveal(), err
}

func startBroker(t *testing.T, o brokertest.Options) (*brokertest.Broker, Options) {
	t.Helper()
	bus := startBus(t, nil)
	b, err := brokertest.Start(bus, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.Stop()
		for _, problem := range b.Problems() {
			t.Errorf("a real broker could refuse it: %s", problem)
		}
	})
	return b, optionsFor(bus)
}

// Every kind of broker works in every mode that it supports.
func TestCredential(t *testing.T) {
	for _, form := range []brokertest.Form{brokertest.Current, brokertest.Legacy, brokertest.Himmelblau} {
		for _, mode := range []brokertest.Mode{
			brokertest.Works, brokertest.Starting, brokertest.OtherFirst, brokertest.OddAccount,
		} {
			t.Run(string(form)+" "+string(mode), func(t *testing.T) {
				t.Parallel()
				b, o := startBroker(t, brokertest.Options{
					Form: form, Mode: mode, Accounts: []string{"grace@contoso.example", ada},
				})
				name, value, err := signIn(t.Context(), o)
				if err != nil || name != ada || !slices.Equal(b.Issued(), []string{value}) {
					t.Errorf("got %q, %q, %v; want %q, %q", name, value, err, ada, b.Issued())
				}
			})
		}
	}
}

// Every failure of a broker has a reason and is returned within a time limit.
func TestFailures(t *testing.T) {
	const noToken = "refused the request: No PRT is available for the account (status 4) (code -895573754)"
	for mode, want := range map[brokertest.Mode]string{
		brokertest.Hangs:       "does not respond: no reply in time",
		brokertest.HangsAtOnce: "does not respond: no reply in time",
		brokertest.Refuses:     noToken,
		brokertest.RefusesAll:  noToken,
		brokertest.Fails:       "refused the request: the keystore is locked",
		brokertest.Dies:        "does not respond: org.freedesktop.DBus.Error.NoReply",
		brokertest.Empty:       "refused the request: its reply holds no credential",
		brokertest.OtherOnly:   "refused the request: its reply holds no credential",
		brokertest.Oversized:   "sent an invalid reply: it is too long",
		brokertest.LongValue:   "sent an invalid reply: its credential is not a token",
		brokertest.Injects:     "sent an invalid reply: its credential is not a token",
		brokertest.NotJSON:     "sent an invalid reply: it is not the JSON expected",
		brokertest.WrongType:   "sent an invalid reply: it is not the JSON expected",
		brokertest.QuotesToken: "refused the request: token [redacted] expired",
	} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			_, o := startBroker(t, brokertest.Options{Mode: mode, Accounts: []string{ada}})
			began := time.Now()
			_, value, err := signIn(t.Context(), o)
			if err == nil || err.Error() != "the device's identity broker "+want || value != "" {
				t.Errorf("got %v, %q; want %s", err, value, want)
			}
			if took := time.Since(began); took > 6*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

// Himmelblau's empty reply means that it has no token.
func TestHimmelblauRefuses(t *testing.T) {
	_, o := startBroker(t, brokertest.Options{Form: brokertest.Himmelblau, Mode: brokertest.Refuses, Accounts: []string{ada}})
	_, _, err := signIn(t.Context(), o)
	if got := reasonOf(err); got != Refused {
		t.Errorf("got %v: %v, want %v", got, err, Refused)
	}
}

func reasonOf(err error) Reason {
	var e *Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return -1
}

// A missing broker is distinguished from a missing bus, and no program is started.
func TestNoBroker(t *testing.T) {
	bus := startBus(t, nil)
	for name, c := range map[string]struct {
		env  map[string]string
		want Reason
	}{
		"no broker":       {map[string]string{"DBUS_SESSION_BUS_ADDRESS": bus}, NotInstalled},
		"no bus":          {map[string]string{"XDG_RUNTIME_DIR": t.TempDir()}, NoBus},
		"no such socket":  {map[string]string{"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"}, NoBus},
		"another machine": {map[string]string{"DBUS_SESSION_BUS_ADDRESS": "tcp:host=127.0.0.1,port=1"}, NoBus},
		"to be launched":  {map[string]string{"DBUS_SESSION_BUS_ADDRESS": "autolaunch:"}, NoBus},
	} {
		t.Run(name, func(t *testing.T) {
			o := optionsFor("")
			o.Getenv = func(name string) string { return c.env[name] }
			if _, err := Open(t.Context(), o); reasonOf(err) != c.want {
				t.Errorf("got %v, want %v", err, reasons[c.want])
			}
		})
	}
}

// A broker that the bus can start is started.
func TestActivation(t *testing.T) {
	for name, c := range map[string]struct {
		delay time.Duration
		want  Reason
	}{"fast": {0, -1}, "slow": {300 * time.Millisecond, -1}, "too slow": {5 * time.Second, Unresponsive}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var service *brokertest.Activatable
			bus := startBus(t, func(dir, address string) (err error) {
				service, err = brokertest.Activate(dir, address, c.delay, brokertest.Options{
					Mode: brokertest.Starting, Accounts: []string{ada},
				})
				return err
			})
			_, value, err := signIn(t.Context(), optionsFor(bus))
			if reasonOf(err) != c.want || (value == "") != (err != nil) {
				t.Errorf("got %v, %d characters", err, len(value))
			}
			service.Broker().Stop()
		})
	}
}

// A broker of another Unix user is not called.
func TestForeignOwner(t *testing.T) {
	b, o := startBroker(t, brokertest.Options{Accounts: []string{ada}})
	client := &Broker{options: o, uid: os.Geteuid() + 1}
	if err := client.connect(t.Context(), o.Getenv("DBUS_SESSION_BUS_ADDRESS")); err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.find(t.Context()); reasonOf(err) != ForeignOwner || len(b.Calls()) > 0 {
		t.Errorf("got %v after the calls %q", err, b.Calls())
	}
}

// The error for a refusal by a broker with a locked keyring names the keyring.
func TestLockedKeyring(t *testing.T) {
	testenv.Needs(t, "gnome-keyring")
	bus, err := keyringtest.Start(true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Stop)
	b, err := brokertest.Start(bus.Address, brokertest.Options{Mode: brokertest.Refuses, Accounts: []string{ada}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Stop)
	if _, _, err = signIn(t.Context(), optionsFor(bus.Address)); reasonOf(err) != KeyringLocked {
		t.Errorf("got %v", err)
	}
	if state, err := Inspect(t.Context(), optionsFor(bus.Address)); err != nil || !state.KeyringLocked {
		t.Errorf("got %+v, %v", state, err)
	}
}

// A call ends with its context and returns its error.
func TestCanceled(t *testing.T) {
	_, o := startBroker(t, brokertest.Options{Mode: brokertest.Hangs, Accounts: []string{ada}})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, _, err := signIn(ctx, o); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// Microsoft's broker has a version, Himmelblau has none. Inspect requests only accounts and
// version, and fails within its time limit.
func TestInspect(t *testing.T) {
	for name, c := range map[string]struct {
		o     brokertest.Options
		want  State
		fails Reason
	}{
		"current":    {brokertest.Options{}, State{Version: "2.5.2"}, -1},
		"legacy":     {brokertest.Options{Form: brokertest.Legacy}, State{Version: "2.0.1"}, -1},
		"himmelblau": {brokertest.Options{Form: brokertest.Himmelblau}, State{}, -1},
		"refuses":    {brokertest.Options{Mode: brokertest.RefusesAll}, State{}, Refused},
		"hangs":      {brokertest.Options{Mode: brokertest.HangsAtOnce}, State{}, Unresponsive},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.o.Accounts = []string{ada, "grace@contoso.example"}
			b, o := startBroker(t, c.o)
			got, err := Inspect(t.Context(), o)
			if got.Version != c.want.Version || got.KeyringLocked || reasonOf(err) != c.fails {
				t.Errorf("got %+v, %v; want %+v, %v", got, err, c.want, c.fails)
			}
			if err == nil && (len(got.Accounts) != 2 || got.Accounts[0].Username != ada) {
				t.Errorf("got the accounts %+v", got.Accounts)
			}
			if slices.Contains(b.Calls(), "acquirePrtSsoCookie") || len(b.Issued()) > 0 {
				t.Errorf("got the calls %q", b.Calls())
			}
		})
	}
}

// BenchmarkNoBroker measures the cost of o365aws_device = auto without a broker and
// without a bus.
func BenchmarkNoBroker(b *testing.B) {
	bus, err := keyringtest.StartBus(nil)
	if err != nil {
		b.Fatal(err)
	}
	defer bus.Stop()
	for name, address := range map[string]string{"bus": bus.Address, "no bus": "autolaunch:"} {
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			for b.Loop() {
				if _, err := Open(b.Context(), optionsFor(address)); err == nil {
					b.Fatal("a broker")
				}
			}
		})
	}
}
