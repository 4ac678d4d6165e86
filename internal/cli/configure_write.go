package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/o365aws/o365aws/internal/network"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awspaths"
	"github.com/o365aws/o365aws/internal/configure"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
)

// client reaches the world as a login of the command's profile would, which
// need not be one of ours, nor be there.
func (s *session) client(c *cli.Context) (*http.Client, error) {
	bundle := s.Getenv("AWS_CA_BUNDLE")
	if bundle == "" {
		paths, err := s.places()
		if err != nil {
			return nil, err
		}
		config, err := readConfig(paths)
		if err != nil {
			return nil, err
		}
		bundle = sectionOf(config, awspaths.Profile(common(c, "profile"), s.Getenv)).Get("ca_bundle")
	}
	net, err := network.New(s.Getenv, bundle, "")
	return net.Client, err
}

func readConfig(paths awsconfig.Paths) ([]byte, error) { return awsconfig.ReadFile(paths.Config) }

// sectionOf is a profile as it is in the file; empty when it is not there.
func sectionOf(config []byte, profile string) (found awsconfig.Section) {
	for _, section := range awsconfig.Sections(config) {
		if section.Name == awsconfig.SectionOf(profile) {
			found = section
		}
	}
	return found
}

// makePlan turns the answers into profiles: one, or a base and one per role.
func (w *wizard) makePlan(ctx context.Context) error {
	w.plan.Force = w.c.Bool("force")
	if w.settings.Region == "" {
		role := ""
		if len(w.roles) > 0 {
			role = w.roles[0].ARN
		}
		if w.settings.Region = w.present.Get("region"); w.settings.Region == "" {
			w.settings.Region = regionFor(w.paths, role, w.settings.Cloud)
			w.say(
				"No region is set, so profile %s gets %s; --region, or region in the file, names another.", w.name,
				termtext.Printable(w.settings.Region, 32),
			)
		}
	}
	base := w.settings
	single := w.settings.RoleARN != "" || len(w.roles) == 0
	if !single {
		base.Style = "" // it has no role of its own
	}
	p, err := base.Base(w.name)
	if err != nil {
		return err
	}
	w.plan.Profiles = []configure.Profile{p}
	if single {
		return nil
	}
	aliases := awsconfig.AccountNames(w.paths)
	roles := make([]configure.Role, len(w.roles))
	for i, r := range w.roles {
		roles[i] = configure.Role{ARN: r.ARN, Account: r.Account(), Alias: aliases[r.Account()], Name: r.Name()}
	}
	names, err := configure.Names(w.c.String("name-template"), roles)
	if err != nil {
		return err
	}
	for i, role := range roles {
		p, err := w.settings.ForRole(names[i], w.name, role)
		if err != nil {
			return err
		}
		w.plan.Profiles = append(w.plan.Profiles, p)
	}
	return ctx.Err()
}

// regionFor takes the region of the default profile, or, where the role or
// Microsoft's cloud is of another partition, one of that: without any, AWS's
// tools refuse to work. Who signs in to Microsoft's global cloud may be at home
// in any partition.
func regionFor(paths awsconfig.Paths, roleARN, cloud string) string {
	partition := saml.Home("", roleARN, cloud)
	anywhere := roleARN == "" && partition == saml.Home("", "", "")
	config, _ := readConfig(paths) // who cannot read it is told so when it is to be written
	if region := sectionOf(config, "default").Get("region"); region != "" &&
		(anywhere || saml.PartitionOf(region) == partition) {
		return region
	}
	return partition.DefaultRegion
}

// rehearsal is what a plan would make of the files.
type rehearsal struct {
	before, after []byte // the config file
	unshadows     bool   // the credentials file changes, too
}

// rehearse says what keeps a plan from being carried out.
func rehearse(c *cli.Context, paths awsconfig.Paths, plan configure.Plan) (r rehearsal, err error) {
	if c.Bool("print") && c.Bool("diff") {
		return r, usage("--print and --diff cannot both be")
	}
	if r.before, err = readConfig(paths); err != nil {
		return r, err
	}
	if r.after, err = plan.Apply(r.before); err != nil {
		return r, unwritable(paths.Config, err)
	}
	credentials, err := awsconfig.ReadFile(paths.Credentials)
	if err != nil {
		return r, err
	}
	unshadowed, err := plan.Unshadow(credentials)
	if err != nil {
		return r, unwritable(paths.Credentials, err)
	}
	r.unshadows = !bytes.Equal(credentials, unshadowed)
	if c.Bool("print") || c.Bool("diff") {
		return r, nil
	}
	if err := awsconfig.CanChange(paths.Config); err != nil || !r.unshadows {
		return r, err
	}
	return r, awsconfig.CanChange(paths.Credentials)
}

