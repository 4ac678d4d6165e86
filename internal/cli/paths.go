package cli

import (
	"errors"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/securefile"
)

// paths returns the file paths for this run. It refuses a folder that other users can
// write to, because its content cannot be trusted.
func (s *invocation) paths() (awsconfig.Paths, error) {
	paths, err := s.places()
	if err != nil {
		return awsconfig.Paths{}, err
	}
	if err := securefile.Home(paths.Home); err != nil {
		return awsconfig.Paths{}, unsafeHome(paths.Home, err)
	}
	return paths, nil
}

// places returns the same paths without that check.
func (s *invocation) places() (awsconfig.Paths, error) {
	home, err := s.UserHome()
	for _, name := range []string{"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "O365AWS_HOME"} {
		if err != nil && s.Getenv(name) == "" {
			return awsconfig.Paths{}, fault.Wrap(fault.Config, err, "no home folder", "set HOME, or "+name)
		}
	}
	return awsconfig.ResolvePaths(s.Getenv, home), nil
}

// unsafeHome explains why the o365aws folder cannot be trusted and how to fix it.
func unsafeHome(home string, err error) error {
	const other = "set O365AWS_HOME to a folder that only you can write to"
	var unsafe *securefile.UnsafeError
	if !errors.As(err, &unsafe) {
		return fault.Wrap(fault.Config, err, "cannot check the permissions of "+home, other)
	}
	f := fault.Newf(fault.Config, "other users could store credentials in %s: %s", home, unsafe.Problem)
	if unsafe.Fix != "" {
		return f.Hint("%s", unsafe.Fix).Hint("or %s", other)
	}
	return f.Hint("%s", other)
}
