package graph

import (
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/fakecloud"
	fakegraph "github.com/o365aws/o365aws/internal/fakecloud/graph"
	"github.com/o365aws/o365aws/internal/fakecloud/graphspec"
)

// world is an emulator and a client of it.
type world struct {
	cloud  *fakecloud.Cloud
	client *Client
	log    *syncLog
	http   *http.Client
}

type syncLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *syncLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *syncLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func program(name string) string {
	return map[string]string{"AZURE_TENANT_ID": fakecloud.TenantID, "AZURE_CLIENT_ID": fakegraph.ProgramID, "AZURE_CLIENT_SECRET": fakegraph.ProgramSecret}[name]
}

// reach starts an emulator and signs in as a service principal.
func reach(t *testing.T, o fakegraph.Options) *world {
	t.Helper()
	o.OnCall = graphspec.Check(t)
	cloud, err := fakecloud.New(fakecloud.Options{Graph: o})
	if err != nil {
		t.Fatal(err)
	}
	if err := cloud.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cloud.Close() })
	w := &world{cloud: cloud, log: &syncLog{}, http: cloud.Client()}
	global, _ := CloudByName("")
	identity, err := SignIn(SignInOptions{Cloud: global, HTTP: w.http, Getenv: program})
	if err != nil {
		t.Fatal(err)
	}
	w.client = New(Options{
		Cloud: global, Identity: identity, HTTP: w.http,
		Log: slog.New(
			slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}),
		), RetryDelay: time.Millisecond,
	})
	return w
}

// withApp creates an application in SAML mode.
func (w *world) withApp(t *testing.T) (Application, ServicePrincipal) {
	t.Helper()
	ctx := t.Context()
	a, p, err := w.client.Instantiate(ctx, TemplateID, "AWS")
	if err == nil {
		err = w.client.PatchPrincipal(ctx, p.ID, PrincipalPatch{SSOMode: "saml"})
	}
	if err == nil {
		err = w.client.PatchApplication(
			ctx,
			a.ID,
			ApplicationPatch{
				IdentifierURIs: []string{"https://signin.aws.amazon.com/saml"},
				Web:            &WebPatch{[]string{"https://signin.aws.amazon.com/saml"}},
			},
		)
	}
	if err != nil {
		t.Fatal(err)
	}
	return a, p
}
