package login

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/termtext"
)

// selectRole returns the requested role, or that of the profile. A program's call uses
// the role of the last login instead of prompting.
func (r resolved) selectRole(ctx context.Context, roles []saml.Role) (saml.Role, error) {
	pattern, last := cmp.Or(r.Role, r.Profile.RoleARN), r.state.LastRole(r.Profile.Name)
	if pattern == "" && r.use == forProgram {
		for _, role := range roles {
			if role.ARN == last {
				return role, nil
			}
		}
	}
	if pattern == "" && len(roles) > 1 && !r.Interactive {
		return saml.Role{}, r.env.interactionRequired(r.Profile, "several roles are available").
			Hint("or set azure_default_role_arn in the profile")
	}
	return r.env.chooseRole(ctx, roles, pattern, last)
}

// chooseRole returns the role that pattern names, or the only one, or else prompts. last
// is the ARN of the previous choice, which the prompt lists first, followed by the most
// used roles.
func (e Env) chooseRole(ctx context.Context, roles []saml.Role, pattern, last string) (saml.Role, error) {
	if len(roles) == 0 {
		return saml.Role{}, noRoles()
	}
	if pattern != "" {
		return matchRole(roles, pattern, awsconfig.AccountNames(e.Paths))
	}
	if len(roles) == 1 {
		return roles[0], nil
	}
	state, now := awsconfig.LoadState(e.Paths), e.Now()
	score := func(r saml.Role) float64 {
		if r.ARN == last {
			return math.Inf(1)
		}
		return state.UseScore(r.ARN, now)
	}
	sorted := ordered(roles)
	slices.SortStableFunc(sorted, func(a, b saml.Role) int { return cmp.Compare(score(b), score(a)) })
	return e.Prompter.Role(ctx, sorted)
}

// confirmUnknownRole asks for confirmation before a sign-in for a requested role that the
// last sign-in did not offer: it may be misspelled, or new.
func (r resolved) confirmUnknownRole(ctx context.Context) error {
	if r.Role == "" || !r.Interactive || !r.env.Prompter.Window() {
		return nil
	}
	var roles []saml.Role
	for _, arn := range awsconfig.Offered(r.env.Paths, r.Profile.Name) {
		roles = append(roles, saml.Role{ARN: arn})
	}
	_, err := matchRole(roles, r.Role, awsconfig.AccountNames(r.env.Paths))
	if err == nil || len(roles) == 0 {
		return nil
	}
	var f *fault.Error
	if errors.As(err, &f) && len(f.Hints) > 0 {
		r.env.Prompter.Notice(sentence(fmt.Errorf("%w (%s)", err, f.Hints[0])))
	}
	yes, promptErr := r.env.Prompter.Confirm(ctx, "Your roles may have changed since the last sign-in. Sign in to check?")
	if promptErr != nil || yes {
		return promptErr
	}
	return err
}

// matchRole returns the one role that pattern matches.
func matchRole(roles []saml.Role, pattern string, accounts map[string]string) (saml.Role, error) {
	found, err := matchRoles(roles, pattern, accounts)
	switch {
	case err != nil:
		return saml.Role{}, err
	case len(found) > 1:
		return saml.Role{}, fault.Newf(fault.Role, "%q matches %d roles", termtext.Printable(pattern, 100), len(found)).
			Hint("be more specific, e.g. %s; candidates: %s", fullName(ordered(found)[0]), list(found))
	}
	return found[0], nil
}

// matchRoles returns the roles that pattern matches, at least one. A pattern is an ARN, a
// name, account/name with the number or the name of the account, or one of these with *
// and ?.
func matchRoles(roles []saml.Role, pattern string, accounts map[string]string) ([]saml.Role, error) {
	// An exact ARN takes precedence: its path may contain pattern characters.
	if i := slices.IndexFunc(roles, func(r saml.Role) bool { return r.ARN == pattern }); i >= 0 {
		return roles[i : i+1], nil
	}
	for _, exact := range []func(saml.Role) string{
		func(r saml.Role) string { return r.ARN },
		saml.Role.Name,
		fullName,
		func(r saml.Role) string { return accounts[r.Account()] + "/" + r.Name() },
	} {
		var found []saml.Role
		for _, r := range roles {
			ok, err := path.Match(strings.ToLower(escapeSlash(pattern)), strings.ToLower(escapeSlash(exact(r))))
			if err != nil {
				return nil, fault.Newf(fault.Config, "role pattern %q is not valid", termtext.Printable(pattern, 100))
			}
			if ok {
				found = append(found, r)
			}
		}
		if len(found) > 0 {
			return found, nil
		}
	}
	f := fault.Newf(fault.Role, "role %q is not available to you", termtext.Printable(pattern, 200))
	if near := nearest(roles, pattern); near != "" {
		f = f.Hint("did you mean %s?", near)
	}
	return nil, f.Hint("available roles: %s", list(roles))
}

// fullName returns ACCOUNT/NAME, a pattern that selects the role.
func fullName(r saml.Role) string { return r.Account() + "/" + r.Name() }

func noRoles() error {
	return fault.New(fault.Role, "no AWS role is assigned to you",
		"ask your admin to assign a role of the AWS application to you, or to a group that you are a direct member of",
		"new roles appear about 40 minutes after they were created in AWS")
}

// nearest returns the role name closest in spelling to a word that matches no role.
func nearest(roles []saml.Role, word string) string {
	var names []string
	for _, r := range roles {
		if strings.Contains(word, "/") {
			names = append(names, fullName(r))
		} else {
			names = append(names, r.Name())
		}
	}
	return termtext.Nearest(word, names)
}

// escapeSlash lets * match a slash, which path.Match does not.
func escapeSlash(s string) string { return strings.ReplaceAll(s, "/", "\x1f") }

// shownRoles limits the length of a list in an error.
const shownRoles = 12

// list returns the names of roles, sorted by account and name.
func list(roles []saml.Role) string {
	var names []string
	for _, r := range ordered(roles)[:min(len(roles), shownRoles)] {
		names = append(names, fullName(r))
	}
	if more := len(roles) - shownRoles; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

// ordered returns roles sorted by account and name.
func ordered(roles []saml.Role) []saml.Role {
	sorted := slices.Clone(roles)
	slices.SortStableFunc(sorted, func(a, b saml.Role) int { return strings.Compare(fullName(a), fullName(b)) })
	return sorted
}
