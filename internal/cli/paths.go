package cli

import (
	"errors"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/securefile"
)

// paths returns the files of this run. A folder that other users can write to is
// refused: its content cannot be trusted.
func (s *session) paths() (awsconfig.Paths, error) {
	paths, err := s.places()
	if err != nil {
		return awsconfig.Paths{}, err
	}
	if err := securefile.Home(paths.Home); err != nil {
		return awsconfig.Paths{}, notOurs(paths.Home, err)
	}
	return paths, nil
}

// places returns the same files without that check.
func (s *session) places() (awsconfig.Paths, error) {
	home, err := s.UserHome()
	if err != nil {
		return awsconfig.Paths{}, fault.Wrap(fault.Config, err, "no home folder", "set HOME")
	}
	return awsconfig.ResolvePaths(s.Getenv, home), nil
}

// notOurs explains who can write to a folder, and the fix.
func notOurs(home string, err error) error {
	why, mend := err.Error(), ""
	var others *securefile.UnsafeError
	if errors.As(err, &others) {
		why, mend = others.Problem, others.Fix
	}
	f := fault.Newf(fault.Config, "other users could store credentials in %s: %s", home, why)
	if mend != "" {
		f = f.Hint("%s", mend)
	}
	return f.Hint("or set O365AWS_HOME to a folder that only you can write to")
}
