package cli_test

import (
	"path/filepath"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/o365aws/o365aws/internal/fakecloud"
	"github.com/o365aws/o365aws/internal/fakecloud/graphspec"
)

// startTenant starts an empty tenant and an empty AWS account: tenant
// [FAULT...], each a fault of fakecloud.GraphFaults. The admin's credentials
// for both are in the environment, as in CI.
func startTenant(ts *testscript.TestScript, _ bool, args []string) {
	s := sceneOf(ts)
	cloud, err := fakecloud.New(fakecloud.Options{Empty: true, Scenario: "push-waits", Graph: fakecloud.GraphOptions{Faults: args, OnCall: graphspec.Check(checked{ts})}})
	ts.Check(err)
	ts.Check(cloud.Start())
	s.cloud, s.changes = cloud, 0
	ca := filepath.Join(s.work, "ca.pem")
	ts.Check(cloud.WriteCA(ca))
	for name, value := range map[string]string{
		"HTTPS_PROXY": cloud.ProxyURL(), "AWS_CA_BUNDLE": ca, "PASSWORD": fakecloud.Password, "TENANT": fakecloud.TenantDomain, "ACCOUNT": fakecloud.AccountID,
		"AZURE_TENANT_ID": fakecloud.TenantID, "AZURE_CLIENT_ID": fakecloud.ProgramID, "AZURE_CLIENT_SECRET": fakecloud.ProgramSecret,
		"AWS_ACCESS_KEY_ID": fakecloud.AdminKeyID, "AWS_SECRET_ACCESS_KEY": fakecloud.AdminSecret, "AWS_REGION": "us-east-1",
	} {
		ts.Setenv(name, value)
	}
}

// checked is a script as graphspec wants a test.
type checked struct{ ts *testscript.TestScript }

func (checked) Helper()                             {}
func (c checked) Logf(format string, args ...any)   { c.ts.Logf(format, args...) }
func (c checked) Fatalf(format string, args ...any) { c.ts.Fatalf(format, args...) }

// Errorf is called by a handler of the double, which cannot end the script.
func (c checked) Errorf(format string, args ...any) {
	s := sceneOf(c.ts)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.violations++
	c.ts.Logf(format, args...)
}

// checkApplications counts the applications of the tenant: applications N.
func checkApplications(ts *testscript.TestScript, _ bool, args []string) {
	there, deleted := sceneOf(ts).cloud.Applications()
	if len(args) != 1 || args[0] != strconv.Itoa(there) {
		ts.Fatalf("there are %d applications, and %d deleted ones; wanted %v", there, deleted, args)
	}
}

// checkChanged counts the changes in both clouds since the last look: changed
// N. It also wants every call of Graph so far to be as Microsoft describes it.
func checkChanged(ts *testscript.TestScript, neg bool, args []string) {
	s := sceneOf(ts)
	all := len(s.cloud.GraphWrites()) + len(s.cloud.AWSWrites())
	now := all - s.changes
	s.changes = all
	s.mu.Lock()
	violations := s.violations
	s.mu.Unlock()
	if violations > 0 {
		ts.Fatalf("%d calls of Graph are not as Microsoft describes them", violations)
	}
	if len(args) == 1 && (args[0] == strconv.Itoa(now)) == neg || len(args) == 0 && (now > 0) == neg {
		ts.Fatalf("%d changes, want %v", now, args)
	}
}
