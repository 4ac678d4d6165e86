package aws

import (
	"context"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// recordCalls adds a middleware that passes the operation and the response of each
// attempt to Record.
func (c *Clients) recordCalls(stack *middleware.Stack) error {
	if c.Record == nil {
		return nil
	}
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("o365aws:Record", func(
		ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
	) (middleware.DeserializeOutput, middleware.Metadata, error) {
		out, metadata, err := next.HandleDeserialize(ctx, in)
		status := 0
		if r, ok := out.RawResponse.(*smithyhttp.Response); ok && r.Response != nil {
			status = r.StatusCode
		}
		c.Record(awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx), status, code(err))
		return out, metadata, err
	}), middleware.Before)
}
