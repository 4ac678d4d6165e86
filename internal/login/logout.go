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
	"github.com/o365aws/o365aws/internal/identity"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/report"
)

// Logout deletes the credentials, the session and the secrets of a profile, and returns a
// description of each. The session belongs to the user, so their other profiles must sign
// in again too.
func Logout(ctx context.Context, env Env, p awsconfig.Profile) ([]string, error) {
	id := env.identities().Of(p, identity.Unattended)
	var removed []string
	var errs []error
	note := func(what string, was bool, err error) {
		if was {
			removed = append(removed, what)
		}
		errs = append(errs, err)
	}
	names, err := awsconfig.RemoveCredentials(ctx, env.Paths, []string{p.Name})
	note(fmt.Sprintf("credentials of profile %s in %s", p.Name, env.Paths.Credentials), len(names) > 0, err)
	for _, e := range env.cache().All() {
		if e.Config != env.config() || e.Profile != p.Name {
			continue
		}
		was, err := env.cache().Remove(e)
		note(fmt.Sprintf("cached credentials of %s", e.RoleARN), was, err)
	}
	errs = append(errs, id.ClearFailure())
	for _, browser := range []string{p.Browser, "system"} { // a program's call may have used the latter
		id.Profile.Browser = browser
		errs = append(errs, id.DeleteShared())
	}
	store := env.Stores.Kind(p.Store)
	for _, kind := range identity.Kinds {
		found, err := id.DeleteSecret(ctx, kind)
		note(
			fmt.Sprintf(
				"the %s of %s in the %s", secretNames[kind], cmp.Or(p.Username, "profile "+p.Name), keychain.Names[store],
			),
			found, ignoreAbsent(err),
		)
	}
	found, err := browser.RemoveProfile(id.BrowserProfile())
	note("the persistent browser profile of "+p.Username, found, err)
	return removed, logoutFault(errors.Join(errs...))
}

var secretNames = map[identity.Kind]string{
	identity.SessionSecret: "session", identity.PasswordSecret: "password",
	identity.TOTPSecret: "TOTP secret",
}

// LogoutAll deletes everything that o365aws stores for any profile, except account names.
func LogoutAll(ctx context.Context, env Env) ([]string, error) {
	var removed []string
	var errs []error
	names, err := awsconfig.RemoveCredentials(ctx, env.Paths, env.ourSections())
	errs = append(errs, err)
	for _, name := range names {
		removed = append(removed, fmt.Sprintf("credentials of profile %s in %s", name, env.Paths.Credentials))
	}
	count, err := env.cache().Clear()
	errs = append(errs, err)
	if count > 0 {
		removed = append(removed, fmt.Sprintf("%d cached credentials", count))
	}
	known, err := awsconfig.DeleteState(env.Paths)
	errs = append(errs, err)
	if known {
		removed = append(removed, "remembered roles and tenants")
	}
	errs = append(errs, report.RemoveTrail(env.Paths))
	for _, kind := range []string{"keychain", "kernel", "file"} {
		store, err := env.identities().Store(kind, identity.Unattended)
		was := false
		if err == nil {
			was, err = store.Clear(ctx)
		}
		if was {
			removed = append(removed, "every session and password in the "+keychain.Names[kind])
		}
		errs = append(errs, ignoreAbsent(err))
	}
	for _, dir := range browser.Profiles(env.identities().BrowserProfiles()) {
		was, err := browser.RemoveProfile(dir)
		if was {
			removed = append(removed, "a persistent browser profile")
		}
		errs = append(errs, err)
	}
	return removed, logoutFault(errors.Join(errs...))
}

// ourSections returns the profiles whose temporary credentials o365aws wrote: those in
// the config file that sign in, and those in the cache.
func (e Env) ourSections() []string {
	var sections []string
	if names, err := awsconfig.ProfileNames(e.Paths); err == nil {
		for _, name := range names {
			if _, err := awsconfig.Load(e.Paths, e.Getenv, name, nil); err == nil {
				sections = append(sections, name)
			}
		}
	}
	for _, entry := range e.cache().All() {
		if entry.Config == e.config() {
			sections = append(sections, entry.Profile)
		}
	}
	slices.Sort(sections)
	return slices.Compact(sections)
}

// ignoreAbsent discards the error of a store that this system does not have.
func ignoreAbsent(err error) error {
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
		fault.Config, err, "not everything could be removed",
		"unlock the keychain or make the folder writable, then run o365aws logout again",
	)
}
