package login

import (
	"context"
	"fmt"

	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/network"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/sts"
	"github.com/o365aws/o365aws/internal/termtext"
)

// acquireChained returns credentials of the chained role of a request. The session
// policies of the request apply to that role, not to the first one, which needs
// permission to assume it.
func acquireChained(ctx context.Context, env Env, req Request) (Result, error) {
	r, err := resolve(env, req, forProgram)
	if err != nil {
		return Result{}, err
	}
	if found := r.lookUp(); found.reusable && !r.Force {
		return r.reuse(ctx, found)
	}
	unlock, err := r.lockRole(ctx)
	if err != nil {
		return Result{}, err
	}
	defer unlock()
	if found := r.lookUp(); found.reusable { // another process may have renewed in the meantime
		return r.reuse(ctx, found)
	}
	first := req
	first.Chain, first.Policies = sts.Chain{}, sts.Policies{}
	first.MinTTL = max(req.MinTTL, minSharedSession)
	base, err := acquire(ctx, env, first, forProgram)
	if err != nil {
		return Result{}, err
	}
	want := req.Profile.Duration
	if want > sts.MaxChained {
		env.Prompter.Notice(fmt.Sprintf(
			"AWS limits chained roles to one hour; requested %s.", termtext.Duration(want),
		))
	}
	net, err := network.New(env.Getenv, r.Profile.CABundle, entra.Clouds()[0].LoginHost)
	if err != nil {
		return Result{}, err
	}
	o := env.stsOptions(net, r.Profile, nil)
	o.Policies = r.policies
	chain := req.Chain
	chain.Session = base.SessionName
	creds, err := sts.New(o).AssumeChained(ctx, base.Credentials, chain, want)
	if err != nil {
		return Result{}, err
	}
	return r.store(ctx, Result{
		Role: saml.Role{ARN: chain.RoleARN}, SessionName: base.SessionName, Policies: r.narrowing, Credentials: creds,
	})
}
