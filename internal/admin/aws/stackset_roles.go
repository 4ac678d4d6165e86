package aws

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/fault"
)

// deployedRole is a role in the template of a set.
type deployedRole struct {
	Type       string
	Properties struct{ RoleName, Path string }
	body       any
}

// names reports whether the spec has a role of a name.
func (o inOrganization) names(role string) bool {
	return slices.ContainsFunc(o.roles(), func(r spec.Role) bool { return strings.EqualFold(r.Name, role) })
}

// obsoleteRoles returns the roles of the set that the spec no longer names. One
// update deletes them all.
func (o inOrganization) obsoleteRoles(ctx context.Context, w *engine.World) ([]engine.Undo, error) {
	clients, err := o.enter(ctx)
	if err != nil {
		return nil, err
	}
	have, err := o.stackSet(ctx, clients.cfn)
	if err != nil || have == nil || !o.owned(have) {
		return nil, explain(ctx, err, o.org.StackSet, "")
	}
	deployed, err := o.deployed(have)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, role := range deployed {
		if p := role.Properties; !o.names(p.RoleName) {
			names = append(names, p.RoleName)
			for _, id := range o.spec.Members(o.org) {
				w.LearnObsolete(o.spec.RoleARN(id, spec.Role{Name: p.RoleName, Path: p.Path}))
			}
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	slices.Sort(names)
	what := "roles in every account of the stack set: " + strings.Join(names, ", ")
	do := o.does(what, func(ctx context.Context, w *engine.World, c orgClients) error {
		return o.updateStackSet(ctx, w, c, true)
	})
	return []engine.Undo{{What: what, Do: func(ctx context.Context) error { return do(ctx, w) }}}, nil
}

// deployed returns the roles of a set by logical id. It refuses changes with which CloudFormation would fail in every account: it
// creates the replacement of a role before it deletes the role, under a name
// that is still taken.
func (o inOrganization) deployed(have *cfn.StackSet) (map[string]deployedRole, error) {
	if have == nil {
		return nil, nil
	}
	var body struct{ Resources map[string]json.RawMessage }
	// A template that o365aws did not write has no roles to preserve.
	_ = json.Unmarshal([]byte(aws.ToString(have.TemplateBody)), &body)
	roles := map[string]deployedRole{}
	for id, raw := range body.Resources {
		var r deployedRole
		if json.Unmarshal(raw, &r) != nil || r.Type != "AWS::IAM::Role" {
			continue
		}
		r.body = raw
		roles[id] = r
		for _, want := range o.roles() {
			p := r.Properties
			if !strings.EqualFold(want.Name, p.RoleName) || want.Name == p.RoleName && want.Path == p.Path {
				continue
			}
			return nil, fault.Newf(
				fault.Config, "role %s%s is deployed as %s%s, and CloudFormation cannot replace a role under its own name",
				want.Path, want.Name, p.Path, p.RoleName,
			).Hint("set name: %s and path: %s in the spec", p.RoleName, p.Path).
				Hint("or take the role out of the spec, run o365aws admin apply, and add it again")
		}
	}
	return roles, nil
}
