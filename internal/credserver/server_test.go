package credserver

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/secret"
)

// source provides credentials and counts the calls.
type source struct {
	mu    sync.Mutex
	now   time.Time
	life  time.Duration
	calls int
	err   error
	gate  chan struct{} // if not nil, fetches wait until it is closed
}

func (s *source) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *source) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func (s *source) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *source) fetches() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

func (s *source) fetch(ctx context.Context, minTTL time.Duration) (awscreds.Credentials, error) {
	if s.gate != nil {
		<-s.gate
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if err := cmp.Or(s.err, ctx.Err()); err != nil {
		return awscreds.Credentials{}, err
	}
	if minTTL != 15*time.Minute {
		return awscreds.Credentials{}, fmt.Errorf("got minTTL %s, want 15m", minTTL)
	}
	return awscreds.Credentials{
		AccessKeyID: "ASIA" + strings.Repeat("X", s.calls), SecretAccessKey: secret.New("very secret"),
		SessionToken: secret.New("token"), Expires: s.now.Add(s.life),
	}, nil
}

func start(t *testing.T, s *source) (*Server, string, string) {
	t.Helper()
	server, err := Start(t.Context(), Options{Fetch: s.fetch, Now: s.clock, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	_, uri, _ := strings.Cut(server.Environ()[0], "=")
	_, token, _ := strings.Cut(server.Environ()[1], "=")
	return server, uri, token
}

func newSource() *source { return &source{now: time.Now(), life: time.Hour} }

// ask sends one request and returns its status and body.
func ask(t *testing.T, method, uri string, change func(*http.Request)) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, uri, nil)
	if err != nil {
		t.Fatal(err)
	}
	change(r)
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// TestRefusals sends requests like those of browser pages, rebound names, guessing
// programs and port scanners.
func TestRefusals(t *testing.T) {
	s := newSource()
	_, uri, token := start(t, s)
	port := uri[strings.LastIndex(uri, ":"):strings.LastIndex(uri, "/")]
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	good := header("Authorization", token)
	for _, c := range []struct {
		name, method, uri string
		change            func(*http.Request)
		status            int
	}{
		{"rebound name", "GET", uri, func(r *http.Request) { r.Host = "evil.example" + port }, 403},
		{"rebound name without the port", "GET", uri, func(r *http.Request) { r.Host = "evil.example" }, 403},
		{"localhost", "GET", uri, func(r *http.Request) { r.Host = "localhost" + port }, 403},
		{"address without the port", "GET", uri, func(r *http.Request) { r.Host = "127.0.0.1" }, 403},
		{"address with a dot", "GET", uri, func(r *http.Request) { r.Host = "127.0.0.1." + port }, 403},
		{"address as a number", "GET", uri, func(r *http.Request) { r.Host = "2130706433" + port }, 403},
		{"script of a page", "GET", uri, header("Origin", "https://evil.example"), 403},
		{"page without an origin", "GET", uri, header("Origin", "null"), 403},
		{"empty Origin", "GET", uri, func(r *http.Request) { r.Header["Origin"] = []string{""} }, 403},
		{"link", "GET", uri, header("Referer", "https://evil.example/"), 403},
		{"fetch metadata", "GET", uri, header("Sec-Fetch-Site", "cross-site"), 403},
		{"cookie", "GET", uri, header("Cookie", "a=b"), 403},
		{"POST", "POST", uri, func(*http.Request) {}, 405},
		{"OPTIONS of a CORS preflight", "OPTIONS", uri, func(*http.Request) {}, 405},
		{"HEAD", "HEAD", uri, func(*http.Request) {}, 405},
		{"PUT", "PUT", uri, func(*http.Request) {}, 405},
		{"another path", "GET", strings.TrimSuffix(uri, path) + "/", func(*http.Request) {}, 404},
		{"longer path", "GET", uri + "/x", func(*http.Request) {}, 404},
		{"query", "GET", uri + "?a=b", func(*http.Request) {}, 404},
		{"no token", "GET", uri, func(r *http.Request) { r.Header.Del("Authorization") }, 401},
		{"empty token", "GET", uri, header("Authorization", ""), 401},
		{"wrong token", "GET", uri, header("Authorization", strings.Repeat("0", len(token))), 401},
		{"truncated token", "GET", uri, header("Authorization", token[:len(token)-1]), 401},
		{"longer token", "GET", uri, header("Authorization", token+"0"), 401},
		{"bearer token", "GET", uri, header("Authorization", "Bearer "+token), 401},
		{"two tokens", "GET", uri, func(r *http.Request) { r.Header["Authorization"] = []string{token, token} }, 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, body := ask(t, c.method, c.uri, func(r *http.Request) { good(r); c.change(r) })
			if status != c.status || strings.Contains(body, "very secret") {
				t.Errorf("got status %d, want %d: %s", status, c.status, body)
			}
		})
	}
	if s.fetches() != 0 {
		t.Errorf("refused requests: got %d fetches, want 0", s.fetches())
	}
	if status, body := ask(t, "GET", uri, good); status != 200 || !strings.Contains(body, "very secret") {
		t.Errorf("the command: got status %d, want 200: %s", status, body)
	}
}

// TestAnswer checks the document that SDKs parse.
func TestAnswer(t *testing.T) {
	s := newSource()
	_, uri, token := start(t, s)
	_, body := ask(t, "GET", uri, func(r *http.Request) { r.Header.Set("Authorization", token) })
	var got map[string]string
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"AccessKeyId": "ASIAX", "SecretAccessKey": "very secret", "Token": "token",
		"Expiration": s.now.Add(s.life).UTC().Format(time.RFC3339),
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if len(token) < 2*tokenBytes {
		t.Errorf("got a token of %d characters", len(token))
	}
}

// TestRefresh follows a command from new credentials until after their expiration.
func TestRefresh(t *testing.T) {
	s := newSource()
	server, uri, token := start(t, s)
	idle := func() { // waits for the current fetch
		server.keeper.mu.Lock()
		flight := server.keeper.flight
		server.keeper.mu.Unlock()
		if flight != nil {
			<-flight
		}
	}
	get := func() (int, string) {
		return ask(t, "GET", uri, func(r *http.Request) { r.Header.Set("Authorization", token) })
	}
	expect := func(when string, status, calls int) {
		t.Helper()
		if got, body := get(); got != status || s.fetches() != calls {
			t.Errorf(
				"%s: got status %d after %d fetches, want %d after %d: %s", when, got, s.fetches(), status, calls, body,
			)
		}
	}
	expect("first", 200, 1)
	expect("again", 200, 1)
	s.pass(44 * time.Minute)
	expect("16 minutes left", 200, 1)
	s.pass(2 * time.Minute)
	_, old := get() // 14 minutes left: returns the old ones without waiting
	if !strings.Contains(old, `"ASIAX"`) {
		t.Errorf("14 minutes left: %s", old)
	}
	idle()
	expect("renewed in the background", 200, 2)
	s.fail(errors.New("sign-in required"))
	s.pass(56 * time.Minute)
	expect("4 minutes left and the renewal fails", 200, 3)
	expect("within the pause", 200, 3)
	s.pass(pause + time.Second)
	expect("after the pause", 200, 4)
	s.pass(4 * time.Minute)
	expect("expired", 500, 5)
	if _, body := get(); !strings.Contains(body, "sign-in required") {
		t.Errorf("got %s, want the reason", body)
	}
	s.fail(nil)
	s.pass(pause + time.Second)
	expect("signed in again", 200, 6)
	s.pass(56 * time.Minute)
	if _, body := get(); !strings.Contains(body, `"ASIA`+strings.Repeat("X", 7)+`"`) {
		t.Errorf("4 minutes left: got %s, want the new credentials", body)
	}
}

// TestShortSessions checks that credentials valid for 15 minutes are not fetched again
// for every request.
func TestShortSessions(t *testing.T) {
	s := newSource()
	s.life = 15 * time.Minute
	_, uri, token := start(t, s)
	for range 5 {
		ask(t, "GET", uri, func(r *http.Request) { r.Header.Set("Authorization", token) })
	}
	if s.fetches() != 1 {
		t.Errorf("got %d fetches, want 1", s.fetches())
	}
	for _, row := range []struct {
		passed time.Duration
		want   string
	}{{7 * time.Minute, `"ASIAX"`}, {8 * time.Minute, `"ASIAXX"`}} {
		s.pass(row.passed)
		_, body := ask(t, "GET", uri, func(r *http.Request) { r.Header.Set("Authorization", token) })
		if !strings.Contains(body, row.want) {
			t.Errorf("%s later: got %s, want %s", row.passed, body, row.want)
		}
	}
}

// TestServerRequiresToken checks that the server does not start without a random token.
func TestServerRequiresToken(t *testing.T) {
	server, err := Start(
		t.Context(),
		Options{Fetch: newSource().fetch, Now: time.Now, Random: strings.NewReader(strings.Repeat("x", tokenBytes-1))},
	)
	if err == nil {
		_ = server.Close()
		t.Error("got a server, want an error")
	}
}

// TestConcurrentRequests checks that fifty concurrent requests share one fetch.
func TestConcurrentRequests(t *testing.T) {
	s := newSource()
	s.gate = make(chan struct{})
	server, uri, token := start(t, s)
	var group sync.WaitGroup
	var mu sync.Mutex
	waiting := 0
	server.http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		if waiting++; waiting == 50 {
			close(s.gate)
		}
		mu.Unlock()
		server.ServeHTTP(w, r)
	})
	for range 50 {
		group.Go(func() {
			status, _ := ask(t, "GET", uri, func(r *http.Request) { r.Header.Set("Authorization", token) })
			if status != 200 {
				t.Errorf("got status %d, want 200", status)
			}
		})
	}
	group.Wait()
	if s.fetches() != 1 {
		t.Errorf("got %d fetches, want 1", s.fetches())
	}
}

