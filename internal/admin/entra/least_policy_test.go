package entra

import (
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/admin/aws"
	"github.com/o365aws/o365aws/internal/admin/engine"
)

// The policy contains the AWS permissions of the tenant's steps and of the template
// bucket.
func TestLeastPolicyOfMerging(t *testing.T) {
	w := &engine.World{
		Spec: admintest.MustParse(
			t,
			"tenant: a.b\npartition: aws-us-gov\norganization: {region: us-gov-west-1, units: [r-abcd], "+
				"template_bucket: templates}\n",
		),
	}
	clients := &aws.Clients{}
	steps, err := engine.Compose(w, (&Tenant{AWS: clients}).Steps, aws.Side(clients))
	if err != nil {
		t.Fatal(err)
	}
	policy := engine.LeastPolicy(steps)
	for _, want := range []string{"iam:ListRoles", "s3:PutObject", "s3:GetObject", "arn:aws-us-gov:s3:::templates/o365aws/*", "organizations:ListOrganizationalUnitsForParent"} {
		if !strings.Contains(policy, `"`+want+`"`) {
			t.Errorf("no %s in %s", want, policy)
		}
	}
}
