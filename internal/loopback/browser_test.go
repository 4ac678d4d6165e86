package loopback_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"flag"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/browser"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/loopback"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/testenv"
)

var update = flag.Bool("update", false, "write the pictures of the documents")

const requestID = "id0123456789abcdef0123456789abcdef"

// poster serves Microsoft's last page: a form that submits itself to the listener.
func poster(t *testing.T, reply string) string {
	t.Helper()
	response := base64.StdEncoding.EncodeToString([]byte("<x InResponseTo=" + requestID + ">"))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(
			w,
			`<body><form method=post action="%s"><input type=hidden name=SAMLResponse value="%s"></form><script>document.forms[0].submit()</script>`,
			reply, response,
		)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// shows completes a sign-in with a real browser and returns a screenshot of the last
// page, which must have an element with the ID want.
func shows(t *testing.T, scheme, want string, outcome error) []byte {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	reply := fmt.Sprintf("http://localhost:%d/saml", free.Addr().(*net.TCPAddr).Port)
	_ = free.Close()
	l, err := loopback.Listen(reply)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := l.Await(ctx, requestID, func(secret.Text) (saml.Response, error) {
			if outcome != nil {
				return saml.Response{}, outcome
			}
			return saml.Response{Recipient: reply, SessionName: "ada@contoso.example"}, nil
		})
		ended <- err
	}()
	b := launch(ctx, t, "--window-size=760,520", "--hide-scrollbars", "--blink-settings=preferredColorScheme="+scheme)
	if err := b.Page().Navigate(ctx, poster(t, reply)); err != nil {
		t.Fatal(err)
	}
	snap := waitFor(ctx, t, b.Page(), want)
	if !snap.Shows("text") {
		t.Errorf("the page lacks its text: %+v", snap.IDs)
	}
	if err := <-ended; (err == nil) != (outcome == nil) {
		t.Errorf("ended with %v", err)
	}
	picture, err := b.Screenshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

func launch(ctx context.Context, t *testing.T, args ...string) *browser.Browser {
	t.Helper()
	path, err := browser.Find("", false, os.Getenv)
	if err != nil {
		t.Fatal(err) // a machine without a browser cannot run this test
	}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox")
	}
	b, err := browser.Launch(
		ctx,
		browser.Options{
			Path: path, Args: args, StateDir: t.TempDir(), Environ: os.Environ(),
			Log: slog.New(slog.DiscardHandler),
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func waitFor(ctx context.Context, t *testing.T, p entra.Page, id string) entra.Snapshot {
	t.Helper()
	for {
		snap, err := p.Snapshot(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if snap.Ready && snap.Shows(id) {
			return snap
		}
		select {
		case <-p.Changed():
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("no %s: %+v", id, snap)
		}
	}
}

// TestPageInABrowser checks the last page of a sign-in in a real browser, in
// light and dark mode, for success and failure.
func TestPageInABrowser(t *testing.T) {
	testenv.Needs(t, "Chromium")
	failure := fault.New(
		fault.Auth, "sign-in refused: the account is not assigned to the AWS application (AADSTS50105)",
		"ask the admin to assign you, or a group that you are a direct member of, to the application",
	)
	for _, c := range []struct {
		name, scheme, id string
		outcome          error
		bright           bool
	}{
		{"signed-in-light", "1", "done", nil, true},
		{"signed-in-dark", "0", "done", nil, false},
		{"refused-light", "1", "failed", failure, true},
		{"refused-dark", "0", "failed", failure, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			picture := shows(t, c.scheme, c.id, c.outcome)
			decoded, err := png.Decode(bytes.NewReader(picture))
			if err != nil {
				t.Fatal(err)
			}
			if corner := brightness(decoded, 5, 5); (corner > 0.5) != c.bright {
				t.Errorf("got a background of brightness %.2f", corner)
			}
			if n := colors(decoded); n < 8 {
				t.Errorf("got %d colors, want a picture with content", n)
			}
			if *update && strings.HasPrefix(c.name, "signed-in") {
				if err := os.WriteFile("../../docs/images/"+c.name+".png", picture, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func brightness(m image.Image, x, y int) float64 {
	r, g, b, _ := m.At(x, y).RGBA()
	return float64(r+g+b) / (3 * 0xffff)
}

func colors(m image.Image) int {
	seen := map[uint32]bool{}
	for y := m.Bounds().Min.Y; y < m.Bounds().Max.Y; y += 2 {
		for x := m.Bounds().Min.X; x < m.Bounds().Max.X; x += 2 {
			r, g, b, _ := m.At(x, y).RGBA()
			seen[r>>8<<16|g>>8<<8|b>>8] = true
		}
	}
	return len(seen)
}
