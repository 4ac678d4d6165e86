package admin

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// undoes runs a look for something to take away, its errors explained.
func (a inAccount) undoes(
	ctx context.Context, what, resource string, look func(context.Context, *iam.Client) (Undo, error),
) (Undo, error) {
	clients, err := a.enter(ctx)
	if err != nil {
		return Undo{}, err
	}
	u, err := look(ctx, clients.iam)
	if err != nil || u.Do == nil {
		return u, a.explain(ctx, err, what, resource)
	}
	do := u.Do
	u.Do = func(ctx context.Context) error {
		if err := do(ctx); !notFound(err) { // somebody else was faster
			return a.explain(ctx, err, what, resource)
		}
		return nil
	}
	return u, nil
}

// undo takes away what carries our tag, and says of the rest that it stays.
func (s *Spec) undo(what string, tags []types.Tag, do func(context.Context) error) Undo {
	if !s.owned(tags) {
		return Undo{What: what, Keep: "it does not carry the tag " + TagKey + "=" + s.Name}
	}
	return Undo{What: what, Do: do}
}
