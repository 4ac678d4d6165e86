package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
)

// batchSize is the maximum number of calls in a batch.
// Source: learn.microsoft.com/graph/json-batching
const batchSize = 20

// fewReads is the number of reads that are sent without a batch: a batch is a POST, and a
// plan of an ordinary setup should send none.
const fewReads = 4

// batch sends calls in batches and returns the error of each. Throttled calls are retried
// after the longest Retry-After of their batch.
func (c *Client) batch(ctx context.Context, calls []call) ([]error, error) {
	if len(calls) <= 1 || len(calls) <= fewReads && calls[0].method == http.MethodGet {
		return c.singly(ctx, calls)
	}
	results := make([]error, len(calls))
	pending := make([]int, len(calls))
	for i := range calls {
		pending[i] = i
	}
	for try := 0; len(pending) > 0; {
		chunk := pending[:min(batchSize, len(pending))]
		again, wait, err := c.batchOnce(ctx, calls, chunk, results)
		if err != nil {
			return nil, err
		}
		pending = append(again, pending[len(chunk):]...)
		if len(again) == 0 {
			try = 0
			continue
		}
		if len(again) == len(chunk) { // no progress
			try++
		}
		if try > maxRetries {
			return results, nil // results holds the errors of the last attempt
		}
		if wait == 0 {
			wait = c.retry.RetryDelay << try
		}
		c.pace.notice(fmt.Sprintf("Microsoft Graph asks to wait %s", wait.Round(time.Second)))
		if err := sleep(ctx, min(wait, maxRetryDelay)); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// singly sends calls one by one.
func (c *Client) singly(ctx context.Context, calls []call) ([]error, error) {
	results := make([]error, len(calls))
	for i, k := range calls {
		results[i] = c.do(ctx, k)
		if results[i] != nil && AsError(results[i]) == nil {
			return nil, results[i] // no response: the next call would fail too
		}
	}
	return results, nil
}

type batchRequest struct {
	ID      string            `json:"id"`
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    any               `json:"body,omitempty"`
}

type batchResponse struct {
	ID      string            `json:"id"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

// batchOnce sends one batch. It returns the calls to retry and how long to wait first.
func (c *Client) batchOnce(
	ctx context.Context, calls []call, chunk []int, results []error,
) (again []int, wait time.Duration, err error) {
	var in struct {
		Requests []batchRequest `json:"requests"`
	}
	for _, i := range chunk {
		request := batchRequest{ID: strconv.Itoa(i), Method: calls[i].method, URL: calls[i].path, Body: calls[i].in}
		if len(calls[i].query) > 0 {
			request.URL += "?" + calls[i].query.Encode()
		}
		if request.Body != nil {
			request.Headers = map[string]string{"Content-Type": "application/json"}
		}
		in.Requests = append(in.Requests, request)
	}
	var out struct {
		Responses []batchResponse `json:"responses"`
	}
	first := calls[chunk[0]]
	outer := call{method: http.MethodPost, path: "/$batch", in: in, out: &out, what: first.what, need: first.need}
	if err := c.do(ctx, outer); err != nil {
		return nil, 0, err
	}
	answered := map[string]batchResponse{}
	for _, response := range out.Responses {
		answered[response.ID] = response
	}
	for _, i := range chunk {
		response, ok := answered[strconv.Itoa(i)]
		if !ok {
			return nil, 0, fault.Newf(
				fault.Network, "%s: Microsoft Graph left a part of the batch unanswered", calls[i].what,
			)
		}
		results[i] = nil
		if calls[i].out != nil && response.Status < http.StatusBadRequest {
			results[i] = decode(calls[i], response.Body)
		}
		code := ""
		if response.Status >= http.StatusBadRequest {
			refusal := parseError(response.Status, response.Body)
			code, results[i] = refusal.Code, explain(calls[i], refusal)
		}
		c.told(calls[i].method, calls[i].path, response.Status, code)
		if response.Status == http.StatusTooManyRequests || response.Status == http.StatusServiceUnavailable {
			again = append(again, i)
			if seconds, err := strconv.Atoi(response.Headers["Retry-After"]); err == nil {
				wait = max(wait, time.Duration(seconds)*time.Second)
			}
		}
	}
	return again, wait, nil
}
