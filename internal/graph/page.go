package graph

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/o365aws/o365aws/internal/fault"
)

// page is one page of a collection.
type page[T any] struct {
	Value []T    `json:"value"`
	Next  string `json:"@odata.nextLink"`
}

// Limits of a collection. A directory of 100,000 groups has 1,001 pages of 100.
const (
	maxPages      = 5000
	maxCollection = 256 << 20 // bytes
)

// list reads every page of a collection.
func list[T any](ctx context.Context, c *Client, k call) ([]T, error) {
	k.method = http.MethodGet
	var first page[T]
	k.out = &first
	if err := c.do(ctx, k); err != nil || first.Next == "" {
		return first.Value, err
	}
	rest, err := follow[T](ctx, c, k, first.Next)
	return append(first.Value, rest...), err
}

// follow reads the remaining pages. Their links are opaque and are followed unchanged,
// but never to another host, which would receive the token.
func follow[T any](ctx context.Context, c *Client, k call, next string) ([]T, error) {
	var all []T
	size := 0
	k.read = &size
	for pages := 1; next != ""; pages++ {
		if pages >= c.maxPages || size > c.maxCollection {
			return nil, fault.Newf(
				fault.Network, "%s: the answer is too large: %d pages, %d bytes", k.what, pages, size,
			)
		}
		link, err := url.Parse(next)
		path, ok := strings.CutPrefix(next, c.cloud.Graph+"/v1.0")
		if err != nil || !ok {
			return nil, fault.Newf(fault.Network, "%s: the next page is on another host", k.what)
		}
		k.path, _, _ = strings.Cut(path, "?")
		k.query = link.Query()
		var more page[T]
		k.out = &more
		if err := c.do(ctx, k); err != nil {
			return nil, err
		}
		all, next = append(all, more.Value...), more.Next
	}
	return all, nil
}

// lists reads several collections in batches, and further pages one by one.
func lists[T any](ctx context.Context, c *Client, calls []call) ([]T, error) {
	if len(calls) == 1 {
		return list[T](ctx, c, calls[0])
	}
	pages := make([]page[T], len(calls))
	for i := range calls {
		calls[i].method, calls[i].out = http.MethodGet, &pages[i]
	}
	errs, err := c.batch(ctx, calls)
	if err != nil {
		return nil, err
	}
	var all []T
	for i, page := range pages {
		if errs[i] != nil {
			return nil, errs[i]
		}
		all = append(all, page.Value...)
		if page.Next != "" {
			rest, err := follow[T](ctx, c, calls[i], page.Next)
			if err != nil {
				return nil, err
			}
			all = append(all, rest...)
		}
	}
	return all, nil
}

// where returns a query. Values of filters must be quoted with quote.
func where(pairs ...string) url.Values {
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	return query
}

// quote returns a string literal of OData.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