// writePlan carries a plan out, or shows what it would do. It reports whether
// profiles are in the file now.
func (s *session) writePlan(c *cli.Context, paths awsconfig.Paths, plan configure.Plan) (bool, error) {
	r, err := rehearse(c, paths, plan)
	if err != nil {
		return false, err
	}
	switch {
	case c.Bool("print"):
		_, err := io.WriteString(s.Stdout, plan.String())
		return false, err
	case c.Bool("diff"):
		_, err := io.WriteString(s.Stdout, configure.Diff(paths.Config, r.before, r.after))
		return false, err
	}
	if err := awsconfig.ChangeConfig(c.Context, paths, plan.Apply); err != nil {
		return false, err
	}
	if r.unshadows {
		if err := awsconfig.ChangeCredentials(c.Context, paths, plan.Unshadow); err != nil {
			return false, err
		}
	}
	if bytes.Equal(r.before, r.after) {
		s.say("%s is as it should be already.", s.tilde(paths.Config))
	} else {
		s.say("Wrote %s to %s.", profilesOf(plan), s.tilde(paths.Config))
	}
	return true, nil
}

func unwritable(path string, err error) error {
	if fault.KindOf(err) != fault.Internal {
		return err
	}
	f := fault.Wrap(fault.Config, err, path)
	if errors.As(err, new(*awsconfig.SyntaxError)) {
		f = f.Hint("mend that line, then run this again; o365aws doctor shows all of them")
	}
	return f
}

// shownProfiles bounds a list of names.
const shownProfiles = 6

func profilesOf(plan configure.Plan) string {
	var names []string
	for _, p := range plan.Profiles {
		names = append(names, p.Name)
	}
	text := listed(names)
	return strings.ToLower(text[:1]) + text[1:]
}

// finish says what comes next. The sign-in that was needed anyway gives the
// profile that it names its credentials: without a keychain nothing else is
// kept of it.
func (w *wizard) finish(ctx context.Context) error {
	name, next := w.name, "o365aws login"
	if len(w.roles) > 0 {
		last := w.plan.Profiles[len(w.plan.Profiles)-1].Name
		err := w.take(ctx, last, w.roles[len(w.roles)-1])
		switch {
		case err == nil:
			name, next = last, "aws sts get-caller-identity"
		case len(w.roles) == 1, ctx.Err() != nil:
			return err
		default: // the other profiles are as good as before
			w.say("%s", termtext.Printable(err.Error(), maxMessage))
		}
	}
	if name != "default" {
		next += " --profile " + name
	}
	w.say("Next: %s", next)
	return nil
}

// take gets the credentials of a profile that has been written.
func (w *wizard) take(ctx context.Context, name string, role saml.Role) error {
	profile, err := awsconfig.Load(w.paths, w.Getenv, name, nil)
	if err == nil {
		_, err = w.offer.Take(ctx, profile, role)
	}
	if err == nil {
		w.say(
			"%s is signed in as %s in account %s.", termtext.Printable(w.offer.SessionName, 100), role.Name(),
			role.Account(),
		)
	}
	return err
}

// configureFrom takes over profiles that somebody has shared, after showing
// what they change.
func (s *session) configureFrom(c *cli.Context) error {
	paths, err := s.paths()
	if err != nil {
		return err
	}
	settings, err := s.settings(c)
	if err != nil {
		return err
	}
	if settings.Username = c.String("email"); settings.Username != "" {
		if _, err := configure.CheckEmail(settings.Username); err != nil {
			return err
		}
	}
	client, err := s.client(c)
	if err != nil {
		return err
	}
	data, err := configure.Read(c.Context, client, c.String("from"))
	if err != nil {
		return err
	}
	plan, ignored, err := configure.FromShared(data, settings)
	for _, i := range ignored {
		s.say("left out: %s", termtext.Printable(i.String(), maxMessage))
	}
	if err != nil {
		return err
	}
	plan.Force = c.Bool("force")
	if !c.Bool("yes") && !c.Bool("print") && !c.Bool("diff") {
		if agreed, err := s.agree(c.Context, paths, plan); err != nil || !agreed {
			return err
		}
	}
	_, err = s.writePlan(c, paths, plan)
	return err
}

// agree shows a person what a plan changes, and asks.
func (s *session) agree(ctx context.Context, paths awsconfig.Paths, plan configure.Plan) (bool, error) {
	before, err := readConfig(paths)
	if err != nil {
		return false, err
	}
	after, err := plan.Apply(before)
	if err != nil {
		return false, unwritable(paths.Config, err)
	}
	diff := configure.Diff(paths.Config, before, after)
	if diff == "" {
		return true, nil
	}
	for _, line := range strings.Split(strings.TrimSuffix(diff, "\n"), "\n") {
		s.sayAsIs(termtext.Printable(line, maxMessage))
	}
	ask, err := s.asker(false)
	if err != nil {
		return false, err
	}
	yes, err := ask.terminal.Confirm(ctx, "Write this?")
	if fault.KindOf(err) == fault.NeedsInput {
		return false, fault.New(
			fault.NeedsInput, "somebody has to agree to the change above", "look at it, then pass --yes",
		)
	}
	if err == nil && !yes {
		s.say("Nothing is written.")
	}
	return yes, err
}
