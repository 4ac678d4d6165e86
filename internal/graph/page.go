package graph

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/o365aws/o365aws/internal/fault"
)

// list reads every page of a collection. Links to further pages are opaque
// and are followed as they are, but never to another host: they carry the
// token there.
func list[T any](ctx context.Context, c *Client, k call) ([]T, error) {
	k.method = http.MethodGet
	var all []T
	for {
		var page struct {
			Value []T    `json:"value"`
			Next  string `json:"@odata.nextLink"`
		}
		k.out = &page
		if err := c.do(ctx, k); err != nil {
			return nil, err
		}
		all = append(all, page.Value...)
		if page.Next == "" {
			return all, nil
		}
		path, ok := strings.CutPrefix(page.Next, c.cloud.Graph+"/v1.0")
		if !ok {
			return nil, fault.Newf(fault.Network, "%s: the next page is on another host", k.what)
		}
		k.path, k.query = path, nil
	}
}

// where builds a query; the values of filters are quoted by quote.
func where(pairs ...string) url.Values {
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	return query
}

// quote writes a string literal of OData.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
