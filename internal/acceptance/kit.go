// Package acceptance runs a checklist of o365aws against a real tenant and a real
// AWS account, which a tester names, or against the emulator. It is not part of a
// release.
package acceptance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/o365aws/o365aws/internal/report"
)

// Kit is a run of the checklist. It works in a folder of its own and does not use
// the files and sessions of the tester.
type Kit struct {
	Program string   // o365aws
	Dir     string   // exists and is empty
	Report  string   // the file to write
	Environ []string // of the programs that it starts
	Out     *os.File // programs write to it too, at the same time
	Confirm func(ctx context.Context, question string) (bool, error)

	Tenant, User, Role, Region, Cloud string
	Methods                           []string // of multifactor authentication that the tester has
	Account                           string   // for a test set-up, "" for none
	Spec                              string   // to plan, "" for none
	Only                              []string // checks; nil is all

	signedIn bool
	check    check // that runs
}

// The results of a check.
const (
	held    = "held"
	failed  = "failed"
	skipped = "skipped"
)

// skip is the error of a check that does not apply. Its text can be published.
type skip string

// Error implements error.
func (s skip) Error() string { return string(s) }

// finding is a result that differs. Its text can be published.
type finding string

// Error implements error.
func (f finding) Error() string { return string(f) }

// Run runs the checks, prints a table of the results, and writes the report. It
// returns an error if a check failed.
func (k *Kit) Run(ctx context.Context) error {
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
		first := document.Format == 0 && (c.name == "sign-in" || c.kind == admin) && result.Result == held
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

// run runs a check. What the report tells of a failure is a constant of this
// package; the tester sees the rest.
func (k *Kit) run(ctx context.Context, c check) report.Accepted {
	_, _ = fmt.Fprintf(k.Out, "\n== %s\n", c.name)
	k.check = c
	err := k.agreed(ctx)
	if err == nil {
		err = c.run(ctx, k)
	}
	result := report.Accepted{Check: c.name, Result: held}
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
		return skip("no tenant and user are named")
	case k.check.kind == session && !k.signedIn:
		return skip("not signed in")
	case k.check.asks == "":
		return nil
	}
	yes, err := k.Confirm(ctx, "The check "+k.check.name+" "+k.check.asks+". Continue?")
	if err != nil || !yes {
		return skip("the tester did not agree")
	}
	return nil
}

// document returns the report of the current check. Without one, the results remain.
func (k *Kit) document(ctx context.Context) report.Document {
	d := report.Document{Format: report.Format}
	data, err := k.output(k.command(ctx, "report", "--output", "json"))
	if err == nil {
		err = json.Unmarshal(data, &d)
	}
	if err != nil {
		_, _ = fmt.Fprintln(k.Out, "no report:", err)
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
			k.Out, "\nThe report is in %s. Look at it, then attach it to an issue: %s\n", k.Report, document.Form(),
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
