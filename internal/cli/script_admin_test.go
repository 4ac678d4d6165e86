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

// account is AWS for the scripts of the admin commands.
type account struct {
	moto *awsfake.Moto
	gate *awsfake.Gate
}

// metadataOf is made once: a key takes a while.
var metadataOf = sync.OnceValues(func() (soon, late []byte) {
	t := &quiet{}
	return awsfake.Metadata(t, awsfake.Certificate(t, 2048, time.Now().AddDate(0, 0, 20))),
		awsfake.Metadata(t, awsfake.Certificate(t, 2048, time.Now().AddDate(2, 0, 0)))
})

// quiet is a test that cannot fail, for helpers outside of one.
type quiet struct{ testing.TB }

func (*quiet) Helper()           {}
func (*quiet) Fatal(args ...any) { panic(args) }

// startAWS starts an empty AWS: aws [plain]. A plain one knows none of AWS's
// own policies, which take seconds in each account. Its tools and SDKs ask there, and the
// script has the application's metadata in metadata.xml; soon.xml is that of
// one whose certificate is about to end.
func startAWS(ts *testscript.TestScript, _ bool, args []string) {
	sceneOf(ts).begin()
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
	sceneOf(ts).aws = &account{moto, gate}
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

// checkWrites compares what was written since the last look: writes [ACTION...],
// in any order.
func checkWrites(ts *testscript.TestScript, _ bool, args []string) {
	writes := awsfake.Writes(sceneOf(ts).aws.gate.Take())
	slices.Sort(writes)
	slices.Sort(args)
	if !slices.Equal(writes, args) {
		ts.Fatalf("written %v, want %v", writes, args)
	}
}

// refuseCalls lets AWS refuse an action: refuse ACTION CODE [TIMES]; refuse
// alone ends it.
func refuseCalls(ts *testscript.TestScript, _ bool, args []string) {
	gate := sceneOf(ts).aws.gate
	if len(args) == 0 {
		gate.Before(nil)
		return
	}
	if len(args) < 2 {
		ts.Fatalf("usage: refuse ACTION CODE [TIMES]")
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
