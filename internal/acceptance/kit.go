// Package acceptance runs a checklist of o365aws against a real tenant and a real
// AWS account chosen by a tester, or against the emulator. It is not part of a
// release.
package acceptance

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/o365aws/o365aws/internal/report"
)

// Kit is a run of the checklist. It works in a separate folder and does not use the files
// and sessions of the tester.
type Kit struct {
	Program string   // o365aws
	Dir     string   // working folder; must exist and be empty
	Report  string   // path of the report to write
	Environ []string // environment of the programs it starts
	Out     *os.File // also passed to programs, which write concurrently
	Confirm func(ctx context.Context, question string) (bool, error)

	Tenant, User, Role, Region, Cloud string
	Methods                           []string // MFA methods to test
	Account                           string   // AWS account for a test setup; "" for none
	Spec                              string   // spec to plan; "" for none
	Only                              []string // names of the checks to run; nil for all

	passphrase string // of the secret store; random, so that files of a killed run are useless
	signedIn   bool
	check      check // current check
}

// Results of a check.
const (
	passed  = "passed"
	failed  = "failed"
	skipped = "skipped"
)

// skip is the error of a check that does not apply. Its text is safe to publish.
type skip string

// Error implements error.
func (s skip) Error() string { return string(s) }

// finding is the error of a failed check. Its text is safe to publish.
type finding string

// Error implements error.
func (f finding) Error() string { return string(f) }

// Run runs the checks, prints a table of the results, and writes the report. It
// returns an error if a check failed.
func (k *Kit) Run(ctx context.Context) error {
	k.passphrase = rand.Text()
	if err := k.writeProfiles(); err != nil {
		return err
	}
	var results []report.Accepted
	var document report.Document
	failures := 0
	for _, c := range k.checks() {
		result := k.run(ctx, c)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		results = append(results, result)
		if result.Result == failed {
			failures++
		}
		// The report has the trail of the first failure, or else of the sign-in.
		first := document.Format == 0 && (c.name == "sign-in" || c.kind == admin) && result.Result == passed
		if first || result.Result == failed && failures == 1 {
			document = k.document(ctx)
		}
	}
	document.Format, document.Acceptance = report.Format, results
	if err := k.finish(document); err != nil {
		return err
	}
	if failures > 0 {
		return fmt.Errorf("%d of %d checks failed", failures, len(results))
	}
	return nil
}

// run runs a check. The report contains only texts of this package; details are printed
// for the tester.
func (k *Kit) run(ctx context.Context, c check) report.Accepted {
	_, _ = fmt.Fprintf(k.Out, "\n== %s\n", c.name)
	k.check = c
	err := k.agreed(ctx)
	if err == nil {
		err = c.run(ctx, k)
	}
	result := report.Accepted{Check: c.name, Result: passed}
	var not skip
	var found finding
	switch {
	case errors.As(err, &not):
		result.Result, result.Why = skipped, not.Error()
	case errors.As(err, &found):
		result.Result, result.Why = failed, found.Error()
	case err != nil:
		result.Result, result.Why = failed, "the program could not be run"
		_, _ = fmt.Fprintln(k.Out, err)
	}
	_, _ = fmt.Fprintln(k.Out, strings.TrimSuffix(result.Result+": "+result.Why, ": "))
	return result
}

// agreed returns nil if the current check applies and the tester agrees to it.
func (k *Kit) agreed(ctx context.Context) error {
	switch {
	case k.check.kind != admin && (k.Tenant == "" || k.User == ""):
		return skip("no -tenant or no -user")
	case k.check.kind == session && !k.signedIn:
		return skip("not signed in")
	case k.check.asks == "":
		return nil
	}
	yes, err := k.Confirm(ctx, "The check "+k.check.name+" "+k.check.asks+". Continue?")
	switch {
	case err != nil:
		return skip("input is not available")
	case !yes:
		return skip("declined by the tester")
	}
	return nil
}

// document returns the report of the current check, or an empty one if it fails.
func (k *Kit) document(ctx context.Context) report.Document {
	d := report.Document{Format: report.Format}
	data, err := k.output(k.command(ctx, "report", "--output", "json"))
	if err == nil {
		err = json.Unmarshal(data, &d)
	}
	if err != nil {
		_, _ = fmt.Fprintln(k.Out, "cannot create the report:", err)
	}
	return d
}

// finish prints the table and writes the report.
func (k *Kit) finish(document report.Document) error {
	_, _ = fmt.Fprintln(k.Out)
	table := tabwriter.NewWriter(k.Out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "CHECK\tRESULT")
	for _, r := range document.Acceptance {
		_, _ = fmt.Fprintln(table, strings.TrimSuffix(r.Check+"\t"+r.Result+"\t"+r.Why, "\t"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	data, err := document.JSON()
	if err == nil {
		err = os.WriteFile(k.Report, data, 0o600)
	}
	if err == nil {
		_, err = fmt.Fprintf(
			k.Out, "\nReport written to %s. Review it, then attach it to an issue: %s\n", k.Report, document.Form(),
		)
	}
	return err
}

// The profiles of the kit: one to sign in with, one for the AWS CLI.
const (
	profile    = "acceptance"
	awsProfile = "acceptance-aws"
)

func (k *Kit) writeProfiles() error {
	lines := []string{"[profile " + profile + "]"}
	for _, s := range [][2]string{
		{"azure_tenant_id", k.Tenant},
		{"azure_default_username", k.User},
		{"azure_default_role_arn", k.Role},
		{"region", k.Region},
		{"o365aws_cloud", k.Cloud},
	} {
		if s[1] != "" {
			lines = append(lines, s[0]+" = "+s[1])
		}
	}
	lines = append(
		lines, "[profile "+awsProfile+"]", "o365aws_base = "+profile, "region = "+k.Region,
		`credential_process = "`+filepath.ToSlash(k.Program)+`" credential-process --profile `+awsProfile,
	)
	return os.WriteFile(filepath.Join(k.Dir, "config"), []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}
