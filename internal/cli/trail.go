package cli

import (
	"context"
	"errors"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awspaths"
	"github.com/o365aws/o365aws/internal/report"
	"github.com/o365aws/o365aws/internal/subprocess"
)

// recorder returns the recorder of this run's trail. It deletes a stored trail that is
// too old.
func (s *invocation) recorder(paths awsconfig.Paths) *report.Recorder {
	if s.trail == nil {
		report.ExpireTrail(paths, s.Now())
		v, _ := buildVersion()
		s.trail = report.NewRecorder(v, s.Now())
	}
	return s.trail
}

// adminRecorder returns the recorder of an admin command. Admin commands have no profile,
// so the default profile's setting applies. It returns nil without a home folder.
func (s *invocation) adminRecorder() *report.Recorder {
	paths, err := s.paths()
	if err != nil {
		return nil
	}
	r := s.recorder(paths)
	if p, _ := awsconfig.Draft(paths, s.Getenv, awspaths.Profile("", s.Getenv), nil); p.Trail == "none" {
		r.TurnOff()
	}
	return r
}

// saveTrail stores the trail of a run that ends with err. It logs errors and does not return
// them.
func (s *invocation) saveTrail(ctx context.Context, err error) {
	if s.trail == nil {
		return
	}
	var status subprocess.Status
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case errors.As(err, &status): // of another program
		err = nil
	}
	paths, pathErr := s.paths()
	if pathErr != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if saveErr := s.trail.Save(ctx, paths, s.command, err); saveErr != nil {
		s.logger().Debug("the trail was not saved", "error", saveErr)
	}
}