// TestServerEndsWithContext checks that the listener does not outlive the command.
func TestServerEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server, err := Start(ctx, Options{Fetch: newSource().fetch, Now: time.Now, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-server.done
	if conn, err := net.Dial("tcp", server.host); err == nil {
		_ = conn.Close()
		t.Error("got a connection, want none")
	}
}

// TestGoSDK checks that the AWS SDK finds the server through the environment.
func TestGoSDK(t *testing.T) {
	server, _, _ := start(t, newSource())
	for _, entry := range server.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		t.Setenv(name, value)
	}
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
	loaded, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	creds, err := loaded.Credentials.Retrieve(t.Context())
	if err != nil || creds.SecretAccessKey != "very secret" || creds.SessionToken != "token" || !creds.CanExpire {
		t.Errorf("%v, %v", creds.Source, err)
	}
}

// TestRefusalsAreCounted checks that thousands of refused requests print one line per
// reason and one with the total.
func TestRefusalsAreCounted(t *testing.T) {
	var text strings.Builder
	var r refusals
	log := slog.New(slog.NewTextHandler(&text, nil))
	for range 3000 {
		r.add(log, "the token is missing or wrong", "127.0.0.1:1")
	}
	r.add(log, "only GET is answered", "127.0.0.1:1")
	r.summarize(log)
	r.summarize(log)
	if got := strings.Count(text.String(), "\n"); got != 3 || !strings.Contains(text.String(), "count=3000") {
		t.Errorf("got %d lines, want 3 with count=3000:\n%.2000s", got, text.String())
	}
}

func TestRefusedRequestsDoNotFloodTheTerminal(t *testing.T) {
	var text strings.Builder
	s, err := Start(t.Context(), Options{
		Fetch: newSource().fetch, Now: time.Now, Random: rand.Reader, Log: slog.New(slog.NewTextHandler(&text, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 50 {
		status, _ := ask(t, "GET", "http://"+s.host+path, func(*http.Request) {})
		if status != http.StatusUnauthorized {
			t.Fatalf("got status %d, want %d", status, http.StatusUnauthorized)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(text.String(), "\n"); got != 2 {
		t.Errorf("got %d lines, want 2:\n%.2000s", got, text.String())
	}
}

// TestWholeTokenIsCompared checks every byte of the token: comparing only part of it, or
// of its digest, would make it easier to guess.
func TestWholeTokenIsCompared(t *testing.T) {
	s := &Server{token: strings.Repeat("ab", tokenBytes)}
	for i := range 20000 {
		guess := s.token[:len(s.token)-5] + fmt.Sprintf("%05d", i)
		if s.knows([]string{guess}) {
			t.Fatalf("got %q accepted for %q", guess, s.token)
		}
	}
	if !s.knows([]string{s.token}) {
		t.Error("got the token refused, want it accepted")
	}
}
