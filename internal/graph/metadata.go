package graph

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/o365aws/o365aws/internal/fault"
)

// MetadataURL returns the URL of an application's federation metadata.
func (c *Client) MetadataURL(tenantID, appID string) string {
	return c.cloud.Login + "/" + url.PathEscape(
		tenantID,
	) + "/federationmetadata/2007-06/federationmetadata.xml?appid=" + url.QueryEscape(
		appID,
	)
}

// maxMetadata is the limit of AWS, in bytes.
const maxMetadata = 10_000_000

// Metadata returns the federation metadata of an application without its byte
// order mark, which AWS refuses.
func (c *Client) Metadata(ctx context.Context, tenantID, appID string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.MetadataURL(tenantID, appID), nil)
	if err != nil {
		return nil, fault.Wrap(fault.Config, err, "the tenant's metadata")
	}
	response, err := c.http.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fault.Wrap(
			fault.Network, err, "Microsoft's federation metadata could not be reached", fault.ReachAdvice,
		)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxMetadata+1))
	if err != nil {
		return nil, fault.Wrap(
			fault.Network, err, "Microsoft's federation metadata could not be read", fault.ReachAdvice,
		)
	}
	switch {
	case response.StatusCode != http.StatusOK:
		return nil, fault.Wrap(
			fault.Network,
			&Error{Status: response.StatusCode, Code: fmt.Sprintf("metadata of application %s", appID)},
			"Microsoft's federation metadata was not found",
		)
	case len(body) > maxMetadata:
		return nil, fault.New(fault.Network, "Microsoft's federation metadata exceeds the limit of AWS")
	}
	return bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), nil
}
