// Package aws holds the steps in AWS: provider, roles and import user of an
// account, the stack set of an organization, and exports of the same.
package aws

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
)

// Side returns the AWS side: provider, roles and import user of every account,
// and the stack set of an organization.
func Side(clients *Clients) engine.Side {
	return func(w *engine.World) ([]engine.Step, error) {
		var steps []engine.Step
		for _, account := range w.Spec.DirectAccounts() {
			a := inAccount{clients: clients, spec: w.Spec, account: account}
			steps = append(steps, a.accountStep(), a.providerStep())
			for _, r := range w.Spec.RolesIn(account.ID) {
				steps = append(steps, a.roleStep(r))
			}
			if w.Spec.Provisioning.Style == spec.StyleImport {
				steps = append(steps, a.userStep())
				if w.Keys != nil {
					steps = append(steps, a.keyStep())
				}
			}
		}
		for i, target := range w.Spec.Targets() {
			o := inOrganization{clients, w.Spec, target}
			if i == 0 {
				steps = append(steps, o.accessStep())
			}
			steps = append(steps, o.steps()...)
		}
		return append(steps, removedSteps(clients, w.Spec)...), nil
	}
}

// inAccount holds what the steps of one account share.
type inAccount struct {
	clients *Clients
	spec    *spec.Spec
	account spec.Account
	former  bool // removed from the spec: no resource in it is in the spec
}

func (a inAccount) group() string {
	if a.account.Name != "" {
		return "account " + a.account.ID + " (" + a.account.Name + ")"
	}
	return "account " + a.account.ID
}

// arn returns the ARN of an IAM resource in the account.
func (a inAccount) arn(rest string) string {
	return "arn:" + a.spec.Partition + ":iam::" + a.account.ID + ":" + rest
}

// assumed returns the ARN of the role that is assumed in the account, or "".
func (a inAccount) assumed() string {
	switch role := a.account.AssumeRole; {
	case role == "" || strings.HasPrefix(role, "arn:"):
		return role
	default:
		return a.arn("role/" + strings.TrimPrefix(role, "/"))
	}
}

// explain calls the function of the same name; if entering the account failed,
// the resource is the role to assume.
func (a inAccount) explain(ctx context.Context, err error, what, resource string) error {
	if action(err) == "sts:AssumeRole" {
		resource = a.assumed()
	}
	return explain(ctx, err, what, resource)
}

// looks returns a Check that reads IAM: a denied call becomes a finding, other
// errors are explained.
func (a inAccount) looks(
	what, resource string, look func(context.Context, *engine.World, *iam.Client) (engine.Finding, error),
) func(context.Context, *engine.World) (engine.Finding, error) {
	return func(ctx context.Context, w *engine.World) (engine.Finding, error) {
		clients, err := a.enter(ctx)
		if err != nil {
			return engine.Finding{}, err
		}
		finding, err := look(ctx, w, clients.iam)
		if denied(err) && strings.HasPrefix(action(err), "iam:") {
			return refused(err, resource), nil
		}
		return finding, a.explain(ctx, err, what, resource)
	}
}

// does returns an Apply that writes to IAM.
func (a inAccount) does(
	what, resource string, do func(context.Context, *engine.World, *iam.Client) error,
) func(context.Context, *engine.World) error {
	return func(ctx context.Context, w *engine.World) error {
		clients, err := a.enter(ctx)
		if err != nil {
			return err
		}
		return soon(a.explain(ctx, do(ctx, w, clients.iam), what, resource))
	}
}

// soon marks the errors that IAM returns while a new resource, or the principal
// of a trust policy, is not replicated yet.
func soon(err error) error {
	text := fmt.Sprint(err)
	switch {
	case err == nil:
		return nil
	case strings.Contains(text, "MalformedPolicyDocument") && strings.Contains(strings.ToLower(text), "principal"):
		return engine.NotYet(err, "IAM to replicate the provider")
	case strings.Contains(text, "NoSuchEntity") && !strings.Contains(text, "not attachable"):
		return engine.NotYet(err, "IAM to replicate what was just created")
	case strings.Contains(text, "ConcurrentModification"), strings.Contains(text, "EntityTemporarilyUnmodifiable"):
		return engine.NotYet(err, "IAM to finish another change")
	}
	return err
}

// allow returns the permissions of actions on one resource.
func allow(resource string, actions ...string) []engine.Permission {
	all := make([]engine.Permission, len(actions))
	for i, action := range actions {
		all[i] = engine.Permission{Action: action, Resource: resource}
	}
	return all
}

// taken returns the finding of a resource with the name of ours that this setup
// did not create. where is the place in the spec that adopts it.
func taken(what, where string) engine.Finding {
	return engine.IsForbidden("", what+" already exists and was not created by this setup",
		"to manage it and change it to match the spec, set adopt: true in the spec "+where, "or choose another name")
}
