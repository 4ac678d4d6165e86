package configure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/termtext"
)

// Section returns the section of a profile, or an empty one if there is none.
func Section(config []byte, profile string) awsconfig.Section {
	found, _ := awsconfig.FindProfile(awsconfig.Sections(config), profile)
	return found
}

// RegionFor returns the region of the default profile or, if the role or Microsoft's
// cloud belongs to another partition, the default region of that partition, because the
// AWS tools require a region. A user of Microsoft's global cloud may work in any
// partition.
func RegionFor(paths awsconfig.Paths, roleARN, cloud string) string {
	partition := saml.Home("", roleARN, cloud)
	anywhere := roleARN == "" && partition == saml.Home("", "", "")
	config, _ := awsconfig.ReadFile(paths.Config) // writing the file reports any error
	region := Section(config, "default").Get("region")
	if region != "" && (anywhere || saml.PartitionOf(region) == partition) {
		return region
	}
	return partition.DefaultRegion
}

// changes holds the files before and after a plan.
type changes struct {
	before, after           []byte // the config file
	credentials, unshadowed []byte // the credentials file
}

// unshadows reports whether the credentials file also changes.
func (c changes) unshadows() bool { return !bytes.Equal(c.credentials, c.unshadowed) }

// dryRun returns the changes that a plan would make, or an error if it cannot be
// executed.
func dryRun(paths awsconfig.Paths, plan Plan, o Options) (c changes, err error) {
	if o.Print && o.Diff {
		return c, fault.New(fault.Config, "--print and --diff cannot be combined", "use one of them")
	}
	if c.before, err = awsconfig.ReadFile(paths.Config); err != nil {
		return c, err
	}
	if c.after, err = plan.Apply(c.before); err != nil {
		return c, unwritable(paths.Config, err)
	}
	if c.credentials, err = awsconfig.ReadFile(paths.Credentials); err != nil {
		return c, err
	}
	if c.unshadowed, err = plan.Unshadow(c.credentials); err != nil {
		return c, unwritable(paths.Credentials, err)
	}
	if o.dryRun() {
		return c, nil
	}
	if err := awsconfig.CanChange(paths.Config); err != nil || !c.unshadows() {
		return c, err
	}
	return c, awsconfig.CanChange(paths.Credentials)
}

// write executes a plan or shows its changes. It reports whether the profiles were
// written.
func write(ctx context.Context, env Env, plan Plan, o Options) (bool, error) {
	c, err := dryRun(env.Paths, plan, o)
	if err != nil {
		return false, err
	}
	switch {
	case o.Print:
		_, err := io.WriteString(env.Stdout, plan.String())
		return false, err
	case o.Diff:
		_, err := io.WriteString(env.Stdout, Diff(env.Paths.Config, c.before, c.after)+
			Diff(env.Paths.Credentials, c.credentials, c.unshadowed))
		return false, err
	}
	if err := awsconfig.ChangeConfig(ctx, env.Paths, plan.Apply); err != nil {
		return false, err
	}
	if c.unshadows() {
		if err := awsconfig.ChangeCredentials(ctx, env.Paths, plan.Unshadow); err != nil {
			return false, err
		}
	}
	if bytes.Equal(c.before, c.after) {
		env.Say("%s is already up to date.", env.Paths.Config)
	} else {
		var names []string
		for _, p := range plan.Profiles {
			names = append(names, p.Name)
		}
		env.Say("Wrote %s to %s.", ProfileList(names), env.Paths.Config)
	}
	return true, nil
}

func unwritable(path string, err error) error {
	if fault.KindOf(err) != fault.Internal {
		return err
	}
	f := fault.Wrap(fault.Config, err, path)
	if errors.As(err, new(*awsconfig.SyntaxError)) {
		f = f.Hint("fix that line and retry; o365aws doctor lists all invalid lines")
	}
	return f
}

// maxListed is the maximum length of a list of profile names.
const maxListed = 6

// ProfileList returns a list of profile names, shortened if there are many: "profiles a,
// b and 3 more".
func ProfileList(names []string) string {
	if len(names) == 1 {
		return "profile " + names[0]
	}
	text := "profiles " + strings.Join(names[:min(len(names), maxListed)], ", ")
	if n := len(names) - maxListed; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}

// confirm shows the changes of a publisher's plan and asks whether to write them.
func confirm(ctx context.Context, env Env, plan Plan, publisher string) (bool, error) {
	before, err := awsconfig.ReadFile(env.Paths.Config)
	if err != nil {
		return false, err
	}
	after, err := plan.Apply(before)
	if err != nil {
		return false, unwritable(env.Paths.Config, err)
	}
	diff := Diff(env.Paths.Config, before, after)
	if diff == "" {
		return true, nil
	}
	env.Say("Published by %s:", termtext.Printable(publisher, maxMessage))
	for line := range strings.Lines(diff) {
		env.SayLine(termtext.Printable(strings.TrimSuffix(line, "\n"), maxMessage))
	}
	yes, err := env.Prompt.Confirm(ctx, "Apply these changes?")
	if fault.KindOf(err) == fault.NeedsInput {
		return false, fault.New(
			fault.NeedsInput, "confirmation required for the changes above", "review them, then pass --yes",
		)
	}
	if err == nil && !yes {
		env.Say("No changes written.")
	}
	return yes, err
}
