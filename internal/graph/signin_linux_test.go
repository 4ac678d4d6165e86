package graph

import (
	"os"
	"path/filepath"
	"testing"

	fakegraph "github.com/o365aws/o365aws/internal/fakecloud/graph"
)

// An admin signs in in the system browser, which returns to a listener on this
// machine. The library opens it with xdg-open.
func TestSignInByBrowser(t *testing.T) {
	w := reach(t, fakegraph.Options{})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	opener := written(
		t, "xdg-open", []byte("#!/bin/sh\nunset O365AWS_GRAPH_OPENAPI\n"+openerEnv+"=\"$1\" exec "+self+"\n"), 0o700,
	)
	t.Setenv("PATH", filepath.Dir(opener)+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("O365AWS_TEST_PROXY", w.cloud.ProxyURL())
	t.Setenv("O365AWS_TEST_CA", string(w.cloud.CAPEM()))
	if g := granted(t, SignInOptions{Way: SignInBrowser, HTTP: w.http, Getenv: func(string) string { return "" }}); !g.Delegated ||
		!g.Allows("Application.Read.All") {
		t.Errorf("%+v", g)
	}
}
