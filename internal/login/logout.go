package login

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/browser"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/keychain"
)

// Logout forgets the credentials, the session and the secrets of a profile,
// and returns what it removed, in words. The session is that of the person:
// other profiles of theirs have to sign in again too.
func Logout(ctx context.Context, d Deps, p awsconfig.Profile) ([]string, error) {
	p = d.known(p)
	var removed []string
	var errs []error
	note := func(what string, was bool, err error) {
		if was {
			removed = append(removed, what)
		}
		errs = append(errs, err)
	}
	names, err := awsconfig.RemoveCredentials(ctx, d.Paths, []string{p.Name})
	note(fmt.Sprintf("credentials of profile %s in %s", p.Name, d.Paths.Credentials), len(names) > 0, err)
	for _, e := range d.cache().All() {
		if e.Config != d.config() || e.Profile != p.Name {
			continue
		}
		was, err := d.cache().Remove(e)
		note(fmt.Sprintf("cached credentials of %s", e.RoleARN), was, err)
	}
	errs = append(errs, d.cache().Forgive(identityOf(p)))
	for _, way := range []string{p.Browser, "system"} { // which a program's call may have taken
		asked := wanted{Request: Request{Profile: p}, identity: identityOf(p)}
		asked.Profile.Browser = way
		errs = append(errs, d.cache().RemoveSealed(shareKey(asked)))
	}
	for _, kind := range []string{sessionSecret, passwordSecret, seedSecret} {
		was, err := d.deleteSecret(ctx, kind, p, false)
		note(
			fmt.Sprintf(
				"the %s of %s in the %s", secretWords[kind], cmp.Or(p.Username, "profile "+p.Name),
				storeWords[p.Store],
			),
			was,
			present(err),
		)
	}
	was, err := browser.ForgetKept(d.keptWindow(p))
	note("the kept browser profile of "+p.Username, was, err)
	return removed, logoutFault(errors.Join(errs...))
}

var secretWords = map[string]string{
	sessionSecret: "session", passwordSecret: "password", seedSecret: "seed for one-time codes",
}

var storeWords = map[string]string{
	"keychain": "system's keychain", "": "system's keychain", "file": "files of secrets",
	"none": "store that keeps nothing",
}

// LogoutAll forgets everything that o365aws keeps, of every profile, but for
// the names of accounts.
func LogoutAll(ctx context.Context, d Deps) ([]string, error) {
	var removed []string
	var errs []error
	names, err := awsconfig.RemoveCredentials(ctx, d.Paths, d.ourSections())
	errs = append(errs, err)
	for _, name := range names {
		removed = append(removed, fmt.Sprintf("credentials of profile %s in %s", name, d.Paths.Credentials))
	}
	count, err := d.cache().Clear()
	errs = append(errs, err)
	if count > 0 {
		removed = append(removed, fmt.Sprintf("%d cached credentials", count))
	}
	known, err := awsconfig.Forget(d.Paths)
	errs = append(errs, err)
	if known {
		removed = append(removed, "what was known of roles and tenants")
	}
	for _, kind := range []string{"keychain", "file"} {
		store, err := d.store(kind, false)
		was := false
		if err == nil {
			was, err = store.Clear(ctx)
		}
		if was {
			removed = append(removed, "every session and password in the "+storeWords[kind])
		}
		errs = append(errs, present(err))
	}
	for _, dir := range browser.Kept(d.windows()) {
		was, err := browser.ForgetKept(dir)
		if was {
			removed = append(removed, "a kept browser profile")
		}
		errs = append(errs, err)
	}
	return removed, logoutFault(errors.Join(errs...))
}

// ourSections are the profiles whose temporary credentials we wrote: those of
// the config file that sign in, and those that the cache knows.
func (d Deps) ourSections() []string {
	var sections []string
	if names, err := awsconfig.ProfileNames(d.Paths); err == nil {
		for _, name := range names {
			if _, err := awsconfig.Load(d.Paths, d.Env, name, nil); err == nil {
				sections = append(sections, name)
			}
		}
	}
	for _, e := range d.cache().All() {
		if e.Config == d.config() {
			sections = append(sections, e.Profile)
		}
	}
	slices.Sort(sections)
	return slices.Compact(sections)
}

// present drops the error of a store that this system does not have: nothing
// is kept there.
func present(err error) error {
	var unavailable *keychain.UnavailableError
	if errors.As(err, &unavailable) && unavailable.Absent {
		return nil
	}
	return err
}

func logoutFault(err error) error {
	if err == nil {
		return nil
	}
	if fault.KindOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(
		fault.Config, err, "not everything could be forgotten",
		"unlock the keychain, or free the folder, and run o365aws logout again",
	)
}
