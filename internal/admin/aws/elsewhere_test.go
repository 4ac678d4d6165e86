package aws

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/awsfake"
)

const elsewhere = "accounts: [{id: '999900009999'}]\n"

// With the credentials of another account nothing is deleted there, although it
// has resources of the same names and tags; no key is replaced, and no role is
// reported missing.
func TestAnotherAccount(t *testing.T) {
	l := newLab(t, admintest.OneAccount)
	l.Applied()
	keys := l.UserKeys()
	l.Use("tenant: " + awsfake.Tenant + "\nprovider: {metadata: metadata.xml}\n" + elsewhere)
	l.Gate.Take()

	const want = "the credentials are for account " + awsfake.Account + ", not for 999900009999"
	removesNothing(l, want)
	if err := RotateKeys(t.Context(), l.Runner().World, &Clients{}, func(string) {}); err == nil ||
		err.Error() != want {
		t.Errorf("rotate-key: %v", err)
	}
	if roles, err := new(Clients).Federated(t.Context(), l.Spec, l.Spec.Accounts[0]); err == nil ||
		err.Error() != want {
		t.Errorf("its roles: %v %v", roles, err)
	}
	if writes := awsfake.Writes(l.Gate.Take()); len(writes) > 0 || len(l.UserKeys()) != len(keys) {
		t.Errorf("written: %v", writes)
	}
}

// removesNothing checks that destroy reports once why it deletes nothing.
func removesNothing(l *admintest.Lab, why string) {
	l.T.Helper()
	removals, err := l.Runner().Removals(l.T.Context())
	if err != nil || len(removals) != 1 || removals[0].Undo.Do != nil || removals[0].Err == nil ||
		removals[0].Err.Error() != why {
		l.T.Errorf("destroy would delete %+v, %v", removals, err)
	}
}

// The same holds for another organization, which lacks the units of the spec.
func TestAnotherOrganization(t *testing.T) {
	c := newCompany(t, 1)
	c.Applied()
	for _, unit := range []string{"r-none", "ou-none-12345678"} {
		c.Spec.Organization.Units = []string{unit}
		c.Gate.Take()
		want := "the organization has no unit " + unit
		removesNothing(c.Lab, want)
		if err := new(Clients).LearnMembers(t.Context(), c.Spec); err == nil || err.Error() != want {
			t.Errorf("its accounts: %v", err)
		}
		if report := c.Apply(); report.Err() == nil || !strings.Contains(report.Err().Error(), want) {
			t.Errorf("apply: %v", report.Err())
		}
		if writes := awsfake.Writes(c.Gate.Take()); len(writes) > 0 {
			t.Errorf("written: %v", writes)
		}
	}
}

// The user of the post may have been made by hand: its key is not replaced.
func TestKeyOfAnothersUser(t *testing.T) {
	l := newLab(t, admintest.OneAccount)
	client := l.IAM()
	if _, err := client.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String(l.Spec.Provisioning.User)}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String(l.Spec.Provisioning.User)}); err != nil {
		t.Fatal(err)
	}
	l.Gate.Take()
	err := RotateKeys(t.Context(), l.Runner().World, &Clients{}, func(string) {})
	if err == nil || !strings.Contains(err.Error(), "was not created by this setup") {
		t.Error(err)
	}
	if writes := awsfake.Writes(l.Gate.Take()); len(writes) > 0 {
		t.Errorf("written: %v", writes)
	}
}
