package aws

import (
	"slices"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/metadata"
	"github.com/o365aws/o365aws/internal/awsfake"
)

// Accounts and organization have the roles that they select, by default all.
func TestRoleSets(t *testing.T) {
	s := admintest.MustParse(t, `
tenant: a.b
roles: [{name: audit}, {name: deploy}, {name: read}]
accounts:
- {id: '111111111111', roles: [audit, read]}
- {id: '222222222222'}
organization: {units: [r-abcd], roles: [read]}
assignments: [{group: g, roles: [deploy]}]
`)
	steps, err := engine.Compose(&engine.World{Spec: s}, Side(&Clients{}))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, step := range steps {
		if account, role, ok := strings.Cut(strings.TrimPrefix(string(step.ID), "aws/"), "/role/"); ok {
			got = append(got, account+" "+role)
		}
	}
	slices.Sort(got)
	want := []string{
		"111111111111 audit", "111111111111 read", "222222222222 audit", "222222222222 deploy", "222222222222 read",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got roles %v, want %v", got, want)
	}

	m, err := metadata.Parse(awsfake.Metadata(t, awsfake.Certificate(t, 2048, admintest.LabEnds)))
	if err != nil {
		t.Fatal(err)
	}
	body, err := inOrganization{&Clients{}, s, s.Targets()[0]}.template(m, nil, false)
	if err != nil || !strings.Contains(body, `"read"`) || strings.Contains(body, `"audit"`) {
		t.Errorf("the template must have the role read only: %v", err)
	}

	values := s.ValuesOf(s.Assignments[0])
	if len(values) != 1 || !strings.HasPrefix(values[0], "arn:aws:iam::222222222222:role/deploy,") {
		t.Errorf("got assigned roles %v, want deploy of 222222222222", values)
	}
}
