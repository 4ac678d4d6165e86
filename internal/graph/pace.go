package graph

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// pacer logs every request without body, query or secret headers, and slows down
// when the throttling budget is nearly spent.
// Source: learn.microsoft.com/graph/throttling-limits
type pacer struct {
	log    *slog.Logger
	notice func(string)

	mu    sync.Mutex
	spent float64 // spent part of the budget, from 0 to 1
	calls int
}

// Do implements policy.Policy.
func (p *pacer) Do(request *policy.Request) (*http.Response, error) {
	if err := sleep(request.Raw().Context(), p.rest()); err != nil {
		return nil, err
	}
	began := time.Now()
	response, err := request.Next()
	p.mu.Lock()
	p.calls++
	p.mu.Unlock()
	method, path := request.Raw().Method, request.Raw().URL.Path
	if err != nil {
		p.log.Debug("graph", "method", method, "path", path, "error", err)
		return response, err
	}
	p.learn(response)
	p.log.Debug(
		"graph", "method", method, "path", path, "status", response.StatusCode, "took",
		time.Since(began).Round(time.Millisecond), "request_id", response.Header.Get("request-id"), "units",
		response.Header.Get("x-ms-resource-unit"), "throttle", response.Header.Get("x-ms-throttle-limit-percentage"),
	)
	if response.StatusCode == http.StatusTooManyRequests {
		p.notice("Microsoft Graph asks to wait" + forHowLong(response))
	}
	return response, nil
}

func forHowLong(response *http.Response) string {
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil {
		return fmt.Sprintf(" %d s", seconds)
	}
	return ""
}

// learn records how much of the budget is spent. The service sends the header only
// above 80 percent.
func (p *pacer) learn(response *http.Response) {
	spent, err := strconv.ParseFloat(response.Header.Get("x-ms-throttle-limit-percentage"), 64)
	if err != nil {
		spent = 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spent = spent
}

// rest returns the wait before the next call: none up to 80 percent of the budget,
// one second at 100.
func (p *pacer) rest() time.Duration {
	const from, unit = 0.8, 5 * time.Second
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.spent <= from {
		return 0
	}
	return min(time.Duration((p.spent-from)*float64(unit)), 2*time.Second)
}

// Calls returns the number of requests so far, retries included.
func (c *Client) Calls() int {
	c.pace.mu.Lock()
	defer c.pace.mu.Unlock()
	return c.pace.calls
}

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
