package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
)

// undoes runs look for something to delete and explains its errors.
func (a inAccount) undoes(
	ctx context.Context, what, resource string, look func(context.Context, *iam.Client) (engine.Undo, error),
) (engine.Undo, error) {
	clients, err := a.enter(ctx)
	if err != nil {
		return engine.Undo{}, err
	}
	u, err := look(ctx, clients.iam)
	if err != nil || u.Do == nil {
		return u, a.explain(ctx, err, what, resource)
	}
	do := u.Do
	u.Do = func(ctx context.Context) error {
		if err := do(ctx); !notFound(err) { // NoSuchEntity: deleted meanwhile
			return a.explain(ctx, err, what, resource)
		}
		return nil
	}
	return u, nil
}

// undo returns the deletion of a resource with our tag; others stay.
func undo(s *spec.Spec, what string, tags []types.Tag, do func(context.Context) error) engine.Undo {
	if !owned(s, tags) {
		return engine.Undo{What: what, Keep: "it does not have the tag " + spec.TagKey + "=" + s.Name}
	}
	return engine.Undo{What: what, Do: do}
}
