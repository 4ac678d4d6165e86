package cli_test

import (
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/o365aws/o365aws/internal/awsfake"
)

// account is the fake AWS of a script for admin commands.
type account struct {
	moto *awsfake.Moto
	gate *awsfake.Gate
}

// metadataOf returns two metadata documents, with certificates that expire in 20 days and
// in two years. Generating the keys takes a while.
var metadataOf = sync.OnceValues(func() (soon, late []byte) {
	t := &quiet{}
	return awsfake.Metadata(t, awsfake.Certificate(t, 2048, time.Now().AddDate(0, 0, 20))),
		awsfake.Metadata(t, awsfake.Certificate(t, 2048, time.Now().AddDate(2, 0, 0)))
})

// quiet is a testing.TB for helpers that run outside a test.
type quiet struct{ testing.TB }

func (*quiet) Helper()           {}
func (*quiet) Fatal(args ...any) { panic(args) }

// startFakeAWS starts an empty AWS and points the SDK's environment variables at it.
// metadata.xml is the federation metadata of the application; the certificate in soon.xml
// expires soon.
func startFakeAWS(ts *testscript.TestScript, _ bool, args []string) {
	stateOf(ts).needs("moto_server")
	stateOf(ts).acquire()
	start := awsfake.Start
	if slices.Equal(args, []string{"plain"}) {
		start = awsfake.StartPlain
	}
	moto, err := start()
	ts.Check(err)
	ts.Defer(moto.Stop)
	gate, err := awsfake.OpenGate(moto)
	ts.Check(err)
	ts.Defer(gate.Close)
	stateOf(ts).aws = &account{moto, gate}
	for name, value := range awsfake.Environment(gate.URL) {
		if value != "" {
			ts.Setenv(name, value)
		}
	}
	ts.Setenv("TENANT", awsfake.Tenant)
	ts.Setenv("BEHIND", gate.Behind())
	soon, late := metadataOf()
	ts.Check(os.WriteFile(ts.MkAbs("metadata.xml"), late, 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("soon.xml"), soon, 0o600))
}

// checkAWSWrites compares the write actions since the last check, ignoring their order.
func checkAWSWrites(ts *testscript.TestScript, _ bool, args []string) {
	writes := awsfake.Writes(stateOf(ts).aws.gate.Take())
	slices.Sort(writes)
	slices.Sort(args)
	if !slices.Equal(writes, args) {
		ts.Fatalf("write actions: got %v, want %v", writes, args)
	}
}

func refuseAWSCalls(ts *testscript.TestScript, _ bool, args []string) {
	gate := stateOf(ts).aws.gate
	if len(args) == 0 {
		gate.Before(nil)
		return
	}
	if len(args) < 2 {
		ts.Fatalf("usage: aws-refuse ACTION CODE [TIMES]")
	}
	times := 1 << 30
	if len(args) == 3 {
		n, err := strconv.Atoi(args[2])
		ts.Check(err)
		times = n
	}
	var mu sync.Mutex
	gate.Before(func(c awsfake.Call) *awsfake.Refusal {
		mu.Lock()
		defer mu.Unlock()
		if c.Name() != args[0] || times == 0 {
			return nil
		}
		times--
		return awsfake.Refuse(args[1])
	})
}
