package login

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/saml"
)

// rolePrompt records the roles that it is asked to choose from.
type rolePrompt struct {
	Prompter
	names []string
}

func (p *rolePrompt) Role(_ context.Context, roles []saml.Role) (saml.Role, error) {
	for _, r := range roles {
		p.names = append(p.names, fullName(r))
	}
	return roles[0], nil
}

// The prompt lists the last role first, then the most used ones, then the others by
// account and name.
func TestRoleOrder(t *testing.T) {
	var roles []saml.Role
	for _, arn := range []string{
		"arn:aws:iam::444455556666:role/d", "arn:aws:iam::111122223333:role/a", "arn:aws:iam::444455556666:role/c",
		"arn:aws:iam::111122223333:role/b", "arn:aws:iam::444455556666:role/e",
	} {
		roles = append(roles, roleOf(t, arn))
	}
	p := &rolePrompt{}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	env := Env{
		Paths:    awsconfig.ResolvePaths(func(string) string { return "" }, t.TempDir()),
		Prompter: p, Now: func() time.Time { return now },
	}
	for _, use := range []saml.Role{roles[0], roles[4], roles[4]} {
		if err := awsconfig.LoadState(env.Paths).CountUse(use.ARN, now); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := env.chooseRole(t.Context(), roles, "", roles[2].ARN); err != nil {
		t.Fatal(err)
	}
	want := []string{"444455556666/c", "444455556666/e", "444455556666/d", "111122223333/a", "111122223333/b"}
	if !slices.Equal(p.names, want) {
		t.Errorf("got %v, want %v", p.names, want)
	}
}
