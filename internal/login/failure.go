package login

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/termtext"
)

// interactionRequired returns the error of a call that cannot prompt the user.
func (e Env) interactionRequired(p awsconfig.Profile, why string) *fault.Error {
	command := "o365aws login"
	if p.Name != "default" {
		command += " --profile " + termtext.ShellWord(p.Name)
	}
	f := fault.Wrap(fault.NeedsInput, reason(why), interactionMessage(p)).Hint("run %s in a terminal", command)
	if strings.Contains(why, lockedSession) {
		f = f.Hint("to be prompted for the passphrase by every program, set o365aws_process = terminal")
	}
	return f
}

func interactionMessage(p awsconfig.Profile) string {
	return fmt.Sprintf("profile %s needs an interactive sign-in", p.Name)
}

// reason is the reason why interactive sign-in is required. Calls for other profiles of
// the identity share it.
type reason string

func (r reason) Error() string { return string(r) }

// failureLife is how long a failure applies to later calls.
const failureLife = 10 * time.Second

// sharedFailure returns the failure of another call that this one waited for, or of a
// recent one. A login tries again, and so does an interactive call unless it waited for
// the failure. A failure for lack of interactive input does not affect a call that can
// prompt.
func (r resolved) sharedFailure() error {
	f, ok := r.identity.LastFailure(failureLife)
	if !ok || r.use == forLogin || r.Interactive && (f.Reason != "" || !f.At.After(r.began)) {
		return nil
	}
	return r.env.faultOf(r.Profile, f)
}

// faultOf converts the failure of another call to an error for the profile.
func (e Env) faultOf(p awsconfig.Profile, f cache.Failure) error {
	if f.Reason != "" {
		return e.interactionRequired(p, f.Reason)
	}
	return &fault.Error{Kind: fault.Kind(f.Kind), Msg: f.Message, Hints: f.Hints}
}

// concernsOthers reports whether an error applies to other calls of the identity. A bug or
// an invalid setting concerns only this call.
func concernsOthers(err error) bool {
	kind := fault.KindOf(err)
	return kind != fault.Internal && kind != fault.Config
}

// recordFailure stores an error for the calls that wait.
func (r resolved) recordFailure(err error) {
	if concernsOthers(err) {
		r.identity.RecordFailure(r.env.failureOf(err))
	}
}

// failureOf converts an error to the form stored for other calls.
func (e Env) failureOf(err error) cache.Failure {
	f := cache.Failure{At: e.Now(), Kind: int(fault.KindOf(err)), Message: err.Error()}
	if known := (*fault.Error)(nil); errors.As(err, &known) {
		f.Hints = known.Hints
	}
	if why := reason(""); errors.As(err, &why) {
		f.Reason = string(why)
	}
	return f
}
