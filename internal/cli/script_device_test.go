package cli_test

import (
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/o365aws/o365aws/internal/brokertest"
	"github.com/o365aws/o365aws/internal/fakecloud"
	"github.com/o365aws/o365aws/internal/keyringtest"
)

// startBroker starts an identity broker on the session bus of the script, replacing the
// previous one.
func startBroker(ts *testscript.TestScript, _ bool, args []string) {
	s := stateOf(ts)
	s.stopBroker()
	if s.bus == nil {
		bus, err := keyringtest.StartBus(nil)
		ts.Check(err)
		s.bus = bus
		ts.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	}
	o := brokertest.Options{
		Accounts: []string{fakecloud.UserName},
		Issue: func(name, address string) string { // called by the bus, also after another fakecloud command
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.cloud.IssueDeviceCredential(name, address)
		},
	}
	for _, arg := range args {
		key, value, _ := strings.Cut(arg, "=")
		switch key {
		case "form":
			o.Form = brokertest.Form(value)
		case "mode":
			o.Mode = brokertest.Mode(value)
		case "accounts":
			o.Accounts = strings.FieldsFunc(value, func(r rune) bool { return r == ',' })
		case "off":
			return
		default:
			ts.Fatalf("broker: unknown argument %q", arg)
		}
	}
	broker, err := brokertest.Start(s.bus.Address, o)
	ts.Check(err)
	s.broker = broker
}

// stopBroker stops the broker and records its problems.
func (s *scriptState) stopBroker() {
	if s.broker != nil {
		s.broker.Stop()
		s.brokerProblems = append(s.brokerProblems, s.broker.Problems()...)
		s.broker = nil
	}
}

// checkDeviceSignIns compares the device requests that the emulator accepted.
func checkDeviceSignIns(ts *testscript.TestScript, _ bool, args []string) {
	want := strings.Join(args, " ")
	if got := fmt.Sprint(stateOf(ts).cloud.DeviceSignIns()); got != want {
		ts.Fatalf("%s sign-ins by the device, want %s", got, want)
	}
}

// checkBrokerCalls compares the calls that the broker received.
func checkBrokerCalls(ts *testscript.TestScript, _ bool, args []string) {
	if got := stateOf(ts).broker.Calls(); strings.Join(got, " ") != strings.Join(args, " ") {
		ts.Fatalf("the broker was called for %q, want %q", got, args)
	}
}
