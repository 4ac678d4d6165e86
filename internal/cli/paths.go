package cli

import (
	"errors"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/securefile"
)

// paths are the files of this run. A folder of ours that is not the user's
// alone is refused: nothing in it can be relied on.
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

// places are the same files, for who relies on nothing in them.
func (s *session) places() (awsconfig.Paths, error) {
	home, err := s.UserHome()
	if err != nil {
		return awsconfig.Paths{}, fault.Wrap(fault.Config, err, "no home folder", "set HOME")
	}
	return awsconfig.ResolvePaths(s.Getenv, home), nil
}

// notOurs says whose a folder is, and what to do.
func notOurs(home string, err error) error {
	why, mend := err.Error(), ""
	var others *securefile.UnsafeError
	if errors.As(err, &others) {
		why, mend = others.Problem, others.Fix
	}
	f := fault.Newf(fault.Config, "others could put credentials of theirs into %s: %s", home, why)
	if mend != "" {
		f = f.Hint("%s", mend)
	}
	return f.Hint("O365AWS_HOME can name another folder: one of your own, in a folder where nobody else may write")
}
