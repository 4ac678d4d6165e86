package awsfake

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// moto's threads share tables without a lock, so two calls must never run in it at the
// same time.
func TestCallsAreSerialized(t *testing.T) {
	var within atomic.Int32
	met := make(chan struct{})
	var once sync.Once
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if within.Add(1) > 1 {
			once.Do(func() { close(met) })
		}
		select {
		case <-met:
		case <-time.After(100 * time.Millisecond): // no second call
		}
		within.Add(-1)
	}))
	defer server.Close()
	moto := &Moto{URL: server.URL}
	gates := []*Gate{NewGate(t, moto), NewGate(t, moto)}
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			reply, err := http.Post(
				gates[i%2].URL, "application/x-www-form-urlencoded", strings.NewReader("Action=CreateRole"),
			)
			if err != nil {
				t.Error(err)
				return
			}
			_ = reply.Body.Close()
		})
	}
	all.Wait()
	select {
	case <-met:
		t.Error("got two concurrent calls, want one at a time")
	default:
	}
}
