package cli

import (
	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/termtext"
)

// warnShadowed warns if AWS tools do not use the credentials of a profile that has just
// signed in.
func (s *invocation) warnShadowed(paths awsconfig.Paths, profile string) {
	config, err := awsconfig.ReadFile(paths.Config)
	if err != nil {
		return // the sign-in has already read it
	}
	credentials, err := awsconfig.ReadFile(paths.Credentials)
	if err != nil {
		return
	}
	for _, shadow := range awsconfig.Shadows(paths, config, credentials, profile) {
		s.say("o365aws: warning: %s", termtext.Printable(shadow.String(), 600))
	}
}
