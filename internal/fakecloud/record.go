package fakecloud

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strings"
	"time"
)

// maxBody is the maximum size of a request body, in bytes. An assertion has at most
// 100,000 characters; the limit leaves room for malformed requests.
const maxBody = 8 << 20

// Request is the record of a request. It contains names but not values, except for the
// Action of an AWS call, which is public.
type Request struct {
	Time   time.Time
	Method string
	Host   string   // without port
	Path   string   // "" for CONNECT
	Query  []string // names, sorted
	Form   []string // names of form or JSON fields, sorted
	Action string   // AWS Query protocol; "" elsewhere
	Status int      // 0 until the response has started
	Stray  bool     // for a host that the Cloud does not implement
}

// record is a Request with the text that Saw searches.
type record struct {
	Request
	seen []string
}

// Requests returns the requests so far, oldest first.
func (c *Cloud) Requests() []Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]Request, len(c.records))
	for i, r := range c.records {
		list[i] = r.Request
	}
	return list
}

// Stray returns the sorted hosts of requests to hosts that the emulator does not
// implement.
func (c *Cloud) Stray() []string {
	return c.hosts(func(r *record) bool { return r.Stray })
}

// Saw returns the sorted hosts of requests that contained the given text in their
// address, headers or body, either plain or encoded for URLs, forms or JSON.
func (c *Cloud) Saw(text string) []string {
	if text == "" {
		return nil
	}
	quoted, _ := json.Marshal(text) // cannot fail for a string
	forms := []string{text, url.QueryEscape(text), url.PathEscape(text), strings.Trim(string(quoted), `"`)}
	return c.hosts(func(r *record) bool {
		return slices.ContainsFunc(r.seen, func(s string) bool {
			return slices.ContainsFunc(forms, func(f string) bool { return strings.Contains(s, f) })
		})
	})
}

func (c *Cloud) hosts(want func(*record) bool) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var hosts []string
	for _, r := range c.records {
		if want(r) && !slices.Contains(hosts, r.Host) {
			hosts = append(hosts, r.Host)
		}
	}
	sort.Strings(hosts)
	return hosts
}

// recorded reads the body of a request into memory, runs a handler, and records request
// and response. It creates the record before the handler runs, so that Saw includes
// pending requests.
func (c *Cloud) recorded(w http.ResponseWriter, r *http.Request, stray bool, next http.HandlerFunc) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		next = func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "body cannot be read", http.StatusRequestEntityTooLarge)
		}
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c.watchDevice(r)
	rec := newRecord(c.now(), r, body, stray)
	c.mu.Lock()
	c.records = append(c.records, rec)
	c.mu.Unlock()

	status := &statusWriter{ResponseWriter: w}
	defer func() {
		c.mu.Lock()
		rec.Status = status.code
		c.mu.Unlock()
		c.opts.Log.Debug(
			"request", "method", rec.Method, "host", rec.Host, "path", rec.Path, "action", rec.Action, "status",
			rec.Status, "stray", stray,
		)
	}()
	next(status, r)
}

func newRecord(now time.Time, r *http.Request, body []byte, stray bool) *record {
	query := r.URL.Query()
	rec := &record{Request: Request{
		Time: now, Method: r.Method, Host: hostOnly(r.Host), Path: r.URL.Path, Query: names(query), Stray: stray,
	}}
	rec.seen = []string{r.RequestURI, string(body)}
	for _, values := range query {
		rec.seen = append(rec.seen, values...)
	}
	for name, values := range r.Header {
		rec.seen = append(rec.seen, name+": "+strings.Join(values, ", "))
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/x-www-form-urlencoded":
		if form, err := url.ParseQuery(string(body)); err == nil {
			rec.Form, rec.Action = names(form), form.Get("Action")
			for _, values := range form {
				rec.seen = append(rec.seen, values...)
			}
		}
	case "application/json":
		var object map[string]any
		if json.Unmarshal(body, &object) == nil {
			rec.Form = names(object)
			rec.seen = append(rec.seen, fmt.Sprint(object))
		}
	}
	return rec
}

func names[V any](m map[string]V) []string {
	list := make([]string, 0, len(m))
	for name := range m {
		list = append(list, name)
	}
	sort.Strings(list)
	return list
}

// statusWriter records the status of a response.
type statusWriter struct {
	http.ResponseWriter
	code int
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(code int) {
	if w.code == 0 {
		w.code = code
	}
	w.ResponseWriter.WriteHeader(code)
}

// Write implements http.ResponseWriter.
func (w *statusWriter) Write(p []byte) (int, error) {
	if w.code == 0 {
		w.code = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap returns the underlying writer, for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
